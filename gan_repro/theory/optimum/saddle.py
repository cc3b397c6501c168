"""The game on finitely many points: which order of min and max, and where its saddle points lie.

A generator is a probability vector p_g over (n,) points, a discriminator a vector D in (0, 1)^n,
and V(p_g, D) = Σ p_data log D + p_g log(1 - D): eq. 3 with sums. Values are in nats.
"""

import numpy as np
from scipy.optimize import minimize

from gan_repro.theory.densities.analytic import Array
from gan_repro.theory.optimum.density_game import payoff, supremum

INSIDE = 1e-9


def reply_of_generator(p_data: Array, d: Array) -> float:
    """Return min over p_g of V(p_g, D): all of p_g on the point that D takes most for data.

    V is linear in p_g, so that a vertex is a minimum: a generator that replies to a fixed D
    needs no diversity.
    """
    return payoff(p_data, np.eye(len(d))[np.argmax(d)], d)


def min_max(p_data: Array) -> tuple[float, Array]:
    """Return min over p_g of max over D, and the p_g that attains it, by a solver.

    The solver is given C(G) and the simplex, and knows nothing of Theorem 1.
    """
    size = len(p_data)
    found = minimize(
        lambda p_g: supremum(p_data, np.clip(p_g, 0, None)),
        np.random.default_rng(0).dirichlet(np.ones(size)),
        method="SLSQP",
        bounds=[(0, 1)] * size,
        constraints={"type": "eq", "fun": lambda p_g: p_g.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return float(found.fun), found.x


def max_min(p_data: Array) -> tuple[float, Array]:
    """Return max over D of min over p_g, and the D that attains it, by a solver.

    With t = min log(1 - D) the problem is to maximise Σ p_data log D + t under t ≤ log(1 - D).
    """
    size = len(p_data)

    def negative(point: Array) -> float:
        return -(p_data @ np.log(point[:-1])) - point[-1]

    found = minimize(
        negative,
        np.append(np.random.default_rng(0).uniform(0.2, 0.4, size), -1.0),
        method="SLSQP",
        bounds=[(INSIDE, 1 - INSIDE)] * size + [(-30, 0)],
        constraints={"type": "ineq", "fun": lambda point: np.log1p(-point[:-1]) - point[-1]},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return -float(found.fun), found.x[:-1]


def min_max_of_points(p_data: Array) -> float:
    """Return min over single points of max over D: for generators that cannot mix."""
    return min(supremum(p_data, point) for point in np.eye(len(p_data)))

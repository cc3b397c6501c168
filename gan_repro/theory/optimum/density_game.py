"""The game in the space of densities on a grid: U(p_g, D), its supremum over D and descent.

A density is an array of shape (n,) of values on cells of width ``cell``, so that
``p.sum() * cell == 1``; with ``cell = 1`` it is a discrete distribution. Values are in nats.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from gan_repro.theory.densities.analytic import Array, Density
from gan_repro.theory.densities.divergences import discrete_kullback_leibler

Update = Callable[[Array, Array, float, float], Array]

# Stands for a density of zero inside a logarithm.
FLOOR = 1e-300


def on_grid(density: Density, edges: Array) -> Array:
    """Return the mean of a density over each cell between the (n + 1,) edges, renormalised."""
    mass = np.diff(density.cdf(edges))
    return mass / mass.sum() / np.diff(edges)


def random_density(rng: np.random.Generator, x: Array, cell: float, waves: int = 5) -> Array:
    """Return a random smooth positive density at the (n,) centres x of the cells."""
    frequency, phase, weight = rng.uniform([0.3, 0, -1], [4, 2 * np.pi, 1], (waves, 3)).T
    values = np.exp(np.sin(x[:, None] * frequency + phase) @ weight)
    return values / (values.sum() * cell)


def best_response(p_data: Array, p_g: Array) -> Array:
    """Return D*(x) = p_data / (p_data + p_g) on the grid, eq. 2; NaN where both vanish."""
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, np.nan), where=total > 0)


def payoff(p_data: Array, p_g: Array, d: Array, cell: float = 1.0) -> float:
    """Return U(p_g, D) = ∫ p_data log D + p_g log(1 - D), eq. 3, with 0·log 0 = 0."""
    seen = (p_data > 0) | (p_g > 0)
    terms = xlogy(p_data[seen], d[seen]) + xlogy(p_g[seen], 1 - d[seen])
    return float(terms.sum() * cell)


def supremum(p_data: Array, p_g: Array, cell: float = 1.0) -> float:
    """Return sup_D U(p_g, D) = C(G), eq. 4: the payoff of the best response.

    Written with logarithms of densities, because D* rounds to 1 where p_g is very small.
    """
    total = p_data + p_g
    terms = xlogy(p_data, p_data) + xlogy(p_g, p_g) - xlogy(total, total)
    return float(terms.sum() * cell)


def derivative(p_data: Array, p_g: Array, outside: float = 0.5) -> Array:
    """Return a subgradient of sup_D U at p_g: log(1 - D*), with D* = ``outside`` where both vanish.

    The derivative of U(·, D) at fixed D is log(1 - D); Danskin's theorem, quoted in the proof of
    Proposition 2, says that the supremum has this derivative at D = D*, with no term for D* moving.
    Where only p_g vanishes the true slope is -∞, and log FLOOR stands for it.
    """
    total = p_data + p_g
    seen = total > 0
    slope = np.log(np.maximum(p_g, FLOOR)) - np.log(np.where(seen, total, 1.0))
    return np.where(seen, slope, np.log1p(-outside))


def mirror_update(p_g: Array, gradient: Array, step: float, cell: float) -> Array:
    """Return the exponentiated-gradient update p_g · exp(-step · gradient), renormalised.

    A point without mass gets none, whatever the gradient there.
    """
    living = p_g > 0
    logits = np.log(p_g[living]) - step * gradient[living]
    found = np.zeros_like(p_g)
    found[living] = np.exp(logits - logits.max())
    return found / (found.sum() * cell)


def projected_update(p_g: Array, gradient: Array, step: float, cell: float) -> Array:
    """Return the density nearest in L² to p_g - step · gradient."""
    target = p_g - step * gradient
    descending = np.sort(target)[::-1]
    excess = (np.cumsum(descending) - 1 / cell) / np.arange(1, len(target) + 1)
    shift = excess[np.flatnonzero(descending > excess)[-1]]
    found = np.maximum(target - shift, 0)
    return found / (found.sum() * cell)


@dataclass(frozen=True)
class Descent:
    """What a descent went through: (steps + 1, n) densities and (steps + 1,) criteria C(G)."""

    densities: Array
    criterion: Array


def descend(
    p_data: Array,
    start: Array,
    update: Update,
    steps: Iterable[float],
    cell: float = 1.0,
    outside: float = 0.5,
) -> Descent:
    """Update p_g with D optimal at each step, as in Proposition 2, by steps of the given sizes.

    D is ``outside`` where neither density has mass, and where its optimum is arbitrary.
    """
    densities = [start]
    for step in steps:
        p_g = densities[-1]
        densities.append(update(p_g, derivative(p_data, p_g, outside), step, cell))
    values = [supremum(p_data, p_g, cell) for p_g in densities]
    return Descent(np.array(densities), np.array(values))


def relative_entropy(p_data: Array, p_g: Array, cell: float = 1.0) -> float:
    """Return KL(p_data ‖ p_g) on the grid, infinite where p_g misses a part of the data."""
    return discrete_kullback_leibler(p_data * cell, p_g * cell)


def distances(p_data: Array, densities: Array, cell: float = 1.0) -> Array:
    """Return the total variation of each of (k, n) densities from p_data: shape (k,)."""
    return 0.5 * cell * np.abs(densities - p_data).sum(axis=1)


def rate(errors: Array, floor: float = 1e-12) -> float:
    """Return the factor by which (k,) errors shrink per step, fitted over their second half.

    Errors under ``floor``, where rounding rules, are left out; NaN where fewer than two remain.
    """
    kept = errors[: np.argmax(errors < floor)] if np.any(errors < floor) else errors
    tail = kept[len(kept) // 2 :]
    if len(tail) < 2:
        return float("nan")
    slope = np.polyfit(np.arange(len(tail)), np.log(tail), 1)[0]
    return float(np.exp(slope))

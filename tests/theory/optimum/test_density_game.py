import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize

from gan_repro.theory.densities.analytic import Gaussian, Uniform
from gan_repro.theory.densities.examples import random_distributions
from gan_repro.theory.optimum.density_game import (
    best_response,
    derivative,
    descend,
    distances,
    mirror_update,
    on_grid,
    payoff,
    projected_update,
    random_density,
    rate,
    relative_entropy,
    supremum,
)
from gan_repro.theory.optimum.discriminator import criterion
from gan_repro.theory.optimum.two_means import TwoMeans, descend_many, hessian

seeds = st.integers(0, 2**32)
EDGES = np.linspace(-3, 3, 121)
CELL = EDGES[1] - EDGES[0]
X = (EDGES[:-1] + EDGES[1:]) / 2
P_DATA = on_grid(Gaussian(0.3, 1.0), EDGES)


def test_on_grid_is_a_density():
    assert P_DATA.sum() * CELL == pytest.approx(1)
    np.testing.assert_allclose(on_grid(Uniform(-3, 3), EDGES), 1 / 6)


def test_grid_criterion_approaches_the_exact_one():
    edges = np.linspace(-12, 12, 4801)
    pair = Gaussian(0, 1), Gaussian(1, 1.5)
    grid = supremum(*(on_grid(p, edges) for p in pair), edges[1] - edges[0])
    assert grid == pytest.approx(criterion(*pair).value, abs=1e-5)


@given(seeds)
def test_supremum_is_the_payoff_of_the_best_response(seed):
    rng = np.random.default_rng(seed)
    p, q = random_distributions(rng)
    d = best_response(p, q)
    # Where one density is 1e16 times the other, D* rounds to 0 or 1 and the payoff to -inf.
    assume(not (((d == 1) & (q > 0)) | ((d == 0) & (p > 0))).any())
    assert supremum(p, q) == pytest.approx(payoff(p, q, d), abs=1e-12)
    assert payoff(p, q, rng.random(len(p))) <= supremum(p, q) + 1e-12
    assert np.isnan(d).sum() == ((p == 0) & (q == 0)).sum()


@given(seeds)
def test_criterion_of_random_distributions(seed):
    p, q = random_distributions(np.random.default_rng(seed))
    excess, distance = supremum(p, q) + math.log(4), np.abs(p - q).sum() / 2
    assert supremum(p, p) == pytest.approx(-math.log(4), abs=1e-12)
    assert distance**2 - 1e-12 <= excess <= math.log(4) * distance + 1e-12


@given(seeds, st.floats(0, 1))
def test_convex_and_affine(seed, t):
    rng = np.random.default_rng(seed)
    p, q = (random_density(rng, X, CELL) for _ in range(2))
    d = rng.uniform(0.05, 0.95, len(X))
    between = (1 - t) * p + t * q

    def chord(function):
        return (1 - t) * function(p) + t * function(q)

    assert supremum(P_DATA, between, CELL) <= chord(lambda r: supremum(P_DATA, r, CELL)) + 1e-12
    assert payoff(P_DATA, between, d, CELL) == pytest.approx(
        chord(lambda r: payoff(P_DATA, r, d, CELL)), abs=1e-12
    )


@given(seeds)
def test_danskin(seed):
    rng = np.random.default_rng(seed)
    p = random_density(rng, X, CELL)
    h = p * (np.sin(3 * X) - CELL * np.sum(p * np.sin(3 * X)))
    slope = CELL * np.sum(h * derivative(P_DATA, p))
    ends = [supremum(P_DATA, p + e * h, CELL) for e in (-1e-5, 1e-5)]
    assert (ends[1] - ends[0]) / 2e-5 == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("update", [mirror_update, projected_update])
@given(seed=seeds, step=st.floats(0.001, 2))
def test_updates_return_densities(update, seed, step):
    rng = np.random.default_rng(seed)
    p = update(random_density(rng, X, CELL), rng.normal(size=len(X)), step, CELL)
    assert p.min() >= 0
    assert p.sum() * CELL == pytest.approx(1)


def test_mirror_descent_never_revives_a_point_and_projection_does():
    p_data, start = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.6, 0.0])
    slope = derivative(p_data, start)
    assert mirror_update(start, slope, 1.0, 1.0)[2] == 0
    assert projected_update(start, slope, 1.0, 1.0)[2] > 0


def test_the_derivative_is_log_one_minus_the_best_response():
    p_data, p_g = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.0, 0.75, 0.0])
    found = derivative(p_data, p_g, outside=0.2)
    assert found[0] == pytest.approx(math.log(1 / 3))
    assert found[1] < -600
    assert found[2] == 0
    assert found[3] == pytest.approx(math.log(0.8))


def test_the_derivative_is_a_subgradient_wherever_d_is_arbitrary():
    rng = np.random.default_rng(0)
    p_data, p_g = np.array([0.6, 0.4, 0.0]), np.array([0.3, 0.7, 0.0])
    for outside in (0.01, 0.5, 0.99):
        slope = derivative(p_data, p_g, outside)
        for other in rng.dirichlet(np.ones(3), 50):
            tangent = supremum(p_data, p_g) + slope @ (other - p_g)
            assert supremum(p_data, other) >= tangent - 1e-12


def test_descent_takes_the_steps_it_is_given():
    start = random_density(np.random.default_rng(1), X, CELL)
    run = descend(P_DATA, start, mirror_update, [0.5, 0.25], CELL)
    first = mirror_update(start, derivative(P_DATA, start), 0.5, CELL)
    second = mirror_update(first, derivative(P_DATA, first), 0.25, CELL)
    np.testing.assert_allclose(run.densities, [start, first, second])
    assert run.criterion == pytest.approx([supremum(P_DATA, p, CELL) for p in run.densities])


def test_relative_entropy_is_scipys_on_the_cells():
    p = random_density(np.random.default_rng(1), X, CELL)
    expected = stats.entropy(P_DATA * CELL, p * CELL)
    assert relative_entropy(P_DATA, p, CELL) == pytest.approx(expected)
    assert relative_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == math.inf


def test_projection_is_the_nearest_density():
    rng = np.random.default_rng(0)
    p, gradient = rng.dirichlet(np.ones(6)), rng.normal(size=6)
    found = minimize(
        lambda q: np.sum((q - p + 0.3 * gradient) ** 2),
        np.full(6, 1 / 6),
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda q: q.sum() - 1},
        options={"ftol": 1e-15},
    )
    np.testing.assert_allclose(projected_update(p, gradient, 0.3, 1.0), found.x, atol=1e-6)


def test_step_one_takes_the_average():
    start = random_density(np.random.default_rng(1), X, CELL)
    run = descend(P_DATA, start, mirror_update, [1.0] * 3, CELL)
    np.testing.assert_allclose(run.densities[1], (P_DATA + start) / 2, rtol=1e-12)
    assert run.criterion.shape == (4,)


@pytest.mark.parametrize("step", [0.5, 1.0, 1.5, 3.0])
def test_measured_rate(step):
    start = on_grid(Gaussian(0, 2), EDGES)
    run = descend(P_DATA, start, mirror_update, [step] * 40, CELL)
    assert rate(distances(P_DATA, run.densities, CELL)) == pytest.approx(
        abs(1 - step / 2), abs=5e-3
    )


@given(seeds, st.floats(0.01, 1))
def test_small_steps_always_improve(seed, step):
    start = random_density(np.random.default_rng(seed), X, CELL)
    run = descend(P_DATA, start, mirror_update, [step] * 10, CELL)
    assert np.diff(run.criterion).max() <= 1e-12


def test_rate_of_a_geometric_sequence():
    assert rate(0.3 ** np.arange(12)) == pytest.approx(0.3)
    assert math.isnan(rate(np.array([1.0, 1e-15])))


def test_parametric_gradient_and_trap():
    family = TwoMeans(np.linspace(-8, 8, 321))
    assert family.gradient_error(np.array([0.4, 1.7])) < 1e-8
    reached, trapped = descend_many(family, [[-1.0, 1.0], [1.5, -1.5]], step=2.0, steps=300)
    np.testing.assert_allclose(reached, family.truth, atol=1e-6)
    assert family.criterion(trapped) > -math.log(4) + 0.2
    assert np.abs(family.gradient(trapped)).max() < 1e-10
    assert np.linalg.eigvalsh(hessian(family.gradient, trapped)).min() > 0.1

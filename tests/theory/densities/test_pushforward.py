import numpy as np
import pytest
import torch
from scipy.integrate import quad

from gan_repro.theory.densities.pushforward import (
    EDGE,
    P_Z,
    density_along,
    generate,
    model_masses,
    noise_cells,
    noise_rule,
    pushforward,
    slope,
)
from gan_repro.theory.games.small import random_generator

GENERATOR = random_generator(1, monotone=True)
FOLDED = random_generator(2)


def test_the_prior_is_uniform_with_variance_one():
    z, mass = noise_cells(1000)
    assert (z[0], z[-1]) == (-EDGE, EDGE)
    assert mass.sum() == pytest.approx(1)
    assert quad(lambda x: P_Z * x**2, -EDGE, EDGE)[0] == pytest.approx(1)


def test_the_slope_is_the_central_difference():
    z = np.linspace(-1.5, 1.5, 31)
    central = (generate(FOLDED, z + 1e-5) - generate(FOLDED, z - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope(FOLDED, z), central, rtol=1e-6, atol=1e-9)


def test_density_along_a_generator_integrates_to_the_probability_between():
    """P(x < G(z)) = P(z' < z), and the density of x is its derivative in x."""
    z = np.linspace(-1.6, 1.6, 3001)
    x, density = generate(GENERATOR, z), density_along(GENERATOR, z)
    mass = np.trapezoid(density, x)
    assert mass == pytest.approx(3.2 * P_Z, rel=1e-5)


def test_density_of_a_decreasing_generator_is_positive():
    mirrored = torch.nn.Sequential(*GENERATOR, torch.nn.Linear(1, 1, bias=False).double())
    with torch.no_grad():
        mirrored[-1].weight.fill_(-2.0)
    z = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(density_along(mirrored, z), density_along(GENERATOR, z) / 2)


@pytest.mark.parametrize("power", [0, 1, 2, 7])
def test_the_rule_over_noise_is_exact_for_polynomials(power):
    z, weights = noise_rule(3)
    exact = quad(lambda x: P_Z * x**power, -EDGE, EDGE)[0]
    assert weights @ z**power == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("generator", [GENERATOR, FOLDED])
def test_model_masses_hold_everything_and_match_samples(generator):
    edges, mass = model_masses(generator, 2000)
    assert mass.sum() == pytest.approx(1)
    draws = generate(generator, np.random.default_rng(0).uniform(-EDGE, EDGE, 200_000))
    counts = np.histogram(draws, edges[::40])[0] / len(draws)
    np.testing.assert_allclose(counts, mass.reshape(50, 40).sum(axis=1), atol=0.003)


def test_expectations_over_z_are_expectations_over_x():
    """The step from z to x in eqs 1, 3 and 4."""
    z, weights = noise_rule()
    edges, mass = model_masses(FOLDED, 4000)
    centres = (edges[1:] + edges[:-1]) / 2
    assert weights @ np.cos(generate(FOLDED, z)) == pytest.approx(mass @ np.cos(centres), abs=1e-6)


def cells(count=2000):
    z = np.linspace(0, 1, count + 1)
    return z, np.full(count, 1 / count)


@pytest.mark.parametrize("slope", [2.0, -0.5])
def test_pushforward_of_a_line_is_exact(slope):
    z, mass = cells(10)
    edges = np.linspace(-1, 3, 41)
    found = pushforward(slope * z + 0.5, mass, edges)
    low, high = sorted((0.5, 0.5 + slope))
    exact = np.diff(np.clip((edges - low) / (high - low), 0, 1))
    np.testing.assert_allclose(found, exact, atol=1e-14)


def test_pushforward_of_a_fold_is_the_sum_over_branches():
    # x = (2z - 1)² has the distribution function √x.
    z, mass = cells()
    edges = np.linspace(0, 1, 21)
    found = pushforward((2 * z - 1) ** 2, mass, edges)
    np.testing.assert_allclose(found, np.diff(np.sqrt(edges)), atol=1e-6)


def test_pushforward_is_second_order_in_the_grid():
    edges = np.linspace(1, np.e, 11)
    exact = np.diff(np.log(edges))
    coarse, fine = (
        np.abs(pushforward(np.exp(z), mass, edges) - exact).max()
        for z, mass in map(cells, (37, 370))
    )
    assert fine < coarse / 30


def test_pushforward_of_a_constant_is_an_atom():
    _, mass = cells(10)
    found = pushforward(np.full(11, 0.25), mass, np.linspace(0, 1, 11))
    np.testing.assert_allclose(found, np.eye(10)[2], atol=1e-9)

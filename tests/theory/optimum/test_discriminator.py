import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from gan_repro.theory.densities.analytic import Cauchy, Gaussian, Uniform
from gan_repro.theory.densities.divergences import total_variation
from gan_repro.theory.densities.examples import pairs
from gan_repro.theory.optimum.discriminator import (
    criterion,
    criterion_by_jsd,
    criterion_by_kl,
    label_entropy,
    log_odds,
    monte_carlo_criterion,
    optimal_discriminator,
    probability_of_mistake,
    value,
)
from gan_repro.theory.optimum.perturbations import bend, blend, random_direction, second_variation

PAIRS = list(pairs().items())


@given(st.floats(-30, 30))
def test_ratio_of_densities_in_high_precision(x):
    with mpmath.workdps(60):
        a = mpmath.npdf(mpmath.mpf(x), 0, 1)
        b = mpmath.npdf(mpmath.mpf(x), 1, mpmath.mpf("1.5"))
        exact = float(a / (a + b))
    measured = float(optimal_discriminator(Gaussian(0, 1), Gaussian(1, 1.5), x))
    assert measured == pytest.approx(exact, rel=1e-12)


def test_logit_of_gaussians_is_the_symbolic_quadratic():
    x = sp.symbols("x", real=True)
    ratio = sp.exp(-(x**2) / 2) / (sp.exp(-((x - 1) ** 2) / (2 * sp.Rational(9, 4))) * 2 / 3)
    logit = sp.lambdify(x, sp.expand_log(sp.log(ratio), force=True))
    points = np.linspace(-50, 50, 101)
    measured = log_odds(Gaussian(0, 1), Gaussian(1, 1.5), points)
    np.testing.assert_allclose(measured, logit(points), rtol=1e-12)


def test_undefined_exactly_outside_both_supports():
    x = np.array([-0.1, 0.5, 1.5, 2.5, 4.1])
    d = optimal_discriminator(Uniform(0, 2), Uniform(1, 4), x)
    np.testing.assert_allclose(d, [np.nan, 1, 0.6, 0, np.nan])


def test_defined_in_tails_where_both_densities_underflow():
    assert optimal_discriminator(Gaussian(), Gaussian(), 1e3) == 0.5
    assert optimal_discriminator(Cauchy(0, 1), Cauchy(0, 3), 1e100) == pytest.approx(0.25)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(PAIRS), st.floats(0.01, 0.99))
def test_no_discriminator_beats_the_optimum(seed, pair, t):
    _, (p_data, p_g) = pair
    other = blend(p_data, p_g, random_direction(np.random.default_rng(seed)), t)
    assert value(p_data, p_g, other).value <= criterion(p_data, p_g).value + 1e-10


def test_value_of_a_coin_is_minus_log_four():
    for _, (p_data, p_g) in PAIRS:
        assert value(p_data, p_g, lambda x: 0.0).value == pytest.approx(-math.log(4), abs=1e-10)


def test_value_of_a_certain_mistake_is_minus_infinity():
    assert value(Uniform(), Uniform(), lambda x: math.inf).value == -math.inf


@pytest.mark.parametrize("route", [criterion, criterion_by_kl, criterion_by_jsd])
@settings(max_examples=10, deadline=None)
@given(st.floats(-5, 5), st.floats(0.2, 5))
def test_routes_agree_and_stay_between_the_bounds(route, mean, scale):
    p_data, p_g = Gaussian(0, 1), Gaussian(mean, scale)
    c = route(p_data, p_g)
    assert c.error < 1e-10
    assert c.value == pytest.approx(value(p_data, p_g, lambda x: log_odds(p_data, p_g, x)).value)
    assert -math.log(4) - 1e-10 <= c.value <= 1e-10


@pytest.mark.parametrize("route", [criterion, criterion_by_kl, criterion_by_jsd])
def test_ends_of_the_range(route):
    assert route(Cauchy(1, 2), Cauchy(1, 2)).value == pytest.approx(-math.log(4), abs=1e-10)
    assert route(Uniform(0, 1), Uniform(2, 3)).value == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(("name", "pair"), PAIRS)
def test_label_entropy_is_half_the_criterion(name, pair):
    assert -2 * label_entropy(*pair).value == pytest.approx(criterion(*pair).value, abs=1e-10)


@pytest.mark.parametrize(("name", "pair"), PAIRS)
def test_the_best_rule_errs_as_often_as_the_densities_overlap(name, pair):
    """½ ∫ min(p, q) = ½ (1 - TV), the Bayes error of equally likely labels."""
    expected = (1 - total_variation(*pair).value) / 2
    assert probability_of_mistake(*pair).value == pytest.approx(expected, abs=1e-8)


def test_the_probability_of_a_mistake_of_two_gaussians():
    found = probability_of_mistake(Gaussian(0, 1), Gaussian(3, 1)).value
    assert found == pytest.approx(norm.sf(1.5), abs=1e-10)


def test_second_variation_is_the_second_difference():
    pair, h, width = pairs()["two Gaussians"], random_direction(np.random.default_rng(3)), 0.01
    low, middle, high = (value(*pair, bend(*pair, h, e)).value for e in (-width, 0, width))
    second = (high - 2 * middle + low) / width**2
    assert second == pytest.approx(second_variation(*pair, h).value, rel=1e-4)
    assert high - low == pytest.approx(0, abs=1e-6)


def test_monte_carlo_intervals_cover():
    pair = pairs()["two Gaussians"]
    intervals = monte_carlo_criterion(*pair, 500, np.random.default_rng(1), repeats=1000)
    assert intervals.value.shape == (1000,)
    assert intervals.contains(criterion(*pair).value).mean() == pytest.approx(0.95, abs=0.025)


def test_monte_carlo_on_disjoint_supports_is_exact():
    intervals = monte_carlo_criterion(Uniform(0, 1), Uniform(2, 3), 10, np.random.default_rng(0))
    assert (intervals.low, intervals.high) == (0, 0)

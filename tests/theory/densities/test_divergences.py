import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from gan_repro.theory.densities.analytic import Cauchy, Gaussian, Laplace, Uniform
from gan_repro.theory.densities.divergences import (
    Quadrature,
    covers,
    discrete_jensen_shannon,
    discrete_kullback_leibler,
    entropy,
    jensen_shannon,
    kullback_leibler,
    total_variation,
)
from gan_repro.theory.densities.examples import pairs, random_distributions
from gan_repro.theory.densities.mixtures import Mixture

locations = st.floats(-3, 3)
scales = st.floats(0.2, 5)


@settings(max_examples=25, deadline=None)
@given(locations, scales, locations, scales)
def test_kl_of_gaussians_in_closed_form(m1, s1, m2, s2):
    exact = math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5
    assert kullback_leibler(Gaussian(m1, s1), Gaussian(m2, s2)).value == pytest.approx(
        exact, rel=1e-10, abs=1e-11
    )


@settings(max_examples=25, deadline=None)
@given(locations, scales, locations, scales)
def test_kl_of_cauchys_in_closed_form(x1, g1, x2, g2):
    exact = math.log(((g1 + g2) ** 2 + (x1 - x2) ** 2) / (4 * g1 * g2))
    assert kullback_leibler(Cauchy(x1, g1), Cauchy(x2, g2)).value == pytest.approx(exact, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(locations, scales, locations, scales)
def test_kl_of_laplaces_in_closed_form(m1, b1, m2, b2):
    gap = abs(m1 - m2)
    exact = (b1 * math.exp(-gap / b1) + gap) / b2 + math.log(b2 / b1) - 1
    assert kullback_leibler(Laplace(m1, b1), Laplace(m2, b2)).value == pytest.approx(
        exact, abs=1e-10
    )


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (Uniform(0, 2), Uniform(1, 3)),
        (Gaussian(), Uniform(-9, 9)),
        (Cauchy(), Gaussian()),
        (Cauchy(), Laplace()),
        (Mixture((0.9, 0.1), (Gaussian(), Cauchy())), Gaussian()),
    ],
)
def test_kl_is_infinite_where_it_diverges(p, q):
    assert kullback_leibler(p, q).value == math.inf


def test_kl_is_finite_inside_a_larger_support():
    assert kullback_leibler(Uniform(0, 1), Uniform(-1, 3)).value == pytest.approx(math.log(4))
    assert covers(Gaussian(), Uniform())
    assert not covers(Uniform(), Gaussian())


@pytest.mark.parametrize("name", [name for name in pairs() if "uniform" not in name])
def test_jsd_against_mpmath(name):
    p, q = pairs()[name]

    def integrand(x):
        a, b = mpmath.mpf(float(p.pdf(float(x)))), mpmath.mpf(float(q.pdf(float(x))))
        middle = (a + b) / 2
        return sum(c * mpmath.log(c / middle) for c in (a, b) if c > 0) / 2

    cuts = [-mpmath.inf, *range(-16, 17, 2), mpmath.inf]
    # The Gaussian pairs have lost all their mass beyond 16, where mpmath would see only zeros.
    if "Cauchy" not in name:
        cuts = cuts[1:-1]
    assert jensen_shannon(p, q).value == pytest.approx(
        float(mpmath.quad(integrand, cuts)), abs=1e-7
    )


@pytest.mark.parametrize("name", list(pairs()))
def test_jsd_is_half_the_two_kl_terms(name):
    p, q = pairs()[name]
    middle = Mixture((0.5, 0.5), (p, q))
    halves = kullback_leibler(p, middle).value + kullback_leibler(q, middle).value
    assert jensen_shannon(p, q).value == pytest.approx(halves / 2, abs=1e-10)
    assert jensen_shannon(q, p).value == pytest.approx(halves / 2, abs=1e-10)
    assert -1e-12 <= jensen_shannon(p, q).value <= math.log(2) + 1e-12


@pytest.mark.parametrize(
    ("density", "reference"),
    [
        (Gaussian(1, 2), stats.norm(1, 2)),
        (Laplace(1, 2), stats.laplace(1, 2)),
        (Cauchy(1, 2), stats.cauchy(1, 2)),
        (Uniform(1, 3), stats.uniform(1, 2)),
    ],
)
def test_entropy_agrees_with_scipy(density, reference):
    assert entropy(density).value == pytest.approx(float(reference.entropy()), abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(locations, scales)
def test_total_variation_of_shifted_gaussians(shift, scale):
    exact = 2 * stats.norm.cdf(abs(shift) / (2 * scale)) - 1
    measured = total_variation(Gaussian(0, scale), Gaussian(shift, scale))
    assert measured.value == pytest.approx(exact, abs=1e-9)


def test_total_variation_ends():
    assert total_variation(Uniform(0, 1), Uniform(2, 3)).value == pytest.approx(1)
    assert total_variation(Cauchy(), Cauchy()).value == 0


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_quadrature_finds_mass_at_any_scale(scale):
    p, q = Gaussian(5, scale), Gaussian(5 + scale, scale)
    assert kullback_leibler(p, q).value == pytest.approx(0.5, abs=1e-10)


@given(st.integers(0, 2**32))
def test_discrete_divergences(seed):
    p, q = random_distributions(np.random.default_rng(seed))
    assert discrete_jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-8)
    expected = math.inf if np.any((q == 0) & (p > 0)) else float(stats.entropy(p, q))
    assert discrete_kullback_leibler(p, q) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_estimates_add_their_errors():
    assert Quadrature(1, 0.1) + Quadrature(2, 0.2) == Quadrature(3, pytest.approx(0.3))
    assert -2 * Quadrature(1, 0.1) == Quadrature(-2, 0.2)

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from gan_repro.theory.densities.analytic import Cauchy, Gaussian, Laplace, Uniform
from gan_repro.theory.densities.divergences import integral
from gan_repro.theory.densities.mixtures import Mixture, merge

LOCATION, SCALE = 0.7, 1.3
REFERENCES = [
    (Gaussian(LOCATION, SCALE), stats.norm(LOCATION, SCALE)),
    (Laplace(LOCATION, SCALE), stats.laplace(LOCATION, SCALE)),
    (Cauchy(LOCATION, SCALE), stats.cauchy(LOCATION, SCALE)),
    (Uniform(-1.0, 2.5), stats.uniform(-1.0, 3.5)),
]
MIXTURE = Mixture((0.3, 0.2, 0.5), (Gaussian(-2, 0.5), Uniform(0, 1), Laplace(3, 1)))
GAPPED = Mixture((0.25, 0.75), (Uniform(0, 1), Uniform(2, 3)))
DENSITIES = [density for density, _ in REFERENCES] + [MIXTURE, GAPPED]


@pytest.mark.parametrize(("density", "reference"), REFERENCES, ids=lambda x: type(x).__name__)
def test_agrees_with_scipy(density, reference):
    x = np.concatenate([np.linspace(-8, 8, 333), [-300, 300]])
    q = np.array([0, 1e-12, 0.01, 0.3, 0.5, 0.8, 1 - 1e-6, 1])
    np.testing.assert_allclose(density.logpdf(x), reference.logpdf(x), rtol=1e-12)
    np.testing.assert_allclose(density.pdf(x), reference.pdf(x), rtol=1e-12)
    np.testing.assert_allclose(density.cdf(x), reference.cdf(x), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(density.quantile(q), reference.ppf(q), rtol=1e-9)


@pytest.mark.parametrize("density", DENSITIES)
def test_integrates_to_one(density):
    total = integral(density.pdf, density.support, density.breakpoints)
    assert total.value == pytest.approx(1, abs=1e-10)
    assert total.error < 1e-9


@pytest.mark.parametrize("density", DENSITIES)
def test_cdf_is_the_integral_of_the_density(density):
    for low, high in ((-1.3, 0.4), (0.2, 2.9)):
        points = [x for x in density.breakpoints if low < x < high]
        mass, _ = integrate.quad(density.pdf, low, high, points=points, epsabs=1e-12)
        assert mass == pytest.approx(float(density.cdf(high) - density.cdf(low)), abs=1e-9)


@pytest.mark.parametrize("density", DENSITIES)
@given(q=st.floats(1e-9, 1 - 1e-9))
def test_quantile_inverts_the_cdf(density, q):
    assert float(density.cdf(density.quantile(q))) == pytest.approx(q, abs=1e-10)


def test_quantile_skips_a_gap_in_the_support():
    assert GAPPED.quantile(0.25) == pytest.approx(1)
    assert GAPPED.quantile(0.25 + 1e-9) > 2
    assert GAPPED.support == ((0, 1), (2, 3))
    assert GAPPED.pdf(1.5) == 0


@pytest.mark.parametrize("density", DENSITIES)
def test_samples_follow_the_cdf(density):
    draws = density.sample((40, 50), np.random.default_rng(0))
    assert draws.shape == (40, 50)
    assert stats.kstest(draws.ravel(), density.cdf).pvalue > 1e-3


@pytest.mark.parametrize("density", DENSITIES)
def test_same_seed_same_samples(density):
    first, second = (density.sample(100, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_mixture_of_one_is_its_component():
    x = np.linspace(-5, 5, 101)
    alone = Mixture((1.0,), (Gaussian(1, 2),))
    np.testing.assert_allclose(alone.logpdf(x), Gaussian(1, 2).logpdf(x), rtol=1e-14)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_scale_must_be_positive_and_finite(bad):
    with pytest.raises(ValueError, match="positive scale"):
        Gaussian(0, bad)


def test_bad_bounds_and_weights_are_refused():
    with pytest.raises(ValueError, match="low < high"):
        Uniform(1, 1)
    with pytest.raises(ValueError, match="one weight"):
        Mixture((1.0,), ())
    with pytest.raises(ValueError, match="sum to 1"):
        Mixture((0.5, 0.6), (Gaussian(), Gaussian()))


def test_merge_joins_what_touches():
    assert merge([(2, 3), (0, 1), (1, 1.5)]) == ((0, 1.5), (2, 3))

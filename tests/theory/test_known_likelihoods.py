"""The Parzen score against Gaussians, where every expectation has a closed form."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from gan_repro.evaluation.parzen import log_likelihoods
from gan_repro.theory.known_likelihoods import gaussian_estimate, smoothed_gaussian


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
def test_the_limit_of_many_samples_is_the_smoothed_density(sigma):
    scale = math.sqrt(1 + sigma**2)
    expected = quad(lambda x: norm.pdf(x) * norm.logpdf(x, scale=scale), -12, 12)[0]
    assert smoothed_gaussian(3, sigma) == pytest.approx(3 * expected, abs=1e-10)


def test_the_window_approaches_its_limit():
    rng = np.random.default_rng(0)
    centres, points = rng.normal(size=(20_000, 1)), rng.normal(size=(20_000, 1))
    found = log_likelihoods(points, centres, np.array([0.5]))[0]
    limit = smoothed_gaussian(1, 0.5)
    assert found.mean() == pytest.approx(limit, abs=4 * found.std() / math.sqrt(20_000))


def test_the_truth_is_the_entropy_and_the_estimate_falls_short_of_it():
    found = gaussian_estimate(5, 400, 2_000, np.random.default_rng(1))
    entropy = 2.5 * math.log(2 * math.pi * math.e)
    assert found.truth == pytest.approx(-entropy, abs=5 * math.sqrt(2.5 / 2_000))
    assert found.gap < 0


def test_the_same_generator_state_gives_the_same_estimate():
    first, second = (gaussian_estimate(2, 50, 60, np.random.default_rng(3)) for _ in range(2))
    assert first == second

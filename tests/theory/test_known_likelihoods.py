"""The Parzen score against Gaussians, where every expectation has a closed form."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from gan_repro.evaluation.window import log_likelihoods
from gan_repro.theory.known_likelihoods import (
    bandwidth_grid,
    gaussian_of_images,
    perfect_generators,
    smoothed_gaussian,
    standard_gaussian,
)


def scored(seed, draws=2, samples=200):
    return perfect_generators(
        standard_gaussian(5),
        samples=samples,
        points=2_000,
        draws=draws,
        grid=bandwidth_grid(),
        rng=np.random.default_rng(seed),
    )


@pytest.fixture
def model():
    images = np.random.default_rng(0).normal(size=(40, 6)) * [3, 2, 1, 1, 0.5, 0.5] + 4
    return images, gaussian_of_images(images, components=2, noise=0.3)


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


def test_the_density_of_images_is_scipys(model):
    images, gaussian = model
    basis, scales = gaussian.basis, gaussian.scales
    covariance = basis @ np.diag(scales**2) @ basis.T + gaussian.noise**2 * np.eye(6)
    reference = multivariate_normal(images.mean(axis=0), covariance)
    np.testing.assert_allclose(gaussian.log_density(images), reference.logpdf(images), rtol=1e-10)


def test_the_wide_directions_are_the_principal_ones(model):
    images, gaussian = model
    values, vectors = np.linalg.eigh(np.cov(images.T, bias=True))
    np.testing.assert_allclose(gaussian.scales**2, values[:-3:-1], rtol=1e-10)
    np.testing.assert_allclose(np.abs(gaussian.basis.T @ vectors[:, :-3:-1]), np.eye(2), atol=1e-9)


def test_samples_have_the_covariance_of_the_density(model):
    _, gaussian = model
    drawn = gaussian.sample(40_000, np.random.default_rng(1))
    expected = (gaussian.basis * gaussian.scales**2) @ gaussian.basis.T + 0.09 * np.eye(6)
    np.testing.assert_allclose(drawn.mean(axis=0), gaussian.mean, atol=0.08)
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.2)


def test_the_truth_is_the_entropy_and_the_estimates_fall_short_of_it():
    found = scored(1, draws=3)
    entropy = 2.5 * math.log(2 * math.pi * math.e)
    assert len(found) == 3
    for one in found:
        assert one.truth == pytest.approx(-entropy, abs=5 * math.sqrt(2.5 / 2_000))
        assert one.gap == one.estimate - one.truth < -5 * one.standard_error


def test_windows_share_test_points_and_nothing_else():
    first, second = scored(2)
    assert first.truth == second.truth
    assert first.estimate != second.estimate


def test_the_standard_error_is_that_of_the_mean_over_test_points():
    """At n = 1 and a σ far larger than the data the window is one wide Gaussian."""
    rng = np.random.default_rng(5)
    (one,) = perfect_generators(
        standard_gaussian(1), samples=1, points=4_000, draws=1, grid=np.array([20.0]), rng=rng
    )
    replayed = np.random.default_rng(5)
    test = [standard_gaussian(1).sample(4_000, replayed) for _ in range(2)][1]
    centre = standard_gaussian(1).sample(1, replayed)
    values = norm.logpdf(test[:, 0], centre[0, 0], 20.0)
    assert one.estimate == pytest.approx(values.mean(), rel=1e-6)
    assert one.standard_error == pytest.approx(values.std() / math.sqrt(4_000), rel=1e-4)


def test_the_same_generator_state_gives_the_same_estimates():
    assert scored(3) == scored(3)


def test_the_grid_of_bandwidths_is_geometric():
    grid = bandwidth_grid(5)
    np.testing.assert_allclose(grid[1:] / grid[:-1], (2 / 0.03) ** 0.25)
    assert (grid[0], grid[-1]) == pytest.approx((0.03, 2.0))

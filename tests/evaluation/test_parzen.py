"""The Parzen window against scipy in float64, closed forms, and known-good numbers on MNIST."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import gaussian_kde, multivariate_normal

from gan_repro.data.dataset import load
from gan_repro.evaluation import parzen
from gan_repro.evaluation.calibration import training_images

RNG = np.random.default_rng(0)


def exact(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Sum the window term by term in float64, from differences rather than products."""
    squares = ((points[:, None].astype(float) - samples[None].astype(float)) ** 2).sum(axis=2)
    constant = points.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return logsumexp(-squares / (2 * sigma**2), axis=1) - math.log(len(samples)) - constant


def test_one_sample_is_a_multivariate_normal():
    points, centre = RNG.random((20, 7)), RNG.random(7)
    for sigma in (0.05, 1.3):
        found = parzen.log_likelihoods(points, centre[None], np.array([sigma]))[0]
        expected = multivariate_normal(centre, sigma**2 * np.eye(7)).logpdf(points)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-9)


def test_in_one_dimension_it_integrates_to_one():
    samples = RNG.normal(size=(9, 1))

    def density(x: float) -> float:
        return math.exp(parzen.log_likelihoods(np.array([[x]]), samples, np.array([0.3]))[0, 0])

    assert quad(density, -8, 8, limit=200)[0] == pytest.approx(1, abs=1e-8)


def test_agrees_with_scipys_kernel_density():
    samples, points = RNG.normal(size=(300, 1)), np.linspace(-4, 4, 30)[:, None]
    kde = gaussian_kde(samples.T)
    sigma = math.sqrt(kde.covariance[0, 0])
    found = parzen.log_likelihoods(points, samples, np.array([sigma]))[0]
    np.testing.assert_allclose(found, kde.logpdf(points.T), rtol=1e-10)


def test_float32_images_lose_less_than_a_hundredth_of_a_nat():
    points = (RNG.random((40, 3_072)) * 60).astype(np.float32)
    samples = (RNG.random((300, 3_072)) * 60).astype(np.float32)
    for sigma in (0.1, 0.5):
        found = parzen.log_likelihoods(points, samples, np.array([sigma]))[0]
        expected = exact(points, samples, sigma)
        assert np.abs(found - expected).max() < 0.01


@settings(max_examples=40, deadline=None)
@given(
    points=st.integers(1, 9), samples=st.integers(1, 30), dimension=st.integers(1, 5),
    block=st.integers(1, 11), seed=st.integers(0, 99),
)  # fmt: skip
def test_any_block_size_gives_the_exact_sum(points, samples, dimension, block, seed):
    rng = np.random.default_rng(seed)
    x, s = rng.random((points, dimension)), rng.random((samples, dimension))
    found = parzen.log_likelihoods(x, s, np.array([0.02, 0.4]), block=block)
    expected = [exact(x, s, sigma) for sigma in (0.02, 0.4)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), shift=st.floats(-3, 3), sigma=st.floats(0.05, 2))
def test_invariances(seed, shift, sigma):
    rng = np.random.default_rng(seed)
    x, s, grid = rng.random((5, 3)), rng.random((8, 3)), np.array([sigma])
    found = parzen.log_likelihoods(x, s, grid)
    others = (
        parzen.log_likelihoods(x, rng.permutation(s), grid),
        parzen.log_likelihoods(x, np.concatenate([s, s]), grid),
        parzen.log_likelihoods(x + shift, s + shift, grid),
        parzen.log_likelihoods(7 * x, 7 * s, 7 * grid) + 3 * math.log(7),
    )
    for other in others:
        np.testing.assert_allclose(found, other, rtol=1e-6, atol=1e-6)


def test_far_points_stay_finite():
    found = parzen.log_likelihoods(np.full((1, 784), 1e3), np.zeros((3, 784)), np.array([0.1]))
    assert found[0, 0] == pytest.approx(-784e6 / 0.02, rel=1e-6)


def test_the_authors_grid_is_ten_points_from_a_tenth_to_one():
    expected = [0.1, 0.129, 0.167, 0.215, 0.278, 0.359, 0.464, 0.599, 0.774, 1.0]
    np.testing.assert_allclose(parzen.AUTHORS_GRID, expected, atol=5e-4)


@pytest.mark.parametrize(("best", "edge"), [(0, True), (1, False), (2, True)])
def test_the_bandwidth_is_the_best_on_validation_data_and_edges_are_flagged(best, edge):
    valid = np.zeros((3, 5))
    valid[best] = 1
    chosen = parzen.choose_bandwidth(np.array([0.1, 0.2, 0.3]), valid)
    assert chosen.sigma == pytest.approx(0.1 * (best + 1))
    assert chosen.at_edge is edge
    assert chosen.valid_ll == 1


def test_the_score_never_looks_at_test_images_to_choose(tiny):
    samples = RNG.random((50, 4)).astype(np.float32)
    first = parzen.score(samples, tiny)
    pixels = tiny.pixels.copy()
    pixels[tiny.fold(0).test] = 255 - pixels[tiny.fold(0).test]
    second = parzen.score(samples, replace(tiny, pixels=pixels))
    for grid in parzen.GRIDS["unit"]:
        assert first.grids[grid].sigma == second.grids[grid].sigma
        assert first.grids[grid].test_ll != second.grids[grid].test_ll


def test_the_score_is_a_mean_and_its_standard_error(tiny):
    samples = RNG.random((50, 4)).astype(np.float32)
    record = parzen.score(samples, tiny)
    found = record.grids["authors"]
    values = exact(tiny.images(tiny.fold(0).test), samples, found.sigma)
    assert found.test_ll == pytest.approx(values.mean(), abs=1e-8)
    assert found.test_se == pytest.approx(values.std() / math.sqrt(10), abs=1e-8)
    assert (record.valid_points, record.test_points) == (10, 10)


def test_an_edge_of_the_grid_is_a_warning(tiny):
    record = parzen.score(np.full((1, 4), 50, dtype=np.float32), tiny)
    assert any("edge of the authors grid" in warning for warning in record.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "low", "high"), [(1_000, 117, 123), (10_000, 241, 245)])
def test_real_training_images_as_samples_score_what_they_should(mnist_data, count, low, high):
    mnist = load(mnist_data / "prepared/mnist.npz")
    record = parzen.score(training_images(mnist, count, seed=0), mnist)
    assert low <= record.grids["authors"].test_ll <= high
    assert record.grids["authors"].sigma == pytest.approx(
        {1_000: 0.2154, 10_000: 0.1668}[count], abs=1e-3
    )

"""The Parzen window against scipy in float64, closed forms, and its own promise of accuracy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import gaussian_kde, multivariate_normal

from gan_repro.evaluation.window import BLOCKS, ParzenWindow, log_likelihoods

DOUBLE = torch.float64
RNG = np.random.default_rng(0)


def exact(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Sum the window term by term in float64, from differences rather than products."""
    squares = ((points[:, None].astype(float) - samples[None].astype(float)) ** 2).sum(axis=2)
    constant = points.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return logsumexp(-squares / (2 * sigma**2), axis=1) - math.log(len(samples)) - constant


def test_one_sample_is_a_multivariate_normal():
    points, centre = RNG.random((20, 7)), RNG.random(7)
    for sigma in (0.05, 1.3):
        found = log_likelihoods(points, centre[None], np.array([sigma]), terms=DOUBLE)[0]
        expected = multivariate_normal(centre, sigma**2 * np.eye(7)).logpdf(points)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-9)


def test_in_one_dimension_it_integrates_to_one():
    samples = RNG.normal(size=(9, 1))

    def density(x: float) -> float:
        return math.exp(
            log_likelihoods(np.array([[x]]), samples, np.array([0.3]), terms=DOUBLE)[0, 0]
        )

    assert quad(density, -8, 8, limit=200)[0] == pytest.approx(1, abs=1e-8)


def test_agrees_with_scipys_kernel_density():
    samples, points = RNG.normal(size=(300, 1)), np.linspace(-4, 4, 30)[:, None]
    kde = gaussian_kde(samples.T)
    sigma = math.sqrt(kde.covariance[0, 0])
    found = log_likelihoods(points, samples, np.array([sigma]), terms=DOUBLE)[0]
    np.testing.assert_allclose(found, kde.logpdf(points.T), rtol=1e-10)


def test_float32_images_lose_less_than_a_hundredth_of_a_nat():
    points = (RNG.random((40, 3_072)) * 60).astype(np.float32)
    samples = (RNG.random((300, 3_072)) * 60).astype(np.float32)
    for sigma in (0.1, 0.5):
        found = log_likelihoods(points, samples, np.array([sigma]))[0]
        expected = exact(points, samples, sigma)
        assert np.abs(found - expected).max() < 0.01


@settings(max_examples=40, deadline=None)
@given(
    points=st.integers(1, 9), samples=st.integers(1, 30), dimension=st.integers(1, 5),
    block=st.integers(1, 11), rows=st.integers(1, 11), seed=st.integers(0, 99),
)  # fmt: skip
def test_any_block_size_gives_the_exact_sum(points, samples, dimension, block, rows, seed):
    rng = np.random.default_rng(seed)
    x, s = rng.random((points, dimension)), rng.random((samples, dimension))
    window = ParzenWindow(x, np.array([0.02, 0.4]), terms=DOUBLE, blocks=(block, rows))
    window.add(s)
    expected = [exact(x, s, sigma) for sigma in (0.02, 0.4)]
    np.testing.assert_allclose(window.log_likelihoods(), expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), shift=st.floats(-3, 3), sigma=st.floats(0.05, 2))
def test_invariances(seed, shift, sigma):
    rng = np.random.default_rng(seed)
    x, s, grid = rng.random((5, 3)), rng.random((8, 3)), np.array([sigma])
    found = log_likelihoods(x, s, grid)
    others = (
        log_likelihoods(x, rng.permutation(s), grid),
        log_likelihoods(x, np.concatenate([s, s]), grid),
        log_likelihoods(x + shift, s + shift, grid),
        log_likelihoods(7 * x, 7 * s, 7 * grid) + 3 * math.log(7),
    )
    for other in others:
        np.testing.assert_allclose(found, other, rtol=1e-6, atol=1e-6)


def test_far_points_stay_finite():
    found = log_likelihoods(np.full((1, 784), 1e3), np.zeros((3, 784)), np.array([0.1]))
    assert found[0, 0] == pytest.approx(-784e6 / 0.02, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99), sigma=st.floats(0.05, 2), spread=st.floats(0.01, 3),
    dimension=st.sampled_from([1, 8, 300]),
)  # fmt: skip
def test_terms_in_float32_move_a_log_likelihood_by_less_than_a_millionth(
    seed, sigma, spread, dimension
):
    rng = np.random.default_rng(seed)
    x, s = (spread * rng.random((count, dimension)) for count in (7, 5_000))
    grid = np.array([sigma, 3 * sigma])
    single, double = (log_likelihoods(x, s, grid, terms=t) for t in (torch.float32, DOUBLE))
    assert np.abs(single - double).max() < 1e-6


def test_the_worst_sum_for_float32_terms_keeps_the_promise():
    """Equally heavy groups of terms, far from the nearest sample: the largest mean exponent."""
    exponents = np.concatenate([[0.0], np.full(1_023, math.log(1_023))])
    samples = np.sqrt(2 * exponents)[:, None]
    single, double = (
        log_likelihoods(np.zeros((1, 1)), samples, np.array([1.0]), terms=t)
        for t in (torch.float32, DOUBLE)
    )
    assert abs(single - double).max() < 1e-6


def test_samples_may_come_in_any_batches():
    x, s, grid = RNG.random((30, 6)), RNG.random((3_000, 6)), np.array([0.1, 0.7])
    expected = log_likelihoods(x, s, grid, terms=DOUBLE)
    window = ParzenWindow(x, grid, terms=DOUBLE)
    for batch in np.split(s, [1, 40, 2_500]):
        window.add(batch)
    assert window.count == 3_000
    np.testing.assert_allclose(window.log_likelihoods(), expected, rtol=1e-12, atol=1e-12)


def test_memory_does_not_grow_with_the_samples():
    window = ParzenWindow(RNG.random((3, 4)), np.array([0.2]))
    held = [id(value) for value in vars(window).values() if isinstance(value, torch.Tensor)]
    size = sum(t.nbytes for t in vars(window).values() if isinstance(t, torch.Tensor))
    for _ in range(3):
        window.add(RNG.random((2_000, 4)))
    after = [value for value in vars(window).values() if isinstance(value, torch.Tensor)]
    assert [id(value) for value in after] == held
    assert sum(value.nbytes for value in after) == size


def test_a_block_holds_no_more_terms_than_the_promise_is_made_for():
    assert max(columns for _, columns in BLOCKS.values()) == 1_024

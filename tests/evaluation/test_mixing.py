"""Mixing against chains whose autocorrelation is known."""

from itertools import product

import numpy as np
import pytest
import torch

from gan_repro.errors import UserError
from gan_repro.evaluation import mixing, parzen
from gan_repro.evaluation.mixing import THINNINGS, binary, leak, measure, score_thinned, thinned


def autoregressive(rho: float, steps: int = 4000, chains: int = 8, seed: int = 0) -> np.ndarray:
    """Stationary chains x' = ρx + √(1 − ρ²)ε in three dimensions: autocorrelation ρ^lag."""
    rng = np.random.default_rng(seed)
    x, rows = rng.standard_normal((chains, 3)), []
    for _ in range(steps):
        x = rho * x + (1 - rho**2) ** 0.5 * rng.standard_normal((chains, 3))
        rows.append(x)
    return np.stack(rows)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_autocorrelation_and_effective_size_of_a_known_chain(rho):
    found = measure(autoregressive(rho))
    np.testing.assert_allclose(found.autocorrelation[:20], rho ** np.arange(20.0), atol=0.04)
    time = (1 + rho) / (1 - rho)
    assert found.integrated_time == pytest.approx(time, rel=0.1)
    assert found.effective == pytest.approx(32_000 / time, rel=0.1)


def test_chains_that_stay_apart_are_not_taken_for_independent_draws():
    draws = 0.1 * autoregressive(0.0, steps=400)
    assert measure(draws).integrated_time < 1.2
    apart = draws + 5 * np.arange(8)[:, None]
    assert measure(apart).effective < 20


def test_two_chains_that_alternate_apart_are_worth_two_draws():
    draws = np.array([[-1, 1], [1, 3], [-1, 1], [1, 3]], dtype=np.float64)[:, :, None]
    found = measure(draws)
    # Within chains 4/3; the means, 0 and 2, add their variance of 2 to 1: 3 of all draws.
    np.testing.assert_allclose(found.autocorrelation, [1, 11 / 36, 13 / 18, 17 / 36])
    assert found.integrated_time == pytest.approx(4)
    assert found.effective == pytest.approx(2)


@pytest.mark.parametrize(
    ("correlation", "time"),
    [
        # Pairs 1.2, 0.2, 0.6: the third counts as no more than the second.
        ([1, 0.2, 0.1, 0.1, 0.3, 0.3], 2.2),
        # Nothing counts after a negative pair, and the last lag has no pair.
        ([1, 0.2, 0.1, 0.1, -0.5, 0.2, 0.4, 0.4], 1.8),
        ([1, 0.2, 0.1, 0.1, 0.9], 1.8),
        # No draws are worth more than independent ones.
        ([1, -0.9, 0.2, 0.1], 1),
    ],
)
def test_pairs_of_lags_add_to_the_time_while_positive_and_never_rise(correlation, time):
    assert mixing._integrated_time(np.array(correlation)) == pytest.approx(time)


def test_the_autocovariance_is_that_of_the_definition():
    chain = np.random.default_rng(0).standard_normal((50, 2)).cumsum(axis=0)
    centred = chain - chain.mean(axis=0)
    direct = [(centred[: 50 - lag] * centred[lag:]).sum() / 50 for lag in range(50)]
    np.testing.assert_allclose(mixing._autocovariance(chain), direct, atol=1e-8)


def test_thinning_changes_which_draws_but_not_how_many():
    draws = np.arange(64.0).repeat(2).reshape(64, 2, 1)
    np.testing.assert_array_equal(thinned(draws, 1)[::2, 0], [0, 1, 2, 3])
    np.testing.assert_array_equal(thinned(draws, 16)[::2, 0], [0, 16, 32, 48])
    assert {len(thinned(draws, thin)) for thin in mixing.THINNINGS} == {8}


def test_binary_draws_have_the_means_they_were_drawn_from():
    means = np.full((2000, 10), 0.3, dtype=np.float32)
    found = binary(means, 0)
    assert set(np.unique(found)) == {0.0, 1.0}
    assert found.mean() == pytest.approx(0.3, abs=0.01)


def test_thinned_draws_and_binary_ones_score_on_the_authors_grid_as_samples_do(tiny):
    draws = np.random.default_rng(2).random((32, 4, 4), dtype=np.float32)
    scores = score_thinned(draws, tiny, 5, torch.device("cpu"))
    found = {(score.thin, score.pixels): score for score in scores}
    assert list(found) == list(product(THINNINGS, ("means", "binary")))
    means = thinned(draws, 4)
    for pixels, samples in (("means", means), ("binary", binary(means, 5))):
        expected, score = parzen.validate(samples, tiny)["authors"], found[4, pixels]
        assert score.samples == 8
        assert (score.valid_ll, score.sigma) == (expected.valid_ll, expected.sigma)


def test_the_leak_is_what_one_kernel_on_one_test_image_adds(tiny):
    samples = np.random.default_rng(1).random((500, 4)).astype(np.float32)
    sigma = 0.02
    points = tiny.images(tiny.fold(0).test)
    before = parzen.log_likelihoods(points[:1], samples, np.array([sigma]))[0, 0]
    kernel = -np.log(500) - 4 * np.log(sigma * np.sqrt(2 * np.pi))
    expected = (np.logaddexp(before, kernel) - before) / len(points)
    assert leak(samples, tiny, sigma) == pytest.approx(expected, rel=0.05)


def test_draws_that_are_all_the_same_are_refused():
    with pytest.raises(UserError, match="every draw is the same image"):
        measure(np.ones((50, 4, 3)))


def test_too_few_chains_are_refused():
    with pytest.raises(UserError, match="1 chains of 50 steps"):
        measure(np.zeros((50, 1, 3)))

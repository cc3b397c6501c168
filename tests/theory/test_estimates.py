"""Intervals against scipy's own, and against how often they hold the truth."""

import numpy as np
import pytest
from scipy import stats

from gan_repro.theory import estimates

DRAWS = np.random.default_rng(0).normal(1.0, 2.0, (4000, 6))


def covered(found, truth):
    return np.mean([one.low <= truth <= one.high for one in found])


def test_mean_is_students_interval():
    values = DRAWS[0]
    found = estimates.mean(values)
    reference = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(reference))
    assert (found.value, found.seeds) == (pytest.approx(values.mean()), 6)


def test_mean_of_rows_is_the_mean_of_each():
    middle, half = estimates.mean_interval(DRAWS[:3])
    for row, m, h in zip(DRAWS[:3], middle, half, strict=True):
        one = estimates.mean(row)
        assert (one.low, one.high) == pytest.approx((m - h, m + h))


def test_the_interval_of_a_mean_covers_it_at_its_level():
    assert covered(map(estimates.mean, DRAWS), 1.0) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("count", [8, 12, 16, 17])
def test_the_interval_of_a_median_covers_it_as_often_as_the_binomial_says(count):
    """Order statistics k and n + 1 - k miss the median with probability 2 P(Bin(n, ½) < k)."""
    draws = np.random.default_rng(count).exponential(1.0, (4000, count))
    found = [estimates.median(row) for row in draws]
    k = int(np.searchsorted(np.sort(draws[0]), found[0].low)) + 1
    assert found[0].high == np.sort(draws[0])[count - k]
    assert 2 * stats.binom.cdf(k - 1, count, 0.5) <= 0.05 < 2 * stats.binom.cdf(k, count, 0.5)
    expected = 1 - 2 * stats.binom.cdf(k - 1, count, 0.5)
    assert covered(found, np.log(2)) == pytest.approx(expected, abs=0.012)
    assert found[0].value == np.median(draws[0])


def test_few_values_hold_a_median_only_by_their_range():
    found = estimates.median([3.0, 1.0, 2.0])
    assert (found.value, found.low, found.high) == (2.0, 1.0, 3.0)


@pytest.mark.parametrize(("hits", "count"), [(0, 8), (7, 16), (16, 16)])
def test_a_share_has_the_clopper_pearson_interval(hits, count):
    found = estimates.share(np.arange(count) < hits)
    low = stats.beta.ppf(0.025, hits, count - hits + 1) if hits else 0.0
    high = stats.beta.ppf(0.975, hits + 1, count - hits) if hits < count else 1.0
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.value, found.seeds) == (hits / count, count)


def test_the_interval_of_a_deviation_covers_it_at_its_level():
    assert covered(map(estimates.deviation, DRAWS), 2.0) == pytest.approx(0.95, abs=0.012)
    found = estimates.deviation(DRAWS[0])
    assert found.value == pytest.approx(DRAWS[0].std(ddof=1))
    assert found.low < found.value < found.high


def test_an_estimate_prints_its_interval():
    assert str(estimates.Estimate(1.0, 0.5, 2.0, 4)) == "1 [0.5, 2]"

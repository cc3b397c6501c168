"""Numbers estimated from independent repetitions, each with a 95 % confidence interval.

``scipy.stats`` is named in full: it takes a second to load, and SciPy does so at its first use.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number, its 95 % interval, and how many independent repetitions (seeds) are behind it."""

    value: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


def mean_interval(values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over the last axis and half the width of its Student interval."""
    values = np.asarray(values, dtype=float)
    count = values.shape[-1]
    half = scipy.stats.t.ppf((1 + LEVEL) / 2, count - 1) * values.std(axis=-1, ddof=1) / count**0.5
    return values.mean(axis=-1), half


def mean(values: ArrayLike) -> Estimate:
    """Return the mean of (n,) values with its Student interval; n is at least 2."""
    middle, half = mean_interval(values)
    return Estimate(float(middle), float(middle - half), float(middle + half), len(values))


def median(values: ArrayLike) -> Estimate:
    """Return the median of (n,) values, with the order statistics that hold it at 95 % or more.

    Values under the true median number Binomial(n, ½), whatever their distribution. With fewer
    than 6 values no two of them hold it so surely, and the interval is their whole range.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered)
    outside = max(int(scipy.stats.binom.ppf((1 - LEVEL) / 2, count, 0.5)) - 1, 0)
    ends = ordered[outside], ordered[count - 1 - outside]
    return Estimate(float(np.median(ordered)), float(ends[0]), float(ends[1]), count)


def share(hits: ArrayLike) -> Estimate:
    """Return the share of (n,) truth values that are true, with its Clopper–Pearson interval."""
    hits = np.asarray(hits, dtype=bool)
    found = scipy.stats.binomtest(int(hits.sum()), len(hits))
    interval = found.proportion_ci(LEVEL, method="exact")
    return Estimate(float(hits.mean()), float(interval.low), float(interval.high), len(hits))


def deviation(values: ArrayLike) -> Estimate:
    """Return the standard deviation of (n,) values with its χ² interval for normal ones."""
    values = np.asarray(values, dtype=float)
    free = len(values) - 1
    found = values.std(ddof=1)
    ends = found * np.sqrt(free / scipy.stats.chi2.ppf([(1 + LEVEL) / 2, (1 - LEVEL) / 2], free))
    return Estimate(float(found), float(ends[0]), float(ends[1]), len(values))

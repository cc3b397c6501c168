"""How good is the Parzen score? The estimate against log-likelihoods that are known (Section 5)."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from gan_repro.evaluation.parzen import choose_bandwidth
from gan_repro.evaluation.window import log_likelihoods


class ParzenEstimate(NamedTuple):
    """A Parzen estimate of a mean log-likelihood whose true value is known, in nats.

    Attributes:
        sigma: bandwidth chosen on validation data.
        estimate: mean log-likelihood of test points under the window.
        truth: mean log-likelihood of the same points under the density they came from.
    """

    sigma: float
    estimate: float
    truth: float

    @property
    def gap(self) -> float:
        """Estimate minus truth."""
        return self.estimate - self.truth


def bandwidth_grid(points: int = 25) -> np.ndarray:
    """Return bandwidths from 0.03 to 2, in units of the data's standard deviation."""
    return np.geomspace(0.03, 2.0, points)


def gaussian_estimate(
    dimension: int, samples: int, points: int, rng: np.random.Generator
) -> ParzenEstimate:
    """Score draws from N(0, I) as the paper scores a generator, where p_g = p_data exactly.

    Args:
        dimension: d.
        samples: draws that the window is fitted to.
        points: draws that choose σ, and as many again that are scored.
        rng: source of all of them.
    """
    centres, valid, test = (rng.normal(size=(n, dimension)) for n in (samples, points, points))
    grid = bandwidth_grid()
    sigma = choose_bandwidth(grid, log_likelihoods(valid, centres, grid)).sigma
    estimate = log_likelihoods(test, centres, np.array([sigma])).mean()
    return ParzenEstimate(sigma, float(estimate), float(norm.logpdf(test).sum(axis=1).mean()))


def smoothed_gaussian(dimension: int, sigma: float) -> float:
    """Return E log N(x; 0, (1 + σ²)I) for x ~ N(0, I): the window with infinitely many samples.

    With a fixed σ, more samples remove the variance of the estimate but not this bias.
    """
    variance = 1 + sigma**2
    return -0.5 * dimension * (np.log(2 * np.pi * variance) + 1 / variance)

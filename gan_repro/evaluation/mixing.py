"""How well the Markov chains behind the baselines mix, beside independent draws.

Table 2 says that sampling an undirected model or an auto-encoder "requires a Markov chain", and
the caption of Figure 2 that the paper's samples "are uncorrelated because the sampling process
does not depend on Markov chain mixing". Here both are numbers: autocorrelation, effective sample
size, and what thinning and binary draws do to the Parzen score.
"""

from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import Field

from gan_repro.config.schema import Spec
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.evaluation import parzen
from gan_repro.evaluation.window import log_likelihoods

THINNINGS = (1, 2, 4, 8, 16)
LAGS = 200


class Mixing(NamedTuple):
    """What correlation costs a chain.

    Attributes:
        autocorrelation: (lags + 1,) at lag 0, 1, …
        integrated_time: 1 + 2 Σ autocorrelation: transitions per independent draw.
        effective: number of independent draws that all chains together are worth.
    """

    autocorrelation: np.ndarray
    integrated_time: float
    effective: float


class ThinnedScore(Spec):
    """What draws score on validation images at one thinning, in nats.

    Attributes:
        thin: transitions from one kept draw to the next.
        pixels: ``means``, or ``binary`` draws from them.
        samples: how many were kept.
        valid_ll: mean log-likelihood at the best σ of the authors' grid.
        sigma: that σ.
    """

    thin: int
    pixels: str
    samples: int
    valid_ll: float
    sigma: float


class MixingRecord(Spec):
    """`mixing.json`: how a run's chains mix, and what that does to its score.

    Attributes:
        title: of the dataset.
        independent: the model has no chains, its draws are independent.
        chains: side by side.
        steps: transitions of each.
        integrated_time: transitions per independent draw.
        effective: independent draws that all are worth.
        leak: nats that the mean test score gains when test image 0 is the first sample; None for a
            model without chains.
        scores: of the same number of samples at each thinning.
        autocorrelation: at lag 0, 1, …
    """

    experiment: str
    row: str
    seed: int
    title: str
    independent: bool
    chains: int
    steps: int
    integrated_time: float
    effective: float
    leak: float | None
    scores: tuple[ThinnedScore, ...]
    autocorrelation: Annotated[tuple[float, ...], Field(min_length=2)]


def measure(draws: np.ndarray) -> Mixing:
    """Measure the mixing of (steps, chains, d) draws, all pixels together.

    The estimator of Gelman et al., Bayesian Data Analysis (3rd ed., 11.5), with traces of
    covariance in place of variances. It compares the variance within chains with that of all
    draws, so that chains which each stay where they are do not pass for independent ones.

    Raises:
        UserError: fewer than two chains or four steps, or draws that are all the same.
    """
    steps, chains, _ = draws.shape
    if chains < 2 or steps < 4:
        raise UserError(f"{chains} chains of {steps} steps; mixing needs at least 2 of 4")
    covariance = np.mean([_autocovariance(draws[:, k]) for k in range(chains)], axis=0)
    within = covariance[0] * steps / (steps - 1)
    between = draws.mean(axis=0, dtype=np.float64).var(axis=0, ddof=1).sum()
    if not covariance[0] + between:
        raise UserError("every draw is the same image; nothing mixes")
    correlation = 1 - (within - covariance) / (covariance[0] + between)
    correlation[0] = 1
    time = _integrated_time(correlation)
    return Mixing(correlation[: LAGS + 1], time, steps * chains / time)


def _autocovariance(chain: np.ndarray) -> np.ndarray:
    """Return the autocovariance of a (steps, d) chain at every lag, summed over d, over steps."""
    steps = len(chain)
    centred = chain - chain.mean(axis=0, dtype=np.float64)
    spectrum = np.fft.rfft(centred, 2 * steps, axis=0)
    power = np.square(np.abs(spectrum)).sum(axis=1)
    return np.fft.irfft(power)[:steps] / steps


def _integrated_time(correlation: np.ndarray) -> float:
    """Return 1 + 2 Σ ρ by Geyer's initial monotone sequence: pairs while positive, never rising."""
    pairs = correlation[: len(correlation) // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    kept = pairs[: negative[0]] if len(negative) else pairs
    return max(float(2 * np.minimum.accumulate(kept).sum() - 1), 1.0)


def thinned(draws: np.ndarray, thin: int) -> np.ndarray:
    """Return every thin-th step of (steps, chains, d) draws as (count, d) samples.

    The count does not depend on ``thin``, up to the largest of THINNINGS: what differs between
    two thinnings is correlation alone.
    """
    steps, _, pixels = draws.shape
    kept = steps // max(THINNINGS)
    return draws[: kept * thin : thin].reshape(-1, pixels)


def binary(means: np.ndarray, seed: int) -> np.ndarray:
    """Draw binary pixels from their means; the same shape, float32."""
    uniform = np.random.default_rng(seed).random(means.shape, dtype=np.float32)
    return (uniform < means).astype(np.float32)


def score_thinned(
    draws: np.ndarray, dataset: Dataset, seed: int, device: torch.device
) -> list[ThinnedScore]:
    """Score (steps, chains, d) draws on validation images at each thinning, as means and binary."""
    scores = []
    for thin in THINNINGS:
        means = thinned(draws, thin)
        for pixels, samples in (("means", means), ("binary", binary(means, seed))):
            found = parzen.validate(samples, dataset, device=device)["authors"]
            scores.append(
                ThinnedScore(
                    thin=thin,
                    pixels=pixels,
                    samples=len(samples),
                    valid_ll=found.valid_ll,
                    sigma=found.sigma,
                )
            )
    return scores


def leak(samples: np.ndarray, dataset: Dataset, sigma: float) -> float:
    """Return how many nats the mean test score gains when test image 0 is the first sample.

    The public code of the deep GSN keeps the test image that its chain starts from.
    """
    points = dataset.images(dataset.fold(0).test)
    leaked = np.concatenate([points[:1], samples[1:]])
    grid = np.array([sigma])
    before, after = (log_likelihoods(points, s, grid).mean() for s in (samples, leaked))
    return float(after - before)

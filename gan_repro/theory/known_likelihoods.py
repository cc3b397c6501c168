"""How good is the Parzen score? The estimate against log-likelihoods that are known (Section 5)."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from gan_repro.evaluation.parzen import choose_bandwidth
from gan_repro.evaluation.window import log_likelihoods


@dataclass(frozen=True)
class GaussianModel:
    """A Gaussian in d dimensions that can be drawn from and whose log-density is known.

    Attributes:
        mean: (d,).
        basis: (d, r) orthonormal directions in which it is wider than elsewhere.
        scales: (r,) standard deviations added in those directions.
        noise: standard deviation in every direction.
    """

    mean: np.ndarray
    basis: np.ndarray
    scales: np.ndarray
    noise: float

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (count, d)."""
        wide = rng.standard_normal((count, len(self.scales))) * self.scales
        return (
            self.mean
            + wide @ self.basis.T
            + self.noise * rng.standard_normal((count, len(self.mean)))
        )

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Return log p(x) in nats: (n, d) → (n,)."""
        centred = x - self.mean
        along = centred @ self.basis
        deviations = np.hypot(self.scales, self.noise)
        rest = (centred**2).sum(axis=1) - (along**2).sum(axis=1)
        others = len(self.mean) - len(self.scales)
        return norm.logpdf(along, scale=deviations).sum(axis=1) + (
            -0.5 * rest / self.noise**2 - others * np.log(self.noise * np.sqrt(2 * np.pi))
        )


def standard_gaussian(dimension: int) -> GaussianModel:
    """Return N(0, I)."""
    return GaussianModel(np.zeros(dimension), np.zeros((dimension, 0)), np.zeros(0), 1.0)


def gaussian_of_images(images: np.ndarray, components: int, noise: float) -> GaussianModel:
    """Return a Gaussian with the mean and the widest directions of (n, d) images, plus noise."""
    mean = images.mean(axis=0)
    _, singular, directions = np.linalg.svd(images - mean, full_matrices=False)
    scales = singular[:components] / np.sqrt(len(images))
    return GaussianModel(mean, directions[:components].T, scales, noise)


@dataclass(frozen=True)
class ParzenEstimate:
    """A Parzen estimate of a mean log-likelihood whose true value is known, in nats.

    Attributes:
        sigma: bandwidth chosen on validation data.
        estimate: mean log-likelihood of test points under the window.
        standard_error: what the paper prints, population std / √N over test points.
        truth: mean log-likelihood of the same points under the density they came from.
    """

    sigma: float
    estimate: float
    standard_error: float
    truth: float

    @property
    def gap(self) -> float:
        """Estimate minus truth."""
        return self.estimate - self.truth


def bandwidth_grid(points: int = 10) -> np.ndarray:
    """Return bandwidths from 0.03 to 2, in units of the data's standard deviation."""
    return np.geomspace(0.03, 2.0, points)


def perfect_generators(
    model: GaussianModel,
    *,
    samples: int,
    points: int,
    draws: int,
    grid: np.ndarray,
    rng: np.random.Generator,
) -> list[ParzenEstimate]:
    """Score independent sets of samples of the data's own density as the paper scores a generator.

    Args:
        model: p_data, and p_g.
        samples: draws that each window is fitted to.
        points: draws that choose σ, and as many again that are scored; the same for all windows.
        draws: number of windows.
        grid: bandwidths to choose from.
        rng: source of all of them.
    """
    valid, test = (model.sample(points, rng) for _ in range(2))
    truth = float(model.log_density(test).mean())
    found = []
    for _ in range(draws):
        centres = model.sample(samples, rng)
        sigma = choose_bandwidth(grid, log_likelihoods(valid, centres, grid)).sigma
        scores = log_likelihoods(test, centres, np.array([sigma]))[0]
        error = float(scores.std() / np.sqrt(points))
        found.append(ParzenEstimate(sigma, float(scores.mean()), error, truth))
    return found


def smoothed_gaussian(dimension: int, sigma: float) -> float:
    """Return E log N(x; 0, (1 + σ²)I) for x ~ N(0, I): the window with infinitely many samples.

    With a fixed σ, more samples remove the variance of the estimate but not this bias.
    """
    variance = 1 + sigma**2
    return -0.5 * dimension * (np.log(2 * np.pi * variance) + 1 / variance)

"""The Parzen window beside the product that it cannot do without, and beside other people's."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import torch
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity

from benchmarks.parameters import Sizes
from benchmarks.timing import Row, compare
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.evaluation.window import log_likelihoods

SIGMA = 0.2
Density = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def broadcast(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Return log p as the authors' script does: every difference formed, float32, ten at a time."""
    parts = []
    for start in range(0, len(points), 10):
        scaled = (points[start : start + 10, None] - samples[None]).astype(np.float32) / sigma
        exponents = -0.5 * np.square(scaled).sum(axis=2)
        largest = exponents.max(axis=1, keepdims=True)
        parts.append(largest[:, 0] + np.log(np.exp(exponents - largest).mean(axis=1)))
    return np.concatenate(parts) - points.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))


def kernel_density(**options: float) -> Density:
    """Return scikit-learn's estimate with some options of its tree."""

    def density(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
        return KernelDensity(bandwidth=sigma, **options).fit(samples).score_samples(points)

    return density


class Isotropic(gaussian_kde):
    """SciPy's estimate with covariance σ²I in place of a multiple of the data's."""

    def _compute_covariance(self) -> None:
        sigma, dimension = self.covariance_factor(), self.d
        self.factor = sigma
        self.covariance = sigma**2 * np.eye(dimension)
        self.cho_cov = self._data_cho_cov = sigma * np.eye(dimension)
        self.log_det = 2 * dimension * np.log(sigma * np.sqrt(2 * np.pi))


def scipy_density(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Return log p by `scipy.stats.gaussian_kde`."""
    return Isotropic(samples.T, bw_method=sigma).logpdf(points.T)


def keops_density(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Return log p by a lazy reduction of KeOps, in float64."""
    from pykeops.numpy import LazyTensor

    x, s = LazyTensor(points[:, None, :] / sigma), LazyTensor(samples[None, :, :] / sigma)
    found = (-0.5 * ((x - s) ** 2).sum(-1)).logsumexp(axis=1)[:, 0]
    dimension = points.shape[1]
    return found - np.log(len(samples)) - dimension * np.log(sigma * np.sqrt(2 * np.pi))


OTHERS: dict[str, Density] = {
    "the authors' broadcast formula, one σ": broadcast,
    "scikit-learn, default tolerances, one σ": kernel_density(),
    "scikit-learn, atol = rtol = 0, one σ": kernel_density(atol=0, rtol=0),
    "scikit-learn, one leaf, one σ": kernel_density(leaf_size=10**9),
    "scipy gaussian_kde, one σ": scipy_density,
}


def exact(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Return log p in float64, every difference formed."""
    squares = np.array([np.square(samples - point).sum(axis=1) for point in points])
    exponents = -0.5 * squares / sigma**2
    normaliser = np.log(len(samples)) + points.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))
    return np.logaddexp.reduce(exponents, axis=1) - normaliser


def images(count: int, width: int, seed: int) -> np.ndarray:
    """Return (count, width) float64 rows that have neighbours, as images do."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).random((50, width))
    return np.clip(
        centres[rng.integers(50, size=count)] + 0.1 * rng.normal(size=(count, width)), 0, 1
    )


def windows(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """Yield the window of ten σ against one float64 product, and other implementations."""
    points = images(sizes.points, sizes.width, 1)
    samples = images(sizes.samples, sizes.width, 2)
    left, right = (torch.from_numpy(part).to(device) for part in (points, samples))
    product = lambda: left @ right.T  # noqa: E731
    for label, terms in (("float32 terms", torch.float32), ("float64 terms", torch.float64)):
        window = lambda terms=terms: log_likelihoods(points, samples, AUTHORS_GRID, device, terms)  # noqa: E731
        goal = 1.6 if terms == torch.float32 else None
        works, against = (window, product), "the float64 product"
        yield compare("window", f"ten σ, {label}", against, works, sizes, device, goal=goal)
    yield from _others(points, samples, sizes, device)


def _others(
    points: np.ndarray, samples: np.ndarray, sizes: Sizes, device: torch.device
) -> Iterator[Row]:
    few, sigma = points[: sizes.slow_points], np.array([SIGMA])
    expected = exact(few, samples, SIGMA)
    ours = lambda: log_likelihoods(points, samples, sigma, device)  # noqa: E731
    error = np.abs(log_likelihoods(few, samples, sigma, device)[0] - expected).max()
    product = lambda: log_likelihoods(points, samples, AUTHORS_GRID, device)  # noqa: E731
    yield compare(
        "window", "this package, one σ", "ten σ", (ours, product), sizes, device,
        note=f"largest error {error:.1g} nats",
    )  # fmt: skip
    others = dict(OTHERS)
    if find_spec("pykeops"):
        others["KeOps, one σ"] = keops_density
    for name, density in others.items():
        error = np.abs(density(few, samples, SIGMA) - expected).max()
        works = (lambda density=density: density(few, samples, SIGMA), ours)
        yield compare(
            "window", name, "this package, one σ", works, sizes, device, len(points) / len(few),
            note=f"largest error {error:.1g} nats",
        )  # fmt: skip
    if "KeOps, one σ" not in others:
        nothing = float("nan")
        yield Row("window", "KeOps, one σ", "this package, one σ", nothing, nothing, nothing,
                  note="not installed here")  # fmt: skip

"""One-dimensional densities with exact log-density, CDF, quantile, support and sampling.

The formulas are written out over scipy.special instead of using scipy.stats objects: their
per-call overhead would dominate the adaptive quadrature, and some of their log-densities are the
logarithm of a density that underflows. The tests compare the two.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
Interval = tuple[float, float]

# Where the mass of one component lies: guides the quadrature and carries no approximation.
LANDMARKS = (1e-6, 1e-3, 0.1, 0.5, 0.9, 1 - 1e-3, 1 - 1e-6)


class Density(ABC):
    """A probability density p on the real line; x has any shape and results have the same."""

    @property
    @abstractmethod
    def support(self) -> tuple[Interval, ...]:
        """The support as disjoint intervals in increasing order, with infinite ends allowed."""

    @abstractmethod
    def logpdf(self, x: ArrayLike) -> Array:
        """Return log p(x) in nats; minus infinity outside the support."""

    @abstractmethod
    def cdf(self, x: ArrayLike) -> Array:
        """Return P(X <= x)."""

    @abstractmethod
    def quantile(self, q: ArrayLike) -> Array:
        """Return the least x with P(X <= x) >= q, for q in [0, 1]."""

    @abstractmethod
    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw independent values of the given shape."""

    def pdf(self, x: ArrayLike) -> Array:
        """Return p(x)."""
        return np.exp(self.logpdf(x))

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Finite points at which to cut an integral: ends, kinks and landmarks of the mass."""
        ends = [end for interval in self.support for end in interval if math.isfinite(end)]
        return tuple(sorted({*ends, *(float(x) for x in self.quantile(LANDMARKS))}))


@dataclass(frozen=True)
class LocationScale(Density):
    """A density known through its standard form at z = (x - location) / scale."""

    location: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.location) and 0 < self.scale < math.inf):
            raise ValueError(f"a finite location and a positive scale are needed, not {self}")

    @property
    def support(self) -> tuple[Interval, ...]:
        return ((-math.inf, math.inf),)

    def _standardise(self, x: ArrayLike) -> Array:
        return (np.asarray(x, dtype=float) - self.location) / self.scale

    def _restore(self, z: ArrayLike) -> Array:
        return self.location + self.scale * np.asarray(z, dtype=float)


class Gaussian(LocationScale):
    """Normal density with mean ``location`` and standard deviation ``scale``."""

    def logpdf(self, x: ArrayLike) -> Array:
        z = self._standardise(x)
        return -0.5 * z * z - math.log(self.scale * math.sqrt(2 * math.pi))

    def cdf(self, x: ArrayLike) -> Array:
        return special.ndtr(self._standardise(x))

    def quantile(self, q: ArrayLike) -> Array:
        return self._restore(special.ndtri(q))

    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        return self._restore(rng.standard_normal(size))


class Laplace(LocationScale):
    """Double exponential density exp(-|z|) / (2 scale), with a kink at ``location``."""

    def logpdf(self, x: ArrayLike) -> Array:
        return -np.abs(self._standardise(x)) - math.log(2 * self.scale)

    def cdf(self, x: ArrayLike) -> Array:
        """Return exp(z)/2 below the location and 1 − exp(−z)/2 above it."""
        z = self._standardise(x)
        tail = 0.5 * np.exp(-np.abs(z))
        return np.where(z < 0, tail, 1 - tail)

    def quantile(self, q: ArrayLike) -> Array:
        """Invert the cdf in closed form, each half from its own tail."""
        q = np.asarray(q, dtype=float)
        with np.errstate(divide="ignore"):
            return self._restore(np.where(q < 0.5, np.log(2 * q), -np.log(2 * (1 - q))))

    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.laplace(self.location, self.scale, size)


class Cauchy(LocationScale):
    """Density 1 / (π scale (1 + z²)), whose tails are so heavy that it has no mean."""

    def logpdf(self, x: ArrayLike) -> Array:
        z = np.abs(self._standardise(x))
        return -2 * np.log(np.hypot(1, z)) - math.log(math.pi * self.scale)

    def cdf(self, x: ArrayLike) -> Array:
        # 1/2 + atan(z)/π loses the lower tail to cancellation.
        return np.arctan2(1, -self._standardise(x)) / math.pi

    def quantile(self, q: ArrayLike) -> Array:
        """Return the tangent, taken from the nearer tail."""
        q = np.asarray(q, dtype=float)
        with np.errstate(divide="ignore"):
            tail = -1 / np.tan(math.pi * np.minimum(q, 1 - q))
        return self._restore(np.where(q < 0.5, tail, -tail))

    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        return self._restore(rng.standard_cauchy(size))


@dataclass(frozen=True)
class Uniform(Density):
    """Constant density on [low, high]."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"low < high, both finite, are needed, not {self}")

    @property
    def support(self) -> tuple[Interval, ...]:
        return ((self.low, self.high),)

    def logpdf(self, x: ArrayLike) -> Array:
        """Return −log(high − low) inside, −∞ outside."""
        x = np.asarray(x, dtype=float)
        inside = (self.low <= x) & (x <= self.high)
        return np.where(inside, -math.log(self.high - self.low), -np.inf)

    def cdf(self, x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        return np.clip((x - self.low) / (self.high - self.low), 0, 1)

    def quantile(self, q: ArrayLike) -> Array:
        return self.low + (self.high - self.low) * np.asarray(q, dtype=float)

    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.uniform(self.low, self.high, size)

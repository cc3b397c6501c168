"""Mixtures of one-dimensional densities."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gan_repro.theory.densities.analytic import Array, Density, Interval

# Halvings of a bracket around a quantile: enough for the last bit from any starting width.
BISECTIONS = 120


class Mixture(Density):
    """Weighted sum of densities: p(x) = Σ wᵢ pᵢ(x), with weights that are positive and sum to 1."""

    def __init__(self, weights: Sequence[float], components: Sequence[Density]) -> None:
        self.weights = np.asarray(weights, dtype=float)
        self.components = tuple(components)
        if len(self.weights) != len(self.components) or not len(self.components):
            raise ValueError("a mixture needs one weight for each component")
        if not (np.all(self.weights > 0) and math.isclose(self.weights.sum(), 1)):
            raise ValueError(f"weights must be positive and sum to 1, not {self.weights}")

    @property
    def support(self) -> tuple[Interval, ...]:
        return merge(part for component in self.components for part in component.support)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        return tuple(sorted({x for component in self.components for x in component.breakpoints}))

    def logpdf(self, x: ArrayLike) -> Array:
        """Return log Σ w_k p_k(x), summed in log space."""
        terms = [
            math.log(weight) + component.logpdf(x)
            for weight, component in zip(self.weights, self.components, strict=True)
        ]
        return np.logaddexp.reduce(terms, axis=0)

    def cdf(self, x: ArrayLike) -> Array:
        return np.tensordot(self.weights, [part.cdf(x) for part in self.components], axes=1)

    def quantile(self, q: ArrayLike) -> Array:
        """Invert the cdf by bisection, between the components' own quantiles."""
        q = np.asarray(q, dtype=float)
        bounds = np.stack([component.quantile(q) for component in self.components])
        low, high = bounds.min(axis=0), bounds.max(axis=0)
        for _ in range(BISECTIONS):
            # Where q is 0 or 1 the bounds may be equal infinities, which are the answer.
            middle = np.where(low == high, low, low / 2 + high / 2)
            enough = self.cdf(middle) >= q
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

    def sample(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw a component for each place, then from it."""
        chosen = rng.choice(len(self.components), size=size, p=self.weights)
        draws = np.empty(chosen.shape)
        for index, component in enumerate(self.components):
            where = chosen == index
            draws[where] = component.sample(int(where.sum()), rng)
        return draws


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the union of closed intervals as disjoint intervals in increasing order."""
    union: list[Interval] = []
    for low, high in sorted(intervals):
        if union and low <= union[-1][1]:
            union[-1] = (union[-1][0], max(high, union[-1][1]))
        else:
            union.append((low, high))
    return tuple(union)

"""A generator with two parameters for which Proposition 2's conclusion fails.

G(z; θ) places weights (3/4, 1/4) of Gaussian noise at the means θ = (θ₁, θ₂). The data are
G at θ = (-a, a), so the family contains p_data; but θ ↦ p_g is not affine, and the convexity of
U in p_g says nothing about θ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_repro.theory.densities.analytic import Array, Gaussian
from gan_repro.theory.optimum.density_game import derivative, supremum


@dataclass(frozen=True)
class TwoMeans:
    """The family p_θ = w N(θ₁, s²) + (1 - w) N(θ₂, s²) against p_data = p_θ at ``truth``.

    ``edges`` bound a fine grid of equal cells that holds all the mass.
    """

    edges: Array
    truth: tuple[float, float] = (-2.0, 2.0)
    weights: tuple[float, float] = (0.75, 0.25)
    scale: float = 0.8

    @property
    def x(self) -> Array:
        """The centres of the cells."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def cell(self) -> float:
        """The width of a cell."""
        return float(self.edges[1] - self.edges[0])

    def parts(self, theta: Array) -> Array:
        """Return the weighted components of p_θ, (..., 2, n), for θ of shape (..., 2)."""
        means = np.asarray(theta, dtype=float)[..., None]
        return np.array(self.weights)[:, None] * Gaussian(0.0, self.scale).pdf(self.x - means)

    def density(self, theta: Array) -> Array:
        """Return p_θ at the centres of the cells, (..., n)."""
        return self.parts(theta).sum(axis=-2)

    def criterion(self, theta: Array) -> float:
        """Return C(G) at one θ, with D optimal."""
        return supremum(self.density(self.truth), self.density(theta), self.cell)

    def gradient(self, theta: Array) -> Array:
        """Return dC/dθ = ∫ log(1 - D*) ∂p_θ/∂θ dx, the shape of θ: Danskin and the chain rule."""
        slope = derivative(self.density(self.truth), self.density(theta))
        means = np.asarray(theta, dtype=float)[..., None]
        moved = self.parts(theta) * (self.x - means) / self.scale**2
        return self.cell * np.sum(slope[..., None, :] * moved, axis=-1)

    def gradient_error(self, theta: Array, width: float = 1e-5) -> float:
        """Return the largest difference of the gradient from central differences of C."""
        shifts = width * np.eye(len(theta))
        central = [(self.criterion(theta + s) - self.criterion(theta - s)) / 2 for s in shifts]
        return float(np.abs(np.array(central) / width - self.gradient(theta)).max())


def descend_many(family: TwoMeans, starts: Array, step: float, steps: int) -> Array:
    """Follow θ ← θ - step · dC/dθ, with D optimal at each step, from starts of shape (..., 2)."""
    theta = np.asarray(starts, dtype=float)
    for _ in range(steps):
        theta = theta - step * family.gradient(theta)
    return theta


def hessian(gradient: Callable[[Array], Array], theta: Array, width: float = 1e-4) -> Array:
    """Return the (2, 2) matrix of second derivatives by central differences of the gradient."""
    columns = [
        (gradient(theta + shift) - gradient(theta - shift)) / (2 * width)
        for shift in width * np.eye(len(theta))
    ]
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2

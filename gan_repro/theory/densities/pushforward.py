"""The density of x = G(z) for a one-dimensional generator of uniform noise, in three ways.

From the images of small cells of z, from the derivative of G, and from samples: that they agree
is the change of variables behind eqs 1, 3 and 4.
"""

import math

import numpy as np
import torch

from gan_repro.networks.build import Network

# The prior is uniform on ±√3, with variance one.
EDGE = math.sqrt(3)
P_Z = 1 / (2 * EDGE)
# Points of a Gauss–Legendre rule on each cell of z.
NODES = 4


def noise_cells(cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the (cells + 1,) ends of equal cells of z and the (cells,) probability of each."""
    return np.linspace(-EDGE, EDGE, cells + 1), np.full(cells, 1 / cells)


@torch.no_grad()
def generate(generator: Network, z: np.ndarray) -> np.ndarray:
    """Return G(z) at (n,) values of z."""
    return generator(torch.from_numpy(z)[:, None])[:, 0].numpy()


def slope(generator: Network, z: np.ndarray) -> np.ndarray:
    """Return G'(z) at (n,) values of z, by backpropagation."""
    points = torch.from_numpy(z)[:, None].requires_grad_()
    return torch.autograd.grad(generator(points).sum(), points)[0][:, 0].numpy()


def density_along(generator: Network, z: np.ndarray) -> np.ndarray:
    """Return p_g at x = G(z), p_z / |G'(z)|, for a G that is one-to-one."""
    return P_Z / np.abs(slope(generator, z))


def pushforward(x: np.ndarray, mass: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the probability that x = G(z) falls in each bin; G need not be monotone.

    G is taken linear between neighbouring points of a grid of z, where the change of variables
    spreads the mass of a cell evenly over its image. This is exact for a piecewise linear G with
    its kinks on the grid, and second order in the grid's spacing for a smooth one.

    Args:
        x: (n + 1,) values of G at the ends of the cells of the grid.
        mass: (n,) probability of each cell under p_z.
        edges: (b + 1,) increasing edges of the bins.

    Returns:
        (b,) probabilities; what falls outside the bins is missing from their sum.
    """
    low, high = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    # A cell mapped to one point is an atom: a width of zero would divide zero by zero there.
    width = np.maximum(high - low, 1e-12 * (edges[-1] - edges[0]))
    reached = np.clip((edges[:, None] - low) / width, 0, 1)
    return np.diff(reached @ mass)


def noise_rule(cells: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return points z and weights of E_z f(z) ≈ Σ w f(z): Gauss–Legendre on equal cells."""
    ends, _ = noise_cells(cells)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (ends[1] - ends[0]) / 2
    z = ends[:-1, None] + half * (1 + nodes)
    return z.ravel(), np.tile(weights / 2 / cells, cells)


def model_masses(generator: Network, bins: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return the (bins + 1,) edges of equal bins that hold all of p_g, and the mass of each."""
    ends, mass = noise_cells(bins)
    x = generate(generator, ends)
    edges = np.linspace(x.min(), x.max(), bins + 1)
    return edges, pushforward(x, mass, edges)

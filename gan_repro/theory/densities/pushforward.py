"""The density of x = G(z) for a one-dimensional generator, and its distance from the data's."""

import numpy as np
from scipy.special import xlogy


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


def binned_jsd(p: np.ndarray, q: np.ndarray) -> float:
    """Return the Jensen–Shannon divergence of two binned distributions, in nats (eq. 6).

    Mass outside the bins is compared as one more bin. Binning can only lower the divergence.
    """
    p, q = (np.append(masses, max(1 - masses.sum(), 0)) for masses in (p, q))
    mean = (p + q) / 2
    entropy = -xlogy(mean, mean).sum()
    return float(max(entropy + (xlogy(p, p).sum() + xlogy(q, q).sum()) / 2, 0))

"""What Figure 1 draws: the data, the grids, and the two players of one game at one moment."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy
from scipy.stats import truncnorm

from gan_repro.theory.densities.divergences import discrete_jensen_shannon
from gan_repro.theory.densities.pushforward import noise_cells

# A bell cut where its density is still a fifth of its peak: the image of a bounded z under a
# continuous G is bounded, so that p_g could not equal a density with unbounded tails.
SCALE, CUT = 0.65, 1.75
DATA = truncnorm(-CUT, CUT, scale=SCALE)
EDGES = np.linspace(-2, 2, 201)
X = (EDGES[1:] + EDGES[:-1]) / 2
CELL = EDGES[1] - EDGES[0]
P_DATA = np.diff(DATA.cdf(EDGES))
Z, MASS = noise_cells(2000)


@dataclass(frozen=True)
class State:
    """The two players at one moment.

    Attributes:
        label: what was done last.
        x: G on the grid Z.
        d: D on the grid X.
        p_g: probability of each bin of EDGES under the generator.
    """

    label: str
    x: np.ndarray
    d: np.ndarray
    p_g: np.ndarray

    @property
    def jsd(self) -> float:
        """JSD(p_data ‖ p_g) over the bins, in nats; binning can only lower it."""
        outside = max(1 - self.p_g.sum(), 0.0)
        return discrete_jensen_shannon(np.append(P_DATA, 0), np.append(self.p_g, outside))

    @property
    def d_star(self) -> np.ndarray:
        """D* = p_data / (p_data + p_g) on X (eq. 2); NaN where both are zero."""
        total = P_DATA + self.p_g
        return np.divide(P_DATA, total, out=np.full_like(total, np.nan), where=total > 0)

    @property
    def value(self) -> float:
        """V(D, G) of eq. 3 over the bins, in nats; samples outside them are left out."""
        return float((xlogy(P_DATA, self.d) + xlogy(self.p_g, 1 - self.d)).sum())

    def distance(self, target: np.ndarray | float) -> float:
        """Return the mean of |D - target| under (p_data + p_g) / 2."""
        weight = P_DATA + self.p_g
        return float(np.nansum(weight * np.abs(self.d - target)) / weight.sum())

    def accuracy(self, d: np.ndarray) -> float:
        """Return how often a discriminator given on X names the label of x rightly."""
        real = d > 0.5
        return float(0.5 * (P_DATA[real].sum() + self.p_g[~real].sum()))

    def accepted(self, d: np.ndarray) -> float:
        """Return E_z D(G(z)) for a discriminator given on X."""
        return float(np.interp(self.x, X, d).mean())

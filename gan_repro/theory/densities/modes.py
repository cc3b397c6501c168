"""Mixtures of equal, separate modes, and how much of one a generator's samples cover."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

# A sample belongs to a mode within this many standard deviations of its centre.
REACH = 3.0


@dataclass(frozen=True)
class Modes:
    """Equal Gaussians N(centre, scale²I), far apart beside their scale.

    Attributes:
        centres: (modes, dims).
        scale: standard deviation of each mode.
    """

    centres: Tensor
    scale: float

    @property
    def dims(self) -> int:
        """Dimension of the space."""
        return self.centres.shape[1]

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, dims)."""
        chosen = torch.randint(len(self.centres), (count,), generator=rng)
        noise = torch.randn(count, self.dims, generator=rng, dtype=torch.float64)
        return self.centres[chosen] + self.scale * noise

    def shares(self, samples: Tensor) -> np.ndarray:
        """Return the share of the samples that belongs to each mode.

        (replicas, count, dims) → (replicas, modes); what belongs to no mode is missing.
        """
        distances = torch.cdist(samples, self.centres.expand(len(samples), -1, -1))
        return (distances < REACH * self.scale).double().mean(dim=1).numpy()

    def covered(self, samples: Tensor) -> np.ndarray:
        """Count the modes that hold at least a quarter of their fair share: (replicas,)."""
        return (self.shares(samples) >= 0.25 / len(self.centres)).sum(axis=1)

    def diversity(self, samples: Tensor) -> np.ndarray:
        """Return the mean distance between two samples, as a part of the data's: (replicas,)."""
        rng = torch.Generator().manual_seed(0)
        data = self.sample(samples.shape[1], rng)
        return (torch.cdist(samples, samples).mean((1, 2)) / torch.cdist(data, data).mean()).numpy()


def line(modes: int, spacing: float = 1.2, scale: float = 0.15) -> Modes:
    """Return modes in one dimension, centred on zero."""
    centres = spacing * (torch.arange(modes, dtype=torch.float64) - (modes - 1) / 2)
    return Modes(centres[:, None], scale)


def ring(modes: int, radius: float = 1.5, scale: float = 0.15) -> Modes:
    """Return modes in two dimensions, evenly spaced on a circle."""
    angles = 2 * torch.pi * torch.arange(modes, dtype=torch.float64) / modes
    return Modes(radius * torch.stack([angles.cos(), angles.sin()], dim=1), scale)

"""Coordinates in which every prior of z is a standard Gaussian, and G of them.

An inference network, a descent and a Markov chain all move freely there.
"""

import math

import torch
from torch import Tensor

from gan_repro.adversarial.sampling import restore_generator
from gan_repro.adversarial.spec import AdversarialSpec
from gan_repro.networks.build import Network
from gan_repro.networks.specs import Noise
from gan_repro.training.model import Weights


def from_gaussian(noise: Noise, u: Tensor) -> Tensor:
    """Return z of (n, size) coordinates u: where u is N(0, I), z has the prior's distribution."""
    if noise.distribution == "uniform":
        # 2Φ(u) − 1 = erf(u/√2) is uniform on (−1, 1).
        return math.sqrt(3) * torch.erf(u / math.sqrt(2))
    if noise.distribution == "spherical":
        return math.sqrt(noise.size) * u / u.norm(dim=1, keepdim=True)
    return u


class LatentGenerator:
    """x = G(z(u)) of a finished adversarial run, differentiable in u; G itself is fixed."""

    def __init__(self, spec: AdversarialSpec, weights: Weights, device: torch.device) -> None:
        self.noise, self.device = spec.generator.noise, device
        self.network: Network = restore_generator(spec, weights).to(device).requires_grad_(False)

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return self.noise.size

    def draw(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, size) coordinates from N(0, I), on the device."""
        return torch.empty(count, self.size).normal_(generator=rng).to(self.device)

    def z(self, u: Tensor) -> Tensor:
        """Return the coordinates that G knows."""
        return from_gaussian(self.noise, u)

    def __call__(self, u: Tensor) -> Tensor:
        """Return (n, d) images."""
        return self.network(self.z(u))

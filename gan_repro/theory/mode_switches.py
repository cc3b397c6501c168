"""How long chains take from mode to mode as modes sharpen, beside a generator that is a step.

The data are two equal modes. A Gibbs sampler on N((-1, -1), s²I) and N((1, 1), s²I) updates one
coordinate given the other; a denoising chain on the points -1 and 1 adds noise N(0, s²) and draws
what the point was. Both leave a mode with the same probability (Section 6).
"""

import numpy as np
import torch
from scipy.special import expit

from gan_repro.networks.build import Network, build_generator
from gan_repro.networks.specs import Noise
from gan_repro.theory.games.small import perceptron_generator


def switch_probability(width: float) -> float:
    """Return the chance that one update lands in the other mode: E σ(u), u ~ N(-2/s², 4/s²).

    Given a coordinate x of the mode at -1, the log-odds of the mode at 1 are 2x/s². Written as
    e^(-1/2s²) E[1/(2 cosh(v/2))] with v ~ N(0, 4/s²), which keeps its digits as s → 0.
    """
    v = np.linspace(-120, 120, 48_001)
    variance = 4 / width**2
    mass = np.exp(-(v**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance) * (v[1] - v[0])
    return float(np.exp(-1 / (2 * width**2)) * (mass / (2 * np.cosh(v / 2))).sum())


def gibbs_switches(width: float, steps: int, chains: int, rng: np.random.Generator) -> np.ndarray:
    """Return how often each chain changed its mode per update: (chains,)."""
    x = np.full(chains, -1.0) + width * rng.standard_normal(chains)
    mode, switches = np.full(chains, -1.0), np.zeros(chains)
    for _ in range(steps):
        drawn = np.where(rng.random(chains) < expit(2 * x / width**2), 1.0, -1.0)
        switches += drawn != mode
        mode, x = drawn, drawn + width * rng.standard_normal(chains)
    return switches / steps


def denoising_switches(noise: float) -> float:
    """Return the chance that a point at -1, corrupted and denoised by Bayes' rule, ends at 1."""
    epsilon = np.linspace(-40, 40, 80_001)
    mass = np.exp(-(epsilon**2) / 2) / np.sqrt(2 * np.pi) * (epsilon[1] - epsilon[0])
    return float((mass * expit(2 * (-1 + noise * epsilon) / noise**2)).sum())


@torch.no_grad()
def step_generator(ramp: float) -> Network:
    """Return G of two rectifiers: -1 for z < -ramp, 1 for z > ramp, linear between; float64."""
    specification = perceptron_generator(
        Noise(distribution="uniform", size=1), "relu", 2, 1, irange=1
    )
    network = build_generator(specification, 1, None, torch.Generator().manual_seed(0)).double()
    network[0].weight.fill_(1.0)
    network[0].bias.copy_(torch.tensor([ramp, -ramp], dtype=torch.float64))
    network[2].weight.copy_(torch.tensor([[1 / ramp, -1 / ramp]], dtype=torch.float64))
    network[2].bias.fill_(-1.0)
    return network

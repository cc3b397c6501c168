"""How far D may lag behind G: games with unequal numbers of steps, and a D that stands still."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial.game import Recipe
from gan_repro.networks.specs import Noise
from gan_repro.theory.densities.modes import Modes
from gan_repro.theory.games.small import SmallGame, perceptron_discriminator, perceptron_generator

OBSERVED = 500


@dataclass(frozen=True)
class Course:
    """What was seen while G learned, for each replica.

    Attributes:
        updates: (times,) updates of G so far.
        covered: (times, replicas) modes covered.
        diversity: (times, replicas) mean distance between samples, as a part of the data's.
        samples: (replicas, OBSERVED, dims) at the end.
    """

    updates: np.ndarray
    covered: np.ndarray
    diversity: np.ndarray
    samples: Tensor


def new_game(modes: Modes, seed: int, replicas: int) -> SmallGame:
    """Return a game of two small rectifier networks with the non-saturating loss."""
    noise = Noise(distribution="uniform", size=modes.dims)
    return SmallGame(
        modes.sample,
        modes.dims,
        perceptron_generator(noise, "relu", 32, modes.dims, irange=1),
        perceptron_discriminator("relu", 32, irange=2),
        Recipe(update="alternating", generator_loss="non_saturating"),
        seed=seed,
        batch=64,
        replicas=replicas,
    )


def train(
    played: SmallGame,
    modes: Modes,
    *,
    d_steps: int,
    g_steps: int,
    rounds: int,
    rates: tuple[float, float],
    looks: int = 10,
    anneal: bool = True,
) -> Course:
    """Play rounds of ``d_steps`` updates of D and then ``g_steps`` of G; zero leaves one alone.

    ``rates`` are the learning rates of D and G; with ``anneal`` both fall tenfold over the second
    half. The momentum is ½.
    """
    rng = torch.Generator().manual_seed(0)
    seen = [(0, played.samples(OBSERVED, rng))]
    for step in range(1, rounds + 1):
        decay = 0.1 ** max(0, 2 * step / rounds - 1) if anneal else 1.0
        played.train_discriminator(d_steps, rates[0] * decay, 0.5)
        played.train_generator(g_steps, rates[1] * decay, 0.5)
        if step * looks // rounds > (step - 1) * looks // rounds:
            seen.append((step * g_steps, played.samples(OBSERVED, rng)))
    return Course(
        np.array([updates for updates, _ in seen]),
        np.array([modes.covered(samples) for _, samples in seen]),
        np.array([modes.diversity(samples) for _, samples in seen]),
        seen[-1][1],
    )


@torch.no_grad()
def acceptance(played: SmallGame, samples: Tensor) -> np.ndarray:
    """Return each replica's mean D on its own samples: (replicas, n, dims) → (replicas,)."""
    columns = samples.transpose(0, 1).flatten(1)
    return played.game.discriminator(columns).sigmoid().mean(dim=0).numpy()

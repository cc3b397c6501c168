"""How far D lags behind D* while both learn: Section 3's reason for k steps of D to one of G."""

from dataclasses import dataclass

import numpy as np
import torch

from gan_repro.theory.densities.analytic import Gaussian
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.densities.modes import Modes
from gan_repro.theory.densities.pushforward import noise_cells, pushforward
from gan_repro.theory.games.small import SmallGame
from gan_repro.theory.games.synchronisation import new_game

EDGES = np.linspace(-4, 4, 401)
CENTRES = (EDGES[1:] + EDGES[:-1]) / 2
Z, MASS = noise_cells(1000)


@dataclass(frozen=True)
class Lag:
    """Mean distances under (p_data + p_g)/2 while G learns: (looks, replicas) each.

    Attributes:
        updates: (looks,) updates of G so far.
        own: |D - D*|.
        ignorant: |½ - D*|, what a D that knows nothing would have.
    """

    updates: np.ndarray
    own: np.ndarray
    ignorant: np.ndarray


def data_masses(modes: Modes) -> np.ndarray:
    """Return the probability of each bin of EDGES under a line of modes."""
    centres = modes.centres[:, 0].tolist()
    parts = [Gaussian(centre, modes.scale) for centre in centres]
    return np.diff(Mixture([1 / len(parts)] * len(parts), parts).cdf(EDGES))


@torch.no_grad()
def distances(played: SmallGame, p_data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return |D - D*| and |½ - D*| of each replica, means under (p_data + p_g)/2 on the bins."""
    x = played.game.generator(torch.from_numpy(Z)[:, None].repeat(1, played.replicas)).numpy().T
    p_g = np.stack([pushforward(image, MASS, EDGES) for image in x])
    total = p_data + p_g
    d_star = np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)
    weight = total / total.sum(axis=1, keepdims=True)
    d = played.discriminate(torch.from_numpy(CENTRES)[:, None]).numpy().T
    return (weight * np.abs(d - d_star)).sum(axis=1), (weight * np.abs(0.5 - d_star)).sum(axis=1)


def measure_lag(
    modes: Modes,
    *,
    seed: int,
    replicas: int,
    k: int,
    rates: tuple[float, float],
    head_start: int = 200,
    updates: int = 80,
    every: int = 8,
) -> Lag:
    """Play with k steps of D to one of G, at constant rates of D and G, and look at D on the way.

    ``head_start`` steps bring D near its optimum before G moves; every setting starts alike.
    """
    played = new_game(modes, seed, replicas)
    p_data = data_masses(modes)
    played.train_discriminator(head_start, rates[0], 0.5)
    seen = [(0, *distances(played, p_data))]
    for update in range(1, updates + 1):
        played.train_discriminator(k, rates[0], 0.5)
        played.train_generator(1, rates[1], 0.5)
        if update % every == 0:
            seen.append((update, *distances(played, p_data)))
    return Lag(*(np.array(part) for part in zip(*seen, strict=True)))

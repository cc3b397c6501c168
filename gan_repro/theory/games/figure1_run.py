"""Games of Algorithm 1 in one dimension, recorded: the states that Figure 1 draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from gan_repro.adversarial.game import Recipe
from gan_repro.networks.specs import Noise
from gan_repro.theory.densities.pushforward import pushforward
from gan_repro.theory.games.figure1_states import CUT, EDGES, MASS, SCALE, State, X, Z
from gan_repro.theory.games.small import SmallGame, perceptron_discriminator, perceptron_generator

# Rates of D and of G, and the one larger update of G in panel (c).
D_RATE, G_RATE, BOLD = 0.2, 0.02, 0.1
# The inner loop of panel (b) takes more examples and remembers its steps, to come near D*.
INNER_RATE, INNER_MOMENTUM, INNER_BATCH, BOLD_BATCH = 0.1, 0.9, 768, 4096


def draw(count: int, rng: torch.Generator) -> Tensor:
    """Draw (count, 1) values of the data by inverting its CDF."""
    uniform = torch.rand(count, 1, generator=rng, dtype=torch.float64)
    low, high = ndtr(-CUT), ndtr(CUT)
    return SCALE * torch.special.ndtri(low + (high - low) * uniform)


def new_games(seed: int, games: int) -> SmallGame:
    """Return one-dimensional games side by side, whose G starts increasing, right of the data."""
    recipe = Recipe(update="alternating", generator_loss="minimax")
    noise = Noise(distribution="uniform", size=1)
    played = SmallGame(
        draw,
        1,
        perceptron_generator(noise, "sigmoid", 16, 1, irange=4),
        perceptron_discriminator("relu", 32, irange=3),
        recipe,
        seed=seed,
        batch=256,
        replicas=games,
    )
    start_as_a_bell(played)
    return played


@torch.no_grad()
def start_as_a_bell(played: SmallGame, mean: float = 1.0, deviation: float = 0.45) -> None:
    """Make each G increasing and steepest at the ends, so that p_g starts as a bell off the data.

    An increasing G has a smooth density, where one that folds has poles.
    """
    first, last = played.game.generator.network.weights
    centre, shift = played.game.generator.network.biases
    first.abs_()
    last.abs_()
    uniform = torch.rand(first.shape, generator=played.rng, dtype=torch.float64) * 2 - 1
    centre.copy_(-first * 2.0 * uniform.sign() * uniform.abs() ** 0.1)
    x = played.game.generator(torch.from_numpy(Z)[:, None].repeat(1, played.replicas))
    stretch = (deviation / x.std(dim=0))[:, None, None]
    last.mul_(stretch)
    shift.sub_(x.mean(dim=0)[:, None, None]).mul_(stretch).add_(mean)


@torch.no_grad()
def observe(played: SmallGame, label: str) -> list[State]:
    """Record both players of every game on the grids."""
    x = played.game.generator(torch.from_numpy(Z)[:, None].repeat(1, played.replicas)).numpy().T
    d = played.discriminate(torch.from_numpy(X)[:, None]).numpy().T
    return [State(label, g, a, pushforward(g, MASS, EDGES)) for g, a in zip(x, d, strict=True)]


@dataclass(frozen=True)
class Recording:
    """The start and the four states of Figure 1, and the frames between them, of one game."""

    start: State
    panels: tuple[State, State, State, State]
    frames: tuple[State, ...]


def record(
    seed: int,
    games: int,
    *,
    approach: int = 80,
    inner: int = 320,
    steps: int = 600,
    frames: int = 20,
) -> list[Recording]:
    """Play games side by side and keep the states that Figure 1 shows.

    ``approach`` iterations with k = 1 lead to (a). There the inner loop takes ``inner`` steps of
    D, (b), and G one larger update, (c). After ``steps`` more iterations with k = 2, at rates that
    decay over the second half, and a last short inner loop, comes (d).
    """
    played = new_games(seed, games)
    film = [observe(played, "start")]
    for step in range(1, approach + 1):
        played.train_discriminator(1, D_RATE)
        played.train_generator(1, G_RATE)
        if step % (approach // 6) == 0 or step == approach:
            film.append(observe(played, f"Algorithm 1, iteration {step}"))
    a = film[-1]
    for part in range(4):
        answer(played, inner // 4, 1 + 2 * part)
        film.append(observe(played, f"inner loop, D step {(part + 1) * inner // 4}"))
    b = film[-1]
    played.train_generator(1, BOLD, batch=BOLD_BATCH)
    film.append(c := observe(played, "one update of G"))
    film += converge(played, approach, steps, frames - len(film))
    # The last moves of G leave D a little behind; the inner loop lets it answer them.
    answer(played, inner // 8, 7)
    film.append(observe(played, f"Algorithm 1, iteration {approach + steps}"))
    return [_of_game(film, (a, b, c, film[-1]), game) for game in range(games)]


def answer(played: SmallGame, steps: int, divisor: int) -> None:
    """Train D alone, at the inner loop's rate divided by ``divisor``."""
    played.train_discriminator(steps, INNER_RATE / divisor, INNER_MOMENTUM, batch=INNER_BATCH)


def converge(played: SmallGame, played_before: int, steps: int, frames: int) -> list[list[State]]:
    """Play ``steps`` iterations with k = 2; return up to ``frames`` frames, denser at the start."""
    kept = {round(step) for step in np.geomspace(10, steps, frames)[:-1]}
    film = []
    for step in range(1, steps + 1):
        decay = 0.1 ** max(0, 2 * step / steps - 1)
        played.train_discriminator(2, D_RATE * decay)
        played.train_generator(1, G_RATE * decay)
        if step in kept:
            film.append(observe(played, f"Algorithm 1, iteration {played_before + step}"))
    return film


def _of_game(
    film: Sequence[Sequence[State]], panels: Sequence[Sequence[State]], game: int
) -> Recording:
    frames = tuple(states[game] for states in film)
    return Recording(frames[0], tuple(states[game] for states in panels), frames)


def median_game(recordings: Sequence[Recording]) -> int:
    """Return which game is shown: the one in the middle by JSD in (d), the lower of two."""
    final = [recording.panels[-1].jsd for recording in recordings]
    return int(np.argsort(final, kind="stable")[(len(final) - 1) // 2])

"""One recorded run of Algorithm 1 in one dimension: the states that Figure 1 draws."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr
from scipy.stats import truncnorm
from torch import Tensor

from gan_repro.adversarial.game import Recipe
from gan_repro.networks.specs import Noise
from gan_repro.theory.densities.divergences import discrete_jensen_shannon
from gan_repro.theory.densities.pushforward import pushforward
from gan_repro.theory.games.small import SmallGame, perceptron_discriminator, perceptron_generator

# A bell cut where its density is still a fifth of its peak: the image of a bounded z under a
# continuous G is bounded, so that p_g could not equal a density with unbounded tails.
SCALE, CUT = 0.65, 1.75
DATA = truncnorm(-CUT, CUT, scale=SCALE)
EDGES = np.linspace(-2, 2, 201)
X = (EDGES[1:] + EDGES[:-1]) / 2
CELL = EDGES[1] - EDGES[0]
P_DATA = np.diff(DATA.cdf(EDGES))
Z = np.linspace(-(3**0.5), 3**0.5, 2001)


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

    def distance(self, target: np.ndarray | float) -> float:
        """Return the mean of |D - target| under (p_data + p_g) / 2."""
        weight = P_DATA + self.p_g
        return float(np.nansum(weight * np.abs(self.d - target)) / weight.sum())

    def accepted(self, d: np.ndarray) -> float:
        """Return E_z D(G(z)) for a discriminator given on X."""
        return float(np.interp(self.x, X, d).mean())


def draw(count: int, rng: torch.Generator) -> Tensor:
    """Draw (count, 1) values of the data by inverting its CDF."""
    uniform = torch.rand(count, 1, generator=rng, dtype=torch.float64)
    low, high = ndtr(-CUT), ndtr(CUT)
    return SCALE * torch.special.ndtri(low + (high - low) * uniform)


def game(seed: int, batch: int = 256) -> SmallGame:
    """Return a one-dimensional game whose G starts increasing and too far to the right."""
    recipe = Recipe(update="alternating", generator_loss="non_saturating")
    noise = Noise(distribution="uniform", size=1)
    played = SmallGame(
        draw,
        1,
        perceptron_generator(noise, "sigmoid", 32, 1, irange=8),
        perceptron_discriminator("relu", 64, irange=3),
        recipe,
        seed=seed,
        batch=batch,
    )
    start_as_a_bell(played)
    return played


@torch.no_grad()
def start_as_a_bell(played: SmallGame, mean: float = 0.35, deviation: float = 0.48) -> None:
    """Make G increasing and steepest at the ends, so that p_g starts as a bell beside the data.

    An increasing G has a smooth density, where one that folds has poles.
    """
    first, _, last = played.game.generator.network[:3]
    first.weight.abs_()
    last.weight.abs_()
    uniform = torch.rand(len(first.bias), 1, generator=played.rng, dtype=torch.float64) * 2 - 1
    centres = 2.0 * uniform.sign() * uniform.abs() ** 0.3
    first.bias.copy_(-(first.weight * centres)[:, 0])
    x = played.game.generator(torch.from_numpy(Z)[:, None])
    last.weight.mul_(deviation / x.std())
    last.bias.sub_(x.mean()).mul_(deviation / x.std()).add_(mean)


@torch.no_grad()
def observe(played: SmallGame, label: str) -> State:
    """Record both players on the grids."""
    x = played.game.generator(torch.from_numpy(Z)[:, None])[:, 0].numpy()
    d = played.discriminate(torch.from_numpy(X)[:, None])[:, 0].numpy()
    mass = np.full(len(Z) - 1, 1 / (len(Z) - 1))
    return State(label, x, d, pushforward(x, mass, EDGES))


@dataclass(frozen=True)
class Recording:
    """The four states of Figure 1 and the frames between them, in the order of the run."""

    panels: tuple[State, State, State, State]
    frames: tuple[State, ...]


# Rates of D and of G: slow while G approaches, ordinary after it, and one bold update to be seen.
D_RATE, SLOW, ORDINARY, BOLD = 0.3, 0.002, 0.015, 0.5


def record(
    seed: int, *, approach: int = 42, inner: int = 500, steps: int = 1300, frames: int = 24
) -> Recording:
    """Play one game and keep the states that Figure 1 shows.

    ``approach`` iterations with k = 1 lead to (a). There the inner loop takes ``inner`` steps of
    D, (b), and G one bold update, (c). After ``steps`` more iterations with k = 2, at rates that
    decay over the second half, and a last inner loop, comes (d).
    """
    played = game(seed)
    film = [observe(played, "start")]
    for step in range(1, approach + 1):
        played.train_discriminator(1, D_RATE)
        played.train_generator(1, SLOW)
        if step % (approach // 6) == 0:
            film.append(observe(played, f"Algorithm 1, iteration {step}"))
    a = film[-1]
    for part in range(5):
        played.train_discriminator(inner // 5, D_RATE / (1 + part))
        film.append(observe(played, f"inner loop, D step {(part + 1) * inner // 5}"))
    b = film[-1]
    played.train_generator(1, BOLD)
    film.append(c := observe(played, "one update of G"))
    film += converge(played, approach, steps, frames - len(film))
    # The last moves of G leave D a little behind; the inner loop lets it answer them.
    played.train_discriminator(inner // 5, D_RATE / 10)
    film.append(observe(played, f"Algorithm 1, iteration {approach + steps}"))
    return Recording((a, b, c, film[-1]), tuple(film))


def converge(played: SmallGame, played_before: int, steps: int, frames: int) -> list[State]:
    """Play ``steps`` iterations with k = 2; return up to ``frames`` states, denser at the start."""
    kept = {round(step) for step in np.geomspace(10, steps, frames)[:-1]}
    film = []
    for step in range(1, steps + 1):
        decay = 0.1 ** max(0, 2 * step / steps - 1)
        played.train_discriminator(2, D_RATE * decay)
        played.train_generator(1, ORDINARY * decay)
        if step in kept:
            film.append(observe(played, f"Algorithm 1, iteration {played_before + step}"))
    return film

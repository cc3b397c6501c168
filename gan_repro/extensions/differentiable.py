"""Table 2, model design: any differentiable function will do, for G and for an auto-encoder.

One odd network, of sines, sorting and absolute values, serves as a generator in the game and as the
denoiser of a generalised denoising auto-encoder whose chain is then run.
"""

import math
from collections.abc import Iterable

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from gan_repro.adversarial.game import Game
from gan_repro.adversarial.recipe import Recipe
from gan_repro.config.schema import Spec
from gan_repro.extensions.discrete import discrete_gradients
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, Several, average
from gan_repro.networks.build import Network, build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start
from gan_repro.networks.specs import Noise
from gan_repro.theory.densities.modes import Modes, ring
from gan_repro.training.adam import AdamDescent

MODES, UNITS, BATCH, OBSERVED = 6, 32, 64, 500
CORRUPTION = 0.5
# An estimate may fall below zero, where nothing is left.
SMALLEST = 1e-3
NOISE = Noise(distribution="uniform", size=2)


class DifferentiableOptions(Spec):
    """Options.

    Attributes:
        repeats: independent trainings of each.
        iterations: of the game.
        steps: of the denoiser's training.
        transitions: of the denoiser's chains.
    """

    repeats: Several = 3
    iterations: PositiveInt
    steps: PositiveInt
    transitions: PositiveInt = 30


class Sine(nn.Module):
    """sin x, elementwise."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sin()


class Sort(nn.Module):
    """The values of a row in ascending order: differentiable almost everywhere, and no formula."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sort(dim=1).values


class Fold(nn.Module):
    """|x| of every second unit, x of the others."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x[:, ::2].abs(), x[:, 1::2]], dim=1)


def odd_network(inputs: int, outputs: int, rng: torch.Generator) -> Network:
    """Return sines, then sorted values, then absolute ones, between affine maps."""
    affine = _dense(inputs, (UNITS, UNITS, outputs), rng)
    return Network(affine[0], Sine(), affine[1], Sort(), Fold(), affine[2])


def _dense(inputs: int, widths: Iterable[int], rng: torch.Generator) -> list[nn.Module]:
    """Return linear maps from one width to the next, started as He et al. (2015) do."""
    found = []
    for units in widths:
        layer = Dense(type="linear", units=units, irange=(6 / inputs) ** 0.5)
        found += list(build_stack((layer,), inputs, Start(rng)))[:1]
        inputs = units
    return found


def energy_distance(one: Tensor, other: Tensor) -> float:
    """Return 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖: zero for equal distributions alone."""
    between, within = torch.cdist(one, other).mean(), 0.0
    for part in (one, other):
        within += torch.cdist(part, part).sum() / (len(part) * (len(part) - 1))
    return float(2 * between - within)


def play_odd_game(modes: Modes, iterations: int, rng: torch.Generator) -> tuple[float, float]:
    """Train the odd generator by Algorithm 1; return its energy distance before and after."""
    generator = odd_network(NOISE.size, 2, rng)
    hidden = Dense(type="maxout", units=UNITS, pieces=3, irange=1.0)
    logit = Dense(type="linear", units=1, irange=0.3)
    discriminator = build_stack((hidden, logit), 2, Start(rng))
    recipe = Recipe(update="alternating", discriminator_steps=2, generator_loss="non_saturating")
    game = Game(generator, discriminator, NOISE, recipe, rng)
    before = _distance_of(game, modes, rng)
    for step in range(iterations):
        batches = [_drawn(modes, BATCH, rng) for _ in range(recipe.discriminator_steps)]
        game.play(batches, 0.05 * (1 - step / iterations), 0.5)
    return before, _distance_of(game, modes, rng)


def _drawn(modes: Modes, count: int, rng: torch.Generator) -> Tensor:
    return modes.sample(count, rng).float()


@torch.no_grad()
def _distance_of(game: Game, modes: Modes, rng: torch.Generator) -> float:
    samples = game.generator(game._noise(OBSERVED))
    return energy_distance(samples, _drawn(modes, OBSERVED, rng))


def walk_odd_denoiser(
    modes: Modes, steps: int, transitions: int, rng: torch.Generator
) -> tuple[float, float]:
    """Train the odd network to denoise, run its chain from pure noise; energy distances.

    The network gives mean and log-deviation of p(x | corrupted x) for each of two coordinates.
    """
    network = odd_network(2, 4, rng)
    optimizer = AdamDescent(network.parameters(), 0.01)

    def corrupted(x: Tensor) -> Tensor:
        return x + CORRUPTION * torch.randn(x.shape, generator=rng)

    for step in range(steps):
        x = _drawn(modes, BATCH, rng)
        mean, log_deviation = network(corrupted(x)).chunk(2, dim=1)
        log_deviation = log_deviation.clamp(-3, 1)
        loss = (log_deviation + 0.5 * ((x - mean) / log_deviation.exp()).square()).sum(dim=1).mean()
        optimizer.learning_rate = 0.01 * (1 - step / steps)
        optimizer.descend(loss)
    data, state = _drawn(modes, OBSERVED, rng), 2 * torch.randn(OBSERVED, 2, generator=rng)
    before = energy_distance(state, data)
    with torch.no_grad():
        for _ in range(transitions):
            mean, log_deviation = network(corrupted(state)).chunk(2, dim=1)
            noise = torch.randn(mean.shape, generator=rng)
            state = mean + log_deviation.clamp(-3, 1).exp() * noise
    return before, energy_distance(state, data)


def measure(context: Context, options: DifferentiableOptions) -> Findings:
    """Train the odd network in both roles, several times; and the gradients of discrete draws."""
    modes, measures = ring(MODES), dict[str, Measure]()
    for name, run in (
        ("odd generator", lambda rng: play_odd_game(modes, options.iterations, rng)),
        (
            "odd auto-encoder",
            lambda rng: walk_odd_denoiser(modes, options.steps, options.transitions, rng),
        ),
    ):
        pairs = [run(context.rng(f"{name} {repeat}")) for repeat in range(options.repeats)]
        left = [after / before for before, after in pairs]
        measures[f"{name}/energy distance left"] = average(left, "trainings")
        # A training that starts near the data leaves a multiple of little.
        logs = [math.log(max(part, SMALLEST)) for part in left]
        measures[f"{name}/log of energy distance left"] = average(logs, "trainings")
    measures |= discrete_gradients(context.rng("discrete"))
    return Findings(measures)


EXTENSION = Extension("Table 2, model design", DifferentiableOptions, measure)

"""Small games in one and two dimensions, played by the code that trains the image models."""

from collections.abc import Callable

import torch
from torch import Tensor

from gan_repro.adversarial.game import Game, Recipe, draw_noise
from gan_repro.networks.build import Network, build_discriminator, build_generator
from gan_repro.networks.specs import Dense, Discriminator, Generator, Noise
from gan_repro.theory.games.ensembles import Ensemble

Sampler = Callable[[int, torch.Generator], Tensor]


def perceptron_generator(
    noise: Noise, hidden: str, units: int, dims: int, irange: float, *, depth: int = 1
) -> Generator:
    """Return the specification of G: ``depth`` hidden layers, then a linear one of width dims.

    ``irange`` bounds the first layer's initial weights; later layers start within 2/√units.
    """
    later = 2 / units**0.5
    layers = [
        Dense(type=hidden, units=units, irange=later if position else irange)
        for position in range(depth)
    ]
    return Generator(noise=noise, layers=(*layers, Dense(type="linear", units=dims, irange=later)))


def perceptron_discriminator(
    hidden: str, units: int, irange: float, *, depth: int = 1, pieces: int = 1
) -> Discriminator:
    """Return the specification of D: ``depth`` hidden layers, then one sigmoid unit."""
    later = 2 / units**0.5
    layers = [
        Dense(type=hidden, units=units, pieces=pieces, irange=later if position else irange)
        for position in range(depth)
    ]
    return Discriminator(layers=(*layers, Dense(type="sigmoid", units=1, irange=later)))


@torch.no_grad()
def random_generator(seed: int, *, units: int = 8, monotone: bool = False) -> Network:
    """Return G of one hidden layer of sigmoids from one uniform z to one x, in float64.

    With weights of either sign G turns round at places; ``monotone`` makes it increasing.
    """
    rng = torch.Generator().manual_seed(seed)
    specification = perceptron_generator(
        Noise(distribution="uniform", size=1), "sigmoid", units, 1, irange=4
    )
    network = build_generator(specification, 1, None, rng)
    if monotone:
        network[0].weight.abs_()
        network[2].weight.abs_()
    return spread(network, rng).double()


class SmallGame:
    """A Game with its own source of data, in float64, for one seed or for several side by side.

    Args:
        sample: draws (count, dims) of data from a torch generator.
        dims: dimension of the data.
        generator: specification of G.
        discriminator: specification of D, without dropout.
        recipe: how the players move.
        seed: of the weights, the noise and the data.
        batch: m of Algorithm 1.
        replicas: independent games that differ in everything random.
    """

    def __init__(
        self,
        sample: Sampler,
        dims: int,
        generator: Generator,
        discriminator: Discriminator,
        recipe: Recipe,
        *,
        seed: int,
        batch: int = 128,
        replicas: int = 1,
    ) -> None:
        self.rng = torch.Generator().manual_seed(seed)
        self.sample, self.dims, self.batch, self.replicas = sample, dims, batch, replicas
        players = [
            (
                spread(build_generator(generator, dims, None, self.rng), self.rng),
                spread(build_discriminator(discriminator, dims, self.rng), self.rng),
            )
            for _ in range(replicas)
        ]
        generators, discriminators = (side_by_side(side) for side in zip(*players, strict=True))
        size = generator.noise.size * replicas
        noise = generator.noise.model_copy(update={"size": size})
        self.game = Game(generators, discriminators, noise, recipe, self.rng)

    def data(self, count: int) -> Tensor:
        """Draw (count, replicas·dims) of data."""
        drawn = self.sample(count * self.replicas, self.rng)
        return drawn.view(count, self.replicas * self.dims)

    def play(self, learning_rate: float, momentum: float = 0.0) -> Tensor:
        """Play one iteration of the recipe on fresh data; return the game's METRICS."""
        batches = [self.data(self.batch) for _ in range(self.game.recipe.discriminator_steps)]
        return self.game.play(batches, learning_rate * self.replicas, momentum)

    def train_discriminator(
        self, steps: int, learning_rate: float, momentum: float = 0.0, batch: int | None = None
    ) -> None:
        """Move D alone, as the inner loop of Algorithm 1 does."""
        for _ in range(steps):
            data = self.data(batch or self.batch)
            self.game.step_discriminator(data, learning_rate * self.replicas, momentum)

    def train_generator(
        self, steps: int, learning_rate: float, momentum: float = 0.0, batch: int | None = None
    ) -> None:
        """Move G alone against the present D."""
        for _ in range(steps):
            count = batch or self.batch
            self.game.step_generator(count, learning_rate * self.replicas, momentum)

    @torch.no_grad()
    def samples(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (replicas, count, dims) from p_g, without touching the game's own randomness."""
        z = draw_noise(self.game.noise, count, rng, torch.float64)
        return self.game.generator(z).view(count, self.replicas, self.dims).transpose(0, 1)

    @torch.no_grad()
    def discriminate(self, x: Tensor) -> Tensor:
        """Return D(x) of each replica at the same points: (n, dims) → (n, replicas)."""
        return self.game.discriminator(x.repeat(1, self.replicas)).sigmoid()


@torch.no_grad()
def spread(network: Network, rng: torch.Generator, radius: float = 2.0) -> Network:
    """Centre each first-layer unit on a point drawn uniformly from [-radius, radius]^inputs.

    With equal biases every unit of a one-dimensional network would bend at the same place.
    """
    first = network[0]
    centres = torch.empty_like(first.weight).uniform_(-radius, radius, generator=rng)
    first.bias.copy_(-(first.weight * centres).sum(dim=1))
    return network


def side_by_side(networks: tuple[Network, ...]) -> Network | Ensemble:
    """Return the one network, or an ensemble of several, in float64."""
    joined = networks[0] if len(networks) == 1 else Ensemble(networks)
    return joined.double()

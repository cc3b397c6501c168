"""Where data enter the parameters: of G only through D, of an autoencoder directly (Section 6)."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from gan_repro.adversarial.game import Game, Recipe, draw_noise
from gan_repro.adversarial.objective import generator_loss
from gan_repro.networks.build import build_discriminator, build_generator
from gan_repro.networks.specs import Dense, Discriminator, Generator, Noise

PIXELS, NOISE = 64, 10


def digits() -> Tensor:
    """Return scikit-learn's 8×8 digits, (1797, 64) in [0, 1], float64."""
    return torch.from_numpy(load_digits().data / 16)


def digit_game(seed: int) -> Game:
    """Return a game on 64 pixels with the authors' simultaneous update and a D of 16 rectifiers."""
    rng = torch.Generator().manual_seed(seed)
    noise = Noise(distribution="uniform", size=NOISE)
    generator = Generator(
        noise=noise,
        layers=(
            Dense(type="relu", units=32, irange=0.3),
            Dense(type="sigmoid", units=PIXELS, irange=0.3),
        ),
    )
    discriminator = Discriminator(
        layers=(
            Dense(type="relu", units=16, irange=0.3),
            Dense(type="sigmoid", units=1, irange=0.3),
        )
    )
    return Game(
        build_generator(generator, PIXELS, None, rng).double(),
        build_discriminator(discriminator, PIXELS, rng).double(),
        noise,
        Recipe(update="simultaneous", generator_loss="non_saturating"),
        rng,
    )


@dataclass(frozen=True)
class Update:
    """What one iteration adds to the parameters, after others on the same data.

    Attributes:
        generator: (all of G's parameters,) flattened.
        pixels: (n, 64) gradient of G's loss with respect to its samples, negative.
        weights: (16, 64) what is added to D's first layer.
        directions: (16, 64) D's first layer before the iteration.
        seen: (2n, 64) the images and samples of the iteration.
    """

    generator: np.ndarray
    pixels: np.ndarray
    weights: np.ndarray
    directions: np.ndarray
    seen: np.ndarray


def update(images: Tensor, last: Tensor, seed: int, iterations: int = 50) -> Update:
    """Play ``iterations`` on minibatches of ``images``, then one on the minibatch ``last``."""
    game = digit_game(seed)
    order = torch.Generator().manual_seed(seed)
    for _ in range(iterations):
        batch = images[torch.randint(len(images), (64,), generator=order)]
        game.play([batch], 0.1, 0.5)
    state = game.rng.get_state()
    before = [parameter.detach().clone() for parameter in game.generator.parameters()]
    first = game.discriminator.network[0].weight.detach().clone()
    samples, pull = _pull(game, len(last))
    game.rng.set_state(state)
    game.play([last], 0.1, 0.0)
    moved = [
        (parameter.detach() - old).flatten()
        for parameter, old in zip(game.generator.parameters(), before, strict=True)
    ]
    return Update(
        torch.cat(moved).numpy(),
        pull.numpy(),
        (game.discriminator.network[0].weight.detach() - first).numpy(),
        first.numpy(),
        torch.cat([last, samples]).numpy(),
    )


def _pull(game: Game, count: int) -> tuple[Tensor, Tensor]:
    """Return the samples of the coming iteration and where G's loss pulls each: (count, 64)."""
    z = draw_noise(game.noise, count, game.rng, torch.float64)
    samples = game.generator(z).detach().requires_grad_()
    loss = count * generator_loss(game.discriminator(samples), game.recipe.generator_loss)
    return samples.detach(), -torch.autograd.grad(loss, samples)[0]


def decoder_update(images: Tensor) -> np.ndarray:
    """Return the first step of the pixel biases of a decoder trained to reconstruct: (64,).

    Its weights start at zero, so that it reconstructs zeros, and the squared error is ½‖x - x̂‖².
    """
    bias = torch.zeros(PIXELS, dtype=torch.float64, requires_grad=True)
    loss = ((images - bias) ** 2).sum(dim=1).mean() / 2
    return -torch.autograd.grad(loss, bias)[0].numpy()


def outside(vectors: np.ndarray, span: np.ndarray) -> float:
    """Return the share of (n, d) vectors' length that lies outside the span of (m, d) rows."""
    basis = np.linalg.svd(span, full_matrices=False)
    rank = int((basis.S / basis.S[0] > 1e-10).sum())
    kept = basis.Vh[:rank]
    rest = vectors - vectors @ kept.T @ kept
    return float(np.linalg.norm(rest) / np.linalg.norm(vectors))

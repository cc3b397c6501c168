"""The adversarial net as a learner of the shared training loop, and as a sampler."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial.game import METRICS, Game, Recipe, draw_noise
from gan_repro.adversarial.schedules import LearningRate, Momentum
from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.networks.build import (
    Network,
    build_discriminator,
    build_front,
    build_generator,
    prepend,
    shifted,
)
from gan_repro.networks.shapes import shapes
from gan_repro.networks.specs import Discriminator, Generator, Noise
from gan_repro.training.runs import stream_seed

SAMPLE_BATCH = 1_000


class AdversarialSpec(Spec):
    """Hyperparameters of an adversarial net."""

    kind: Literal["adversarial"]
    generator: Generator
    discriminator: Discriminator
    recipe: Recipe
    learning_rate: LearningRate
    momentum: Momentum


class AdversarialLearner:
    """Both players in training; implements `gan_repro.training.loop.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device; their mean starts the output bias.
        seed: of the run; initial weights, noise and dropout masks are streams of it.
    """

    metrics = METRICS

    def __init__(self, spec: AdversarialSpec, images: Tensor, seed: int) -> None:
        self.spec, self.batches_per_step = spec, spec.recipe.discriminator_steps
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        pixels, mean = images.shape[1], images.mean(dim=0, dtype=torch.float64).cpu()
        generator = build_generator(spec.generator, pixels, mean, start).to(images.device)
        self.offset = 0
        # D comes before the front from the same stream: a second stage starts from the D that the
        # first one started from, as in the authors' code.
        discriminator = build_discriminator(spec.discriminator, pixels, start).to(images.device)
        if spec.generator.front:
            start = torch.Generator().manual_seed(stream_seed(seed, "initial weights of the front"))
            front = build_front(spec.generator, start).to(images.device)
            self.offset, generator = len(front), prepend(front, generator)
        rng = torch.Generator(images.device).manual_seed(stream_seed(seed, "noise and masks"))
        self.game = Game(generator, discriminator, spec.generator.noise, spec.recipe, rng)

    @torch.no_grad()
    def start_from(self, weights: Mapping[str, Tensor]) -> None:
        """Take the generator that another run of the same layers has trained, behind the front.

        Raises:
            UserError: its weights do not fit ``spec.generator.layers``.
        """
        given = {shifted(name, self.offset): tensor for name, tensor in weights.items()}
        behind = list(self.game.generator)[self.offset :]
        own = {
            f"{position}.{name}": parameter
            for position, module in enumerate(behind, start=self.offset)
            for name, parameter in module.named_parameters()
        }
        if {n: t.shape for n, t in own.items()} != {n: t.shape for n, t in given.items()}:
            raise UserError("the pretrained generator has other layers than generator.layers")
        for name, tensor in given.items():
            own[name].copy_(tensor)

    def step(self, batches: tuple[Tensor, ...], step: int, epoch: int) -> Tensor:
        """Play one iteration; see `Game.play`."""
        learning_rate = self.spec.learning_rate.at(step)
        return self.game.play(batches, learning_rate, self.spec.momentum.at(epoch))

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and velocities of both players."""
        found = {}
        for player, optimizer in self.game.optimizers.items():
            for number, parameter in enumerate(optimizer.parameters):
                found[f"{player}.{number}.weight"] = parameter
                found[f"{player}.{number}.velocity"] = optimizer.velocities[number]
        return found

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the stream of noise and masks."""
        return {"noise and masks": self.game.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of G."""
        return dict(self.game.generator.named_parameters())

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the present generator."""
        return draw_samples(self.game.generator, self.spec.generator.noise, count, seed)


def draw_samples(generator: Network, noise: Noise, count: int, seed: int) -> np.ndarray:
    """Draw (count, d) float32 samples G(z); z comes from the CPU, the same on every device."""
    rng = torch.Generator().manual_seed(seed)
    parts = [
        decode(generator, draw_noise(noise, min(SAMPLE_BATCH, count - first), rng))
        for first in range(0, count, SAMPLE_BATCH)
    ]
    return torch.cat(parts).numpy()


@torch.no_grad()
def decode(generator: Network, z: Tensor) -> Tensor:
    """Return G(z), (n, d) on the CPU, for (n, noise.size) coordinates z."""
    return generator(z.to(next(generator.parameters()).device)).cpu()


def restore_generator(spec: AdversarialSpec, weights: Mapping[str, Tensor]) -> Network:
    """Rebuild G from a run's weights, on the CPU."""
    plan, rng = spec.generator, torch.Generator()
    pixels = math.prod(shapes((*plan.front, *plan.layers), plan.noise.size)[-1])
    generator = build_generator(plan, pixels, torch.full((pixels,), 0.5), rng)
    if plan.front:
        generator = prepend(build_front(plan, rng), generator)
    generator.load_state_dict(dict(weights))
    return generator


def sample(
    spec: AdversarialSpec,
    weights: Mapping[str, Tensor],
    count: int,
    seed: int,
    device: torch.device,
) -> np.ndarray:
    """Draw (count, d) samples from a finished run."""
    generator = restore_generator(spec, weights).to(device)
    return draw_samples(generator, spec.generator.noise, count, seed)

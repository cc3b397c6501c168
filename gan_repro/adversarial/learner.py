"""The adversarial net as a learner of the shared training loop, and as a sampler."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial.game import METRICS, Game, Recipe, draw_noise
from gan_repro.adversarial.schedules import LearningRate, Momentum
from gan_repro.networks.build import Network, build_discriminator, build_generator
from gan_repro.networks.specs import Discriminator, Generator, Noise
from gan_repro.runs import stream_seed
from gan_repro.specs import Spec

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
    """Both players in training; implements `gan_repro.training.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device; their mean starts the output bias.
        seed: of the run; initial weights, noise and dropout masks are streams of it.
    """

    metrics = METRICS

    def __init__(self, spec: AdversarialSpec, images: Tensor, seed: int) -> None:
        self.spec, self.batches_per_step = spec, spec.recipe.discriminator_steps
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        pixels, mean = images.shape[1], images.double().mean(dim=0).cpu()
        generator = build_generator(spec.generator, pixels, mean, start).to(images.device)
        discriminator = build_discriminator(spec.discriminator, pixels, start).to(images.device)
        rng = torch.Generator(images.device).manual_seed(stream_seed(seed, "noise and masks"))
        self.game = Game(generator, discriminator, spec.generator.noise, spec.recipe, rng)

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

    def generators(self) -> dict[str, torch.Generator]:
        """Return the stream of noise and masks."""
        return {"noise and masks": self.game.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of G."""
        return dict(self.game.generator.named_parameters())

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the present generator."""
        return draw_samples(self.game.generator, self.spec.generator.noise, count, seed)


@torch.no_grad()
def draw_samples(generator: Network, noise: Noise, count: int, seed: int) -> np.ndarray:
    """Draw (count, d) float32 samples G(z); z comes from the CPU, the same on every device."""
    rng = torch.Generator().manual_seed(seed)
    device = next(generator.parameters()).device
    parts = [
        generator(draw_noise(noise, min(SAMPLE_BATCH, count - first), rng).to(device)).cpu()
        for first in range(0, count, SAMPLE_BATCH)
    ]
    return torch.cat(parts).numpy()


def restore_generator(spec: AdversarialSpec, weights: Mapping[str, Tensor]) -> Network:
    """Rebuild G from a run's weights, on the CPU."""
    last = spec.generator.layers[-1].units
    generator = build_generator(spec.generator, last, torch.full((last,), 0.5), torch.Generator())
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

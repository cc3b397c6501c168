"""One iteration of the game: Algorithm 1, or the authors' simultaneous update.

The image models and the one-dimensional games of the notebooks are played by this one class.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import PositiveFloat, PositiveInt, model_validator
from torch import Tensor

from gan_repro.adversarial.objective import GeneratorLoss, discriminator_loss, generator_loss
from gan_repro.config.schema import Spec
from gan_repro.networks.build import Network
from gan_repro.networks.specs import Noise
from gan_repro.training.updates import MomentumDescent

METRICS = ("loss_discriminator", "loss_generator", "d_real", "d_fake")


class Recipe(Spec):
    """How the two players move.

    Attributes:
        update: ``simultaneous`` moves both players from the same state, with one batch of noise
            and one dropout pass on the fakes (the authors' code); ``alternating`` is Algorithm 1:
            k steps of D, then one of G, each with fresh noise.
        discriminator_steps: k of Algorithm 1.
        generator_loss: what G descends.
        discriminator_scale: factor on D's loss; the authors' code has ½.
    """

    update: Literal["simultaneous", "alternating"]
    discriminator_steps: PositiveInt = 1
    generator_loss: GeneratorLoss
    discriminator_scale: PositiveFloat = 1.0

    @model_validator(mode="after")
    def _simultaneous_has_one_step(self) -> "Recipe":
        if self.update == "simultaneous" and self.discriminator_steps != 1:
            raise ValueError("a simultaneous update has discriminator_steps: 1")
        return self


def draw_noise(
    noise: Noise, count: int, rng: torch.Generator, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Draw (count, noise.size) from the prior p_z on the generator's device."""
    z = torch.empty(count, noise.size, device=rng.device, dtype=dtype)
    if noise.distribution == "uniform":
        return z.uniform_(-math.sqrt(3), math.sqrt(3), generator=rng)
    return z.normal_(generator=rng)


class Game:
    """The two players, their velocities, and the stream of noise and dropout masks.

    Args:
        generator: G, (n, noise) → (n, pixels).
        discriminator: D, (n, pixels) → (n, 1) logits.
        noise: the prior p_z.
        recipe: how the players move.
        rng: generator on the players' device, for noise and masks.
    """

    def __init__(
        self,
        generator: Network,
        discriminator: Network,
        noise: Noise,
        recipe: Recipe,
        rng: torch.Generator,
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.noise, self.recipe, self.rng = noise, recipe, rng
        self.optimizers = {
            "generator": MomentumDescent(generator.parameters()),
            "discriminator": MomentumDescent(discriminator.parameters()),
        }
        discriminator.use_rng(rng)
        generator.use_rng(rng)

    def play(self, batches: Sequence[Tensor], learning_rate: float, momentum: float) -> Tensor:
        """Play one iteration on k minibatches of data, (n, pixels) each.

        Returns METRICS as a (4,) tensor on the device, each the mean over the last minibatch and
        measured before the update. Nothing is read back to the host.
        """
        if self.recipe.update == "simultaneous":
            (batch,) = batches
            return self._play_simultaneous(batch, learning_rate, momentum)
        for batch in batches:
            real, fake, loss = self.step_discriminator(batch, learning_rate, momentum)
        loss_generator = self.step_generator(len(batches[-1]), learning_rate, momentum)
        return _metrics(loss, loss_generator, real, fake)

    def step_discriminator(
        self, batch: Tensor, learning_rate: float, momentum: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once against fresh samples; return its logits on both and its loss."""
        with torch.no_grad():
            samples = self.generator(self._draw(batch))
        real, fake = self.discriminator(batch), self.discriminator(samples)
        loss = discriminator_loss(real, fake, self.recipe.discriminator_scale)
        self._descend("discriminator", loss, learning_rate, momentum)
        return real, fake, loss

    def step_generator(self, count: int, learning_rate: float, momentum: float) -> Tensor:
        """Move G once on ``count`` fresh draws of noise; return its loss."""
        z = draw_noise(self.noise, count, self.rng, next(self.generator.parameters()).dtype)
        loss = generator_loss(self.discriminator(self.generator(z)), self.recipe.generator_loss)
        self._descend("generator", loss, learning_rate, momentum)
        return loss

    def _play_simultaneous(self, batch: Tensor, learning_rate: float, momentum: float) -> Tensor:
        samples = self.generator(self._draw(batch))
        real, fake = self.discriminator(batch), self.discriminator(samples)
        loss_d = discriminator_loss(real, fake, self.recipe.discriminator_scale)
        loss_g = generator_loss(fake, self.recipe.generator_loss)
        # Both gradients are taken before either player moves: G answers the D it was shown.
        gradients_d = torch.autograd.grad(
            loss_d, self.optimizers["discriminator"].parameters, retain_graph=True
        )
        gradients_g = torch.autograd.grad(loss_g, self.optimizers["generator"].parameters)
        self._move("discriminator", gradients_d, learning_rate, momentum)
        self._move("generator", gradients_g, learning_rate, momentum)
        return _metrics(loss_d, loss_g, real, fake)

    def _draw(self, batch: Tensor) -> Tensor:
        return draw_noise(self.noise, len(batch), self.rng, batch.dtype)

    def _descend(self, player: str, loss: Tensor, learning_rate: float, momentum: float) -> None:
        gradients = torch.autograd.grad(loss, self.optimizers[player].parameters)
        self._move(player, gradients, learning_rate, momentum)

    def _move(
        self, player: str, gradients: Sequence[Tensor], learning_rate: float, momentum: float
    ) -> None:
        self.optimizers[player].step(gradients, learning_rate, momentum)
        getattr(self, player).constrain()


@torch.no_grad()
def _metrics(loss_d: Tensor, loss_g: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    return torch.stack([loss_d, loss_g, real.sigmoid().mean(), fake.sigmoid().mean()])

"""One iteration of the game: Algorithm 1, or the authors' simultaneous update.

The image models and the one-dimensional games of the notebooks are played by this one class.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gan_repro.adversarial.objective import discriminator_loss, generator_loss
from gan_repro.adversarial.player import Player
from gan_repro.adversarial.recipe import Recipe
from gan_repro.networks.build import Network
from gan_repro.networks.specs import Noise
from gan_repro.training.updates import Rate

METRICS = ("loss_discriminator", "loss_generator", "d_real", "d_fake")


def draw_noise(
    noise: Noise, count: int, rng: torch.Generator, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Draw (count, noise.size) from the prior p_z on the generator's device."""
    z = torch.empty(count, noise.size, device=rng.device, dtype=dtype)
    return PRIORS[noise.distribution](z, rng)


def _spherical(z: Tensor, rng: torch.Generator) -> Tensor:
    directions = z.normal_(generator=rng)
    return directions.mul_(math.sqrt(z.shape[1]) / directions.norm(dim=1, keepdim=True))


# Each fills (n, size) in place.
PRIORS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "uniform": lambda z, rng: z.uniform_(-math.sqrt(3), math.sqrt(3), generator=rng),
    "gaussian": lambda z, rng: z.normal_(generator=rng),
    "spherical": _spherical,
}


class Game:
    """The two players, and the stream of noise and dropout masks.

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
        self.noise, self.recipe, self.rng = noise, recipe, rng
        self.generator, self.discriminator = Player(generator, rng), Player(discriminator, rng)

    def play(self, batches: Sequence[Tensor], learning_rate: Rate, momentum: Rate) -> Tensor:
        """Play one iteration on k minibatches of data, (n, pixels) each.

        Algorithm 1: k times, a step of D against fresh samples; then a step of G on fresh noise.

        Returns METRICS as a (4,) tensor on the device, each the mean over the last minibatch and
        measured before the update. Nothing is read back to the host.
        """
        if self.recipe.update == "simultaneous":
            return self.play_simultaneous(*batches, learning_rate, momentum)
        for batch in batches:
            real, fake, loss = self.step_discriminator(batch, learning_rate, momentum)
        loss_generator = self.step_generator(batches[-1].shape[-2], learning_rate, momentum)
        return self._metrics(loss, loss_generator, real, fake)

    def step_discriminator(
        self, batch: Tensor, learning_rate: Rate, momentum: Rate
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once against fresh samples; return its logits on both and its loss."""
        with torch.no_grad():
            samples = self.generator(self._noise(batch.shape[-2]))
        real, fake = self.discriminator(batch), self.discriminator(samples)
        loss = self._loss_discriminator(real, fake)
        self.discriminator.descend(loss, learning_rate, momentum)
        return real, fake, loss

    def step_generator(self, count: int, learning_rate: Rate, momentum: Rate) -> Tensor:
        """Move G once on ``count`` fresh draws of noise; return its loss."""
        fake = self.discriminator(self.generator(self._noise(count)))
        loss = self._loss_generator(fake)
        self.generator.descend(loss, learning_rate, momentum)
        return loss

    def play_simultaneous(self, batch: Tensor, learning_rate: Rate, momentum: Rate) -> Tensor:
        """Play one iteration as the authors' code does; return METRICS.

        One batch of noise serves both losses, and both gradients are taken before either player
        moves: G answers the D it was shown.
        """
        samples = self.generator(self._noise(batch.shape[-2]))
        real, fake = self.discriminator(batch), self.discriminator(samples)
        loss_d, loss_g = self._loss_discriminator(real, fake), self._loss_generator(fake)
        gradients_d = self.discriminator.gradients(loss_d, retain_graph=True)
        gradients_g = self.generator.gradients(loss_g)
        self.discriminator.move(gradients_d, learning_rate, momentum)
        self.generator.move(gradients_g, learning_rate, momentum)
        return self._metrics(loss_d, loss_g, real, fake)

    def _noise(self, count: int) -> Tensor:
        return draw_noise(self.noise, count, self.rng, self.generator.parameters()[0].dtype)

    def _loss_discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return discriminator_loss(real, fake, self.recipe.discriminator_scale)

    def _loss_generator(self, fake: Tensor) -> Tensor:
        return generator_loss(fake, self.recipe.generator_loss)

    @torch.no_grad()
    def _metrics(self, loss_d: Tensor, loss_g: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        return torch.stack([loss_d, loss_g, real.sigmoid().mean(), fake.sigmoid().mean()])

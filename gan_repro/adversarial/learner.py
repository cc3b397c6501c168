"""Both players as a learner of the shared training loop."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial.game import METRICS, Game
from gan_repro.adversarial.sampling import draw_samples
from gan_repro.adversarial.spec import AdversarialSpec
from gan_repro.errors import UserError
from gan_repro.networks.build import Network, build_discriminator, build_front, build_generator
from gan_repro.training.model import DeviceLearner
from gan_repro.training.seeds import stream_seed
from gan_repro.training.updates import Rate


class AdversarialLearner(DeviceLearner):
    """Both players in training; implements `gan_repro.training.model.Learner`.

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
        behind = build_generator(spec.generator, pixels, mean, start)
        # D comes before the front from the same stream: a second stage starts from the D that the
        # first one started from, as in the authors' code.
        discriminator = build_discriminator(spec.discriminator, pixels, start).to(images.device)
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights of the front"))
        front = build_front(spec.generator, start)
        self.front_modules = len(front)
        generator = Network(*front, *behind).to(images.device)
        rng = torch.Generator(images.device).manual_seed(stream_seed(seed, "noise and masks"))
        self.game = Game(generator, discriminator, spec.generator.noise, spec.recipe, rng)

    def start_from(self, weights: Mapping[str, Tensor]) -> None:
        """Take the generator that another run of the same layers has trained, behind the front.

        Raises:
            UserError: its weights do not fit ``spec.generator.layers``.
        """
        behind = Network(*list(self.game.generator.network)[self.front_modules :])
        own = dict(behind.named_parameters())
        if {n: t.shape for n, t in own.items()} != {n: t.shape for n, t in weights.items()}:
            raise UserError("the pretrained generator has other layers than generator.layers")
        behind.load_state_dict(dict(weights))

    def schedule(self, step: int, epoch: int) -> tuple[float, float]:
        """Return learning rate and momentum."""
        return self.spec.learning_rate.at(step), self.spec.momentum.at(epoch)

    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Play one iteration; see `Game.play`."""
        return self.game.play(batches, *rates)

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and velocities of both players."""
        players = {"generator": self.game.generator, "discriminator": self.game.discriminator}
        return {
            f"{role}.{name}": tensor
            for role, player in players.items()
            for name, tensor in player.tensors().items()
        }

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the stream of noise and masks."""
        return {"noise and masks": self.game.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of G."""
        return dict(self.game.generator.network.named_parameters())

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the present generator."""
        return draw_samples(self.game.generator.network, self.spec.generator.noise, count, seed)

"""Several seeds of one adversarial net as one batched problem, each with its own random streams.

A small net leaves most of a GPU idle; products over all seeds at once fill it. Nothing of one seed
enters another: each learns what it would learn alone, but for the rounding of batched products.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.func import vmap

from gan_repro.adversarial.game import METRICS, Game, draw_noise
from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.adversarial.player import Player
from gan_repro.networks.stacked import StackedNetwork
from gan_repro.training.model import DeviceLearner
from gan_repro.training.updates import Rate


class StackedGame(Game):
    """Games of S seeds, played at once; batches are (S, n, pixels), metrics (S, 4).

    Args:
        games: of the same networks and recipe; their weights and velocities become slices.
    """

    def __init__(self, games: Sequence[Game]) -> None:
        first, rngs = games[0], [game.rng for game in games]
        generators, discriminators = (
            [getattr(game, role) for game in games] for role in ("generator", "discriminator")
        )
        super().__init__(
            StackedNetwork([player.network for player in generators]),
            StackedNetwork([player.network for player in discriminators]),
            first.noise,
            first.recipe,
            rngs,
        )
        _share_velocities(self.generator, generators)
        _share_velocities(self.discriminator, discriminators)

    def _noise(self, count: int) -> Tensor:
        dtype = self.generator.parameters()[0].dtype
        return torch.stack([draw_noise(self.noise, count, rng, dtype) for rng in self.rng])

    def _loss_discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return vmap(super()._loss_discriminator)(real, fake)

    def _loss_generator(self, fake: Tensor) -> Tensor:
        return vmap(super()._loss_generator)(fake)

    @torch.no_grad()
    def _metrics(self, loss_d: Tensor, loss_g: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        return vmap(super()._metrics)(loss_d, loss_g, real, fake)


def _share_velocities(joint: Player, players: Sequence[Player]) -> None:
    velocities = zip(*(player.optimizer.velocities for player in players), strict=True)
    joint.optimizer.velocities = [torch.stack(own) for own in velocities]
    for number, player in enumerate(players):
        player.optimizer.velocities = [whole[number] for whole in joint.optimizer.velocities]


class TogetherLearner(DeviceLearner):
    """Learners of S seeds that take their steps at once.

    Each learner goes on to hold its own state, of which it samples and saves.

    Args:
        learners: of one specification, each of its own seed, on one device.
    """

    metrics = METRICS

    def __init__(self, learners: Sequence[AdversarialLearner]) -> None:
        self.learners = learners
        self.batches_per_step = learners[0].batches_per_step
        self.game = StackedGame([learner.game for learner in learners])

    def schedule(self, step: int, epoch: int) -> tuple[float, ...]:
        """Return learning rate and momentum, which all seeds share."""
        return self.learners[0].schedule(step, epoch)

    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Play one iteration of each seed on its own (n, pixels) minibatches: (S, 4) metrics."""
        return self.game.play(batches, *rates)

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the random generators of every seed."""
        return {
            f"{number}.{name}": rng
            for number, learner in enumerate(self.learners)
            for name, rng in learner.rngs().items()
        }

"""One of the two players: a network, and the rule by which it descends."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gan_repro.networks.build import Network
from gan_repro.training.updates import MomentumDescent, Rate


class Player:
    """A network with its velocities.

    Args:
        network: G or D.
        rng: generator on the network's device, for its dropout masks.
    """

    def __init__(self, network: Network, rng: torch.Generator) -> None:
        self.network = network
        self.optimizer = MomentumDescent(network.parameters())
        network.use_rng(rng)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the network's output."""
        return self.network(x)

    def parameters(self) -> list[Tensor]:
        """Return the weights and biases that descend."""
        return self.optimizer.parameters

    def gradients(self, loss: Tensor, retain_graph: bool = False) -> tuple[Tensor, ...]:
        """Return the gradient of a loss, or of a sum of losses, in the player's own parameters."""
        return torch.autograd.grad(loss.sum(), self.parameters(), retain_graph=retain_graph)

    def move(self, gradients: Sequence[Tensor], learning_rate: Rate, momentum: Rate) -> None:
        """Take one step along given gradients, and keep to max_col_norm."""
        self.optimizer.step(gradients, learning_rate, momentum)
        self.network.constrain()

    def descend(self, loss: Tensor, learning_rate: Rate, momentum: Rate) -> None:
        """Take one step down a loss."""
        self.move(self.gradients(loss), learning_rate, momentum)

    def tensors(self) -> dict[str, Tensor]:
        """Return live references to weights and velocities, by number."""
        found = {}
        for number, parameter in enumerate(self.parameters()):
            found[f"{number}.weight"] = parameter
            found[f"{number}.velocity"] = self.optimizer.velocities[number]
        return found

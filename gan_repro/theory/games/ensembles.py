"""Several networks of one shape side by side, so that one Game plays many independent seeds."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_repro.networks.build import Network


class Ensemble(nn.Module):
    """S networks of one shape, each reading and writing its own block of columns.

    Maps (n, S·inputs) to (n, S·outputs). A loss that is the mean over rows and members gives each
    member 1/S of the gradient it would have alone, so the learning rate is multiplied by S.

    Raises:
        ValueError: there are no members, or they differ in shape.
    """

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__()
        if len({str(member) for member in members}) != 1:
            raise ValueError("an ensemble needs members of one shape")
        self.size = len(members)
        self.layers = list(members[0])
        linears = [
            [layer for layer in member if isinstance(layer, nn.Linear)] for member in members
        ]
        self.weights = nn.ParameterList(
            torch.stack([linear.weight.detach().T for linear in column])
            for column in zip(*linears, strict=True)
        )
        self.biases = nn.ParameterList(
            torch.stack([linear.bias.detach()[None] for linear in column])
            for column in zip(*linears, strict=True)
        )

    def use_rng(self, rng: torch.Generator) -> None:
        """Accept the game's generator; members without dropout draw nothing from it."""

    def constrain(self) -> None:
        """Members have no column norms to bound."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, size·inputs) to (n, size·outputs): each member sees its own columns."""
        hidden = x.view(len(x), self.size, -1).transpose(0, 1)
        affine = zip(self.biases, self.weights, strict=True)
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                bias, weight = next(affine)
                hidden = torch.baddbmm(bias, hidden, weight)
            else:
                hidden = layer(hidden.flatten(0, 1)).unflatten(0, (self.size, len(x)))
        return hidden.transpose(0, 1).flatten(1)

"""Layers as the authors apply them: maxout, dropout on a layer's input, column norms."""

import torch
from torch import Tensor, nn

from gan_repro.networks.specs import Dense

# Keeps the division finite for a column of zeros, as the authors' code does.
NORM_EPSILON = 1e-7


class Dropout(nn.Module):
    """Keep each element with probability ``keep`` and multiply it by 1/keep, in training only.

    Masks are independent per example and element and come from ``rng``, a generator on the
    input's device, so that a run's masks do not depend on anybody else's draws.
    """

    def __init__(self, keep: float) -> None:
        super().__init__()
        self.keep = keep
        self.rng: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x with its mask in training, and x itself in evaluation."""
        if not self.training or self.keep == 1:
            return x
        mask = torch.empty_like(x).bernoulli_(self.keep, generator=self.rng)
        return x * mask.mul_(1 / self.keep)


class Maxout(nn.Module):
    """Maximum over groups of ``pieces`` consecutive units or channels.

    (n, units·pieces) → (n, units), and (n, channels·pieces, h, w) → (n, channels, h, w).
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (-1, self.pieces)).amax(dim=2)


def activation(spec: Dense) -> nn.Module:
    """Return the activation that a layer's specification names."""
    return {
        "linear": nn.Identity,
        "relu": nn.ReLU,
        "sigmoid": nn.Sigmoid,
        "maxout": lambda: Maxout(spec.pieces),
    }[spec.type]()


def limit_column_norms(weight: Tensor, bound: float) -> None:
    """Scale the weights into each unit to norm at most ``bound``, in place.

    The authors' rule: each column is multiplied by min(‖w‖, bound) / (1e-7 + ‖w‖).
    ``weight`` is (units, inputs), so their columns are our rows.
    """
    norms = weight.norm(dim=1, keepdim=True)
    weight.mul_(norms.clamp(max=bound) / (NORM_EPSILON + norms))

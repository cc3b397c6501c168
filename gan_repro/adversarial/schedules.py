"""Learning rate and momentum as the authors' training scripts change them, and the update."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor

from gan_repro.specs import Spec


class LearningRate(Spec):
    """η(t) = max(initial / decay^t, minimum) at minibatch t = 0, 1, …"""

    initial: PositiveFloat
    decay: Annotated[float, Field(ge=1)] = 1.0
    minimum: NonNegativeFloat = 0.0

    def at(self, step: int) -> float:
        """Return the learning rate of a 0-based step."""
        # A power of negative exponent underflows to zero where the positive one would overflow.
        return max(self.initial * self.decay**-step, self.minimum)


class Momentum(Spec):
    """μ(e): linear from ``initial`` in epoch 1 to ``final`` in epoch ``saturate``, then fixed."""

    initial: Annotated[float, Field(ge=0, lt=1)] = 0.0
    final: Annotated[float, Field(ge=0, lt=1)] = 0.0
    saturate: PositiveInt = 1

    def at(self, epoch: int) -> float:
        """Return the momentum of a 1-based epoch."""
        if epoch >= self.saturate:
            return self.final
        return self.initial + (self.final - self.initial) * (epoch - 1) / (self.saturate - 1)


class MomentumDescent:
    """Classical momentum with the learning rate inside the velocity: v ← μv − ηg, θ ← θ + v.

    torch.optim.SGD keeps η outside its buffer, which is another rule while η changes.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float, momentum: float) -> None:
        """Apply one update in place; gradients are in the order of the parameters."""
        for parameter, velocity, gradient in zip(
            self.parameters, self.velocities, gradients, strict=True
        ):
            velocity.mul_(momentum).sub_(gradient, alpha=learning_rate)
            parameter.add_(velocity)

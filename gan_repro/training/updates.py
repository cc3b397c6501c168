"""Updates with memory: the two rules that the authors' adversarial net and deep GSN descend by."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


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


class AveragedDescent:
    """Descent along a running mean of the gradient: m ← μm + (1 − μ)g, θ ← θ − ηm."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: float, momentum: float) -> None:
        """Apply one update in place; gradients are in the order of the parameters."""
        for parameter, mean, gradient in zip(self.parameters, self.means, gradients, strict=True):
            mean.lerp_(gradient, 1 - momentum)
            parameter.sub_(mean, alpha=learning_rate)

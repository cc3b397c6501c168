"""Updates with memory: the two rules that the authors' adversarial net and deep GSN descend by.

Rates and momenta are numbers, or tensors of no axis: those a captured step reads on its device.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

Rate = float | Tensor


def subtract(target: Tensor, scale: Rate, tensor: Tensor) -> None:
    """Subtract scale·tensor in place; a scale on a device is not read back."""
    if isinstance(scale, Tensor):
        target.addcmul_(tensor, scale, value=-1)
    else:
        target.sub_(tensor, alpha=scale)


class MomentumDescent:
    """Classical momentum with the learning rate inside the velocity: v ← μv − ηg, θ ← θ + v.

    torch.optim.SGD keeps η outside its buffer, which is another rule while η changes.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: Rate, momentum: Rate) -> None:
        """Apply one update in place; gradients are in the order of the parameters."""
        for parameter, velocity, gradient in zip(
            self.parameters, self.velocities, gradients, strict=True
        ):
            subtract(velocity.mul_(momentum), learning_rate, gradient)
            parameter.add_(velocity)


class AveragedDescent:
    """Descent along a running mean of the gradient: m ← μm + (1 − μ)g, θ ← θ − ηm."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rate: Rate, momentum: Rate) -> None:
        """Apply one update in place; gradients are in the order of the parameters."""
        for parameter, mean, gradient in zip(self.parameters, self.means, gradients, strict=True):
            mean.lerp_(gradient, 1 - momentum)
            subtract(parameter, learning_rate, mean)

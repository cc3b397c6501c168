"""Adam (Kingma and Ba, 2015), with its state laid open so that a checkpoint can hold it."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

DECAYS = (0.9, 0.999)
FLOOR = 1e-8


class AdamDescent:
    """θ ← θ − η m̂ / (√v̂ + 1e-8), with running means m̂ of g and v̂ of g², freed of their start.

    `torch.optim.Adam` makes its state only at the first step, and imports a compiler there, which
    takes longer than the training of a small net.
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float) -> None:
        self.parameters, self.learning_rate = list(parameters), learning_rate
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]
        device = self.parameters[0].device
        # A tensor, so that it is restored with the others.
        self.steps = torch.zeros(1, dtype=torch.int64, device=device)
        # Where reading a tensor would wait for a device, its corrections are computed there.
        self.reads_steps = device.type == "cpu"

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """Apply one update in place; gradients are in the order of the parameters."""
        self.steps += 1
        count = int(self.steps) if self.reads_steps else self.steps[0].double()
        first, second = (1 - decay**count for decay in DECAYS)
        state = zip(self.parameters, self.means, self.squares, gradients, strict=True)
        for parameter, mean, square, gradient in state:
            mean.lerp_(gradient, 1 - DECAYS[0])
            square.mul_(DECAYS[1]).addcmul_(gradient, gradient, value=1 - DECAYS[1])
            root = square.sqrt().div_(second**0.5).add_(FLOOR)
            if self.reads_steps:
                parameter.addcdiv_(mean, root, value=-self.learning_rate / first)
            else:
                parameter.addcdiv_(mean / first, root, value=-self.learning_rate)

    def descend(self, loss: Tensor) -> None:
        """Take one step down a loss."""
        self.step(torch.autograd.grad(loss, self.parameters))

    def tensors(self) -> dict[str, Tensor]:
        """Return live references to the state, by name."""
        found = {"steps": self.steps}
        for number, (mean, square) in enumerate(zip(self.means, self.squares, strict=True)):
            found |= {f"{number}.mean": mean, f"{number}.square": square}
        return found

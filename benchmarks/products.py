"""The matrix products and convolutions of a workload, recorded and then run bare.

What a workload takes beyond them is noise, masks, activations, updates and overhead: the part that
code can make shorter without changing what is computed.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
# Which operands of an operation are multiplied.
OPERANDS = {
    aten.mm.default: (0, 1),
    aten.bmm.default: (0, 1),
    aten.addmm.default: (1, 2),
    aten.addmm_.default: (1, 2),
    aten.addmm.out: (1, 2),
    aten.baddbmm.default: (1, 2),
    aten.mv.default: (0, 1),
    aten.addmv.default: (1, 2),
}
WHOLE = {aten.convolution.default, aten.convolution_backward.default}


class Products(TorchDispatchMode):
    """Records the products of whatever runs within it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Callable[[], Tensor]] = []
        self.operations = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func in OPERANDS:
            left, right = (args[place].detach() for place in OPERANDS[func])
            self.operations += 2 * left.numel() * right.shape[-1] if right.dim() > 1 else 0
            self.calls.append(lambda: torch.matmul(left, right))
        elif func in WHOLE:
            given = [a.detach() if isinstance(a, Tensor) else a for a in args]
            self.calls.append(lambda: func(*given))
        return func(*args, **(kwargs or {}))

    @torch.no_grad()
    def run(self) -> None:
        """Compute every product again, and nothing else."""
        for call in self.calls:
            call()


def bare(work: Callable[[], object]) -> Products:
    """Return the products of one call of a workload."""
    with Products() as found:
        work()
    return found

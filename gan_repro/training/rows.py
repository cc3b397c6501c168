"""The training images as a learner and its steps need them: a tensor, or blocks of a store.

Images that do not fit the device stay where they are stored, and pass over it block by block: the
blocks of an epoch come in random order, and the images of a block in random order. A minibatch is
therefore of one block or two, which differs from a draw among all images by as much as the blocks
differ from each other: the images of a block should be in no order that means something.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from gan_repro.errors import UserError


class Images(Protocol):
    """(N, d) training images of which some rows are asked for; a tensor is one.

    Attributes:
        device: where rows arrive.
        shape: (N, d).
    """

    device: torch.device
    shape: torch.Size

    def __len__(self) -> int:
        """Return N."""

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return (…, d) rows on the device."""

    def mean(self, dim: int, dtype: torch.dtype) -> Tensor:
        """Return the (d,) mean over all rows."""


class Blocks:
    """Images that are read block by block; implements `Images`.

    The device holds the blocks of one minibatch: one or two, and a third where the last is short.

    Args:
        read: (m,) rising row numbers → (m, d) float32.
        count: N.
        block: images per block.
        device: where rows arrive.
    """

    def __init__(
        self, read: Callable[[np.ndarray], np.ndarray], count: int, block: int, device: torch.device
    ) -> None:
        self.read, self.block, self.device = read, block, device
        self.shape = torch.Size((count, read(np.arange(1)).shape[1]))
        self.held: dict[int, Tensor] = {}

    def __len__(self) -> int:
        """Return N."""
        return self.shape[0]

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return (…, d) rows on the device, from as many blocks as they lie in."""
        if not isinstance(rows, Tensor):
            raise UserError("this model looks at all images at once; train it without blocks")
        rows = rows.cpu().long()
        found = torch.empty(*rows.shape, self.shape[1], device=self.device)
        numbers = rows // self.block
        wanted = numbers.unique().tolist()
        self.held = {number: block for number, block in self.held.items() if number in wanted}
        for number in wanted:
            chosen = numbers == number
            inside = (rows[chosen] - number * self.block).to(self.device)
            found[chosen.to(self.device)] = self._block(number)[inside]
        return found

    def mean(self, dim: int, dtype: torch.dtype) -> Tensor:
        """Return the (d,) mean over all rows, summed block by block."""
        total: Tensor | int = 0
        for number in range(-(-len(self) // self.block)):
            total = total + self._block(number).sum(dim=dim, dtype=dtype)
            self.held.clear()
        return total / len(self)

    def order(self, rng: torch.Generator) -> Tensor:
        """Return a permutation of all rows, (N,) int32: shuffled blocks of shuffled images."""
        blocks = torch.arange(len(self), dtype=torch.int32).split(self.block)
        mixed = torch.randperm(len(blocks), generator=rng).tolist()
        parts = [blocks[n][torch.randperm(len(blocks[n]), generator=rng)] for n in mixed]
        return torch.cat(parts)

    def _block(self, number: int) -> Tensor:
        if number not in self.held:
            start = number * self.block
            rows = np.arange(start, min(start + self.block, len(self)))
            self.held[number] = torch.from_numpy(self.read(rows)).to(self.device)
        return self.held[number]


def shuffled(images: Images, rng: torch.Generator) -> Tensor:
    """Return the order of images of an epoch, (N,) int32."""
    if isinstance(images, Blocks):
        return images.order(rng)
    return torch.randperm(len(images), generator=rng, dtype=torch.int32)

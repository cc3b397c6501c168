"""The training images as a learner and its steps need them: a tensor, or what is read as one."""

from typing import Protocol

import torch
from torch import Tensor


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

"""Modules as the authors apply them: maxout, dropout on a layer's input, column norms, images."""

import torch
from torch import Tensor, nn

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


def dropout(keep: float) -> list[nn.Module]:
    """Return the dropout before a layer, or nothing where everything is kept."""
    return [Dropout(keep)] if keep < 1 else []


class Maxout(nn.Module):
    """Maximum over groups of ``pieces`` consecutive units or channels.

    (n, units·pieces) → (n, units), and (n, channels·pieces, h, w) → (n, channels, h, w).
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (-1, self.pieces)).amax(dim=2)


class Unstarted:
    """A layer whose weights are memory as it was found: whoever builds it starts them.

    PyTorch's own start would take time, and draw from everybody's generator. `skip_init` of
    `torch.nn.utils` leaves it out as well, but imports SymPy for that, half a second of each start.
    """

    def reset_parameters(self) -> None:
        """Leave the weights as they are."""


class Convolution(Unstarted, nn.Conv2d):
    """A convolution, not started."""


class TransposedConvolution(Unstarted, nn.ConvTranspose2d):
    """A transposed convolution, not started."""


class BoundedLinear(Unstarted, nn.Linear):
    """An affine map whose weights into each unit have a norm of at most ``bound``, if any."""

    bound: float | None = None

    @torch.no_grad()
    def constrain(self) -> None:
        """Scale the weights back to the bound; see `limit_column_norms`."""
        if self.bound is not None:
            limit_column_norms(self.weight, self.bound)


def limit_column_norms(weight: Tensor, bound: float) -> None:
    """Scale the weights into each unit to norm at most ``bound``, in place.

    The authors' rule: each column is multiplied by min(‖w‖, bound) / (1e-7 + ‖w‖).
    ``weight`` is (…, units, inputs), so their columns are our rows.
    """
    norms = weight.norm(dim=-1, keepdim=True)
    weight.mul_(norms.clamp(max=bound) / (NORM_EPSILON + norms))


class Image(nn.Module):
    """A vector read as an image: (n, d) → (n, channels, rows, columns).

    Args:
        channels: of the image.
        rows: of the image.
        columns: of the image.
        channels_last: the vector runs through the channels of a pixel before the next pixel.
    """

    def __init__(self, channels: int, rows: int, columns: int, channels_last: bool) -> None:
        super().__init__()
        self.channels_last = channels_last
        self.shape = (rows, columns, channels) if channels_last else (channels, rows, columns)

    def forward(self, x: Tensor) -> Tensor:
        image = x.unflatten(1, self.shape)
        return image.permute(0, 3, 1, 2) if self.channels_last else image


class UntiedBias(nn.Module):
    """One bias per channel and pixel: (n, c, h, w) → (n, c, h, w)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias

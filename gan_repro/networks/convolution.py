"""Maxout convolutions and the linear "deconvolution" of the convolutional CIFAR-10 model."""

import torch
from torch import Tensor, nn

from gan_repro.networks.layers import Maxout
from gan_repro.networks.shapes import Shape
from gan_repro.networks.specs import Deconv, MaxoutConv, Reshape


class Image(nn.Module):
    """A vector read as an image: (n, d) → (n, channels, rows, columns)."""

    def __init__(self, spec: Reshape) -> None:
        super().__init__()
        self.last = spec.order == "row_column_channel"
        image = (spec.channels, spec.rows, spec.columns)
        self.shape = (*image[1:], image[0]) if self.last else image

    def forward(self, x: Tensor) -> Tensor:
        image = x.unflatten(1, self.shape)
        return image.permute(0, 3, 1, 2) if self.last else image


class UntiedBias(nn.Module):
    """One bias per channel and pixel: (n, c, h, w) → (n, c, h, w)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


def maxout_conv(spec: MaxoutConv, channels: int, rng: torch.Generator) -> list[nn.Module]:
    """Build a `MaxoutConv` on so many input channels, its weights drawn from ``rng``."""
    filters = spec.channels * spec.pieces
    convolution = nn.utils.skip_init(
        nn.Conv2d, channels, filters, spec.kernel, padding=spec.padding
    )
    convolution.weight.uniform_(-spec.irange, spec.irange, generator=rng)
    convolution.bias.zero_()
    pool = nn.MaxPool2d(spec.pool, spec.pool_stride, ceil_mode=True)
    return [convolution, Maxout(spec.pieces), pool]


def deconv(spec: Deconv, channels: int, output: Shape, rng: torch.Generator) -> list[nn.Module]:
    """Build a `Deconv` from input channels to an output shape, its weights drawn from ``rng``."""
    transposed = nn.utils.skip_init(
        nn.ConvTranspose2d, channels, spec.channels, spec.kernel, spec.stride, bias=False
    )
    transposed.weight.uniform_(-spec.irange, spec.irange, generator=rng)
    return [transposed, UntiedBias(output)]

"""The maxout convolution of the convolutional CIFAR-10 discriminator."""

import math
from typing import Literal

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from torch import nn

from gan_repro.errors import UserError
from gan_repro.networks.layer import LayerKind, LayerWork, Probability, Shape, Start, image_shape
from gan_repro.networks.modules import Convolution, Maxout, dropout


class MaxoutConv(LayerKind):
    """A convolution, the maximum over pieces of its channels, then max-pooling over space.

    Cross-correlation with one bias per channel and piece. The last pooling window may hang over
    the edge: a map of n pixels pools to ceil((n - pool) / pool_stride) + 1.

    Attributes:
        channels: channels of the layer's output.
        pieces: convolved channels per output channel.
        kernel: height and width of the kernel.
        padding: zeros on each side, added after dropout.
        pool: height and width of a pooling window.
        pool_stride: distance between windows.
        irange: weights start uniform on [-irange, irange], biases at 0.
        keep: as in `Dense`, element by element.
    """

    type: Literal["maxout_conv"]
    channels: PositiveInt
    pieces: PositiveInt
    kernel: PositiveInt
    padding: NonNegativeInt = 0
    pool: PositiveInt
    pool_stride: PositiveInt
    irange: PositiveFloat
    keep: Probability = 1.0

    @model_validator(mode="after")
    def _pools_every_pixel(self) -> "MaxoutConv":
        if self.pool_stride > self.pool:
            raise ValueError("pool_stride must not exceed pool")
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """Return channels, and rows and columns after pooling."""
        sizes = self._convolved(shape)
        return (self.channels, *(pooled(n, self.pool, self.pool_stride) for n in sizes))

    def modules(self, shape: Shape, start: Start) -> list[nn.Module]:
        """Build dropout, the convolution, the maximum over pieces, the pooling."""
        filters = self.channels * self.pieces
        convolution = Convolution(shape[0], filters, self.kernel, padding=self.padding)
        convolution.weight.uniform_(-self.irange, self.irange, generator=start.rng)
        convolution.bias.zero_()
        pool = nn.MaxPool2d(self.pool, self.pool_stride, ceil_mode=True)
        return [*dropout(self.keep), convolution, Maxout(self.pieces), pool]

    def work(self, shape: Shape) -> LayerWork:
        """Return the work of one convolution."""
        filters, (rows, columns) = self.channels * self.pieces, self._convolved(shape)
        weights = shape[0] * self.kernel**2 * filters
        # The convolution, its maximum over pieces, the pooled map and where its maxima were.
        values = (filters + self.channels) * rows * columns + 3 * math.prod(
            self.output_shape(shape)
        )
        dropped = 2 * math.prod(shape) if self.keep < 1 else 0
        return LayerWork(weights * rows * columns, values + dropped, weights + filters)

    def _convolved(self, shape: Shape) -> tuple[int, int]:
        """Return rows and columns after the convolution, before pooling."""
        _, *sizes = image_shape(self.type, shape)
        rows, columns = (n + 2 * self.padding - self.kernel + 1 for n in sizes)
        if min(rows, columns) < self.pool:
            raise UserError(
                f"maxout_conv: {sizes[0]} × {sizes[1]} pixels are too few for kernel {self.kernel} "
                f"and pool {self.pool}; add padding or shrink them"
            )
        return rows, columns


def pooled(size: int, window: int, stride: int) -> int:
    """Return ceil((size - window) / stride) + 1, the width after pooling with partial windows."""
    return math.ceil((size - window) / stride) + 1

"""The linear "deconvolution" of the convolutional CIFAR-10 generator."""

import math
from typing import Literal

from pydantic import PositiveFloat, PositiveInt
from torch import nn

from gan_repro.networks.layer import LayerKind, LayerWork, Probability, Shape, Start, image_shape
from gan_repro.networks.modules import TransposedConvolution, UntiedBias, dropout


class Deconv(LayerKind):
    """A linear transposed convolution without padding, with one bias per channel and pixel.

    A map of n pixels becomes stride·(n - 1) + kernel pixels wide.

    Attributes:
        channels: channels of the layer's output.
        kernel: height and width of the kernel.
        stride: distance between the kernel's placements in the output.
        irange: weights start uniform on [-irange, irange], biases at 0.
        keep: as in `Dense`, element by element.
    """

    type: Literal["deconv"]
    channels: PositiveInt
    kernel: PositiveInt
    stride: PositiveInt
    irange: PositiveFloat
    keep: Probability = 1.0

    def output_shape(self, shape: Shape) -> Shape:
        """Return channels, and rows and columns of all placements of the kernel together."""
        _, *sizes = image_shape(self.type, shape)
        return (self.channels, *(self.stride * (n - 1) + self.kernel for n in sizes))

    def modules(self, shape: Shape, start: Start) -> list[nn.Module]:
        """Build dropout, the transposed convolution and its biases."""
        transposed = TransposedConvolution(
            shape[0], self.channels, self.kernel, self.stride, bias=False
        )
        transposed.weight.uniform_(-self.irange, self.irange, generator=start.rng)
        return [*dropout(self.keep), transposed, UntiedBias(self.output_shape(shape))]

    def work(self, shape: Shape) -> LayerWork:
        """Return the work of one transposed convolution."""
        outputs = math.prod(self.output_shape(shape))
        weights = shape[0] * self.kernel**2 * self.channels
        dropped = 2 * math.prod(shape) if self.keep < 1 else 0
        return LayerWork(weights * math.prod(shape[1:]), 2 * outputs + dropped, weights + outputs)

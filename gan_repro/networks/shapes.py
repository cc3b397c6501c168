"""What shape each layer's output has: a vector (units,) or an image (channels, rows, columns)."""

import math
from collections.abc import Iterable

from gan_repro.errors import UserError
from gan_repro.networks.specs import Deconv, Dense, Layer, MaxoutConv, Reshape

Shape = tuple[int, ...]


def output_shape(spec: Layer, shape: Shape) -> Shape:
    """Return the shape of a layer's output, per example.

    Raises:
        UserError: the layer cannot take an input of that shape.
    """
    match spec:
        case Dense():
            return (spec.units,)
        case Reshape():
            return _reshaped(spec, shape)
        case MaxoutConv():
            return (
                spec.channels,
                *(pooled(n, spec.pool, spec.pool_stride) for n in detected(spec, shape)),
            )
        case Deconv():
            _, *sizes = _image(spec, shape)
            return (spec.channels, *(spec.stride * (n - 1) + spec.kernel for n in sizes))


def shapes(layers: Iterable[Layer], inputs: int) -> list[Shape]:
    """Return the input shape of a stack of layers, then the output shape of each."""
    found: list[Shape] = [(inputs,)]
    for spec in layers:
        found.append(output_shape(spec, found[-1]))
    return found


def detected(spec: MaxoutConv, shape: Shape) -> tuple[int, int]:
    """Return rows and columns after the convolution, before pooling."""
    _, *sizes = _image(spec, shape)
    rows, columns = (n + 2 * spec.padding - spec.kernel + 1 for n in sizes)
    if min(rows, columns) < spec.pool:
        raise UserError(
            f"maxout_conv: {sizes[0]} × {sizes[1]} pixels are too few for kernel {spec.kernel} "
            f"and pool {spec.pool}; add padding or shrink them"
        )
    return rows, columns


def pooled(size: int, window: int, stride: int) -> int:
    """Return ceil((size - window) / stride) + 1, the width after pooling with partial windows."""
    return math.ceil((size - window) / stride) + 1


def _reshaped(spec: Reshape, shape: Shape) -> Shape:
    image = (spec.channels, spec.rows, spec.columns)
    if math.prod(image) != math.prod(shape):
        raise UserError(
            f"reshape: {' × '.join(map(str, image))} is {math.prod(image)} values, but the layer "
            f"before gives {math.prod(shape)}"
        )
    return image


def _image(spec: Layer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise UserError(
            f"{spec.type}: its input is a vector of {shape[0]} values; reshape it first"
        )
    return shape

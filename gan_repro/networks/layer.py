"""What every kind of layer says of itself: the shape it gives, its modules, and its work."""

from abc import abstractmethod
from typing import Annotated, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError

# Of an output, per example: a vector (units,) or an image (channels, rows, columns).
Shape = tuple[int, ...]

Probability = Annotated[float, Field(gt=0, le=1)]


class Start(NamedTuple):
    """What initial weights are made of.

    Attributes:
        rng: CPU generator that random weights are drawn from.
        mean: (pixels,) mean of the training images, where there are some.
    """

    rng: torch.Generator
    mean: Tensor | None = None


class LayerWork(NamedTuple):
    """Per example: multiplications, and values kept for the way back; once: parameters."""

    products: int = 0
    values: int = 0
    parameters: int = 0


class LayerKind(Spec):
    """The base of every kind of layer, which a subclass names in its field ``type``."""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of some shape.

        Raises:
            UserError: the layer cannot take such an input.
        """

    @abstractmethod
    def modules(self, shape: Shape, start: Start) -> list[nn.Module]:
        """Build the layer for inputs of a shape, with its initial weights, on the CPU."""

    def work(self, shape: Shape) -> LayerWork:
        """Return what the layer costs on inputs of a shape; moving values about costs nothing."""
        return LayerWork()


def image_shape(layer: str, shape: Shape) -> Shape:
    """Return the shape of an image; raises UserError where a layer is given a vector."""
    if len(shape) != 3:
        raise UserError(f"{layer}: its input is a vector of {shape[0]} values; reshape it first")
    return shape

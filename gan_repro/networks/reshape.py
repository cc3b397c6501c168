"""A vector read as an image, before the first convolution."""

import math
from typing import Literal

from pydantic import PositiveInt
from torch import nn

from gan_repro.errors import UserError
from gan_repro.networks.layer import LayerKind, Shape, Start
from gan_repro.networks.modules import Image


class Reshape(LayerKind):
    """A vector read as an image, channels × rows × columns.

    Attributes:
        order: how the vector runs through the image, slowest axis first: prepared images are
            ``channel_row_column``, the authors' deconvolution reads ``row_column_channel``.
    """

    type: Literal["reshape"]
    channels: PositiveInt
    rows: PositiveInt
    columns: PositiveInt
    order: Literal["channel_row_column", "row_column_channel"]

    def output_shape(self, shape: Shape) -> Shape:
        """Return channels, rows, columns; raises UserError where they hold other than the input."""
        image = (self.channels, self.rows, self.columns)
        if math.prod(image) != math.prod(shape):
            raise UserError(
                f"reshape: {' × '.join(map(str, image))} is {math.prod(image)} values, but the "
                f"layer before gives {math.prod(shape)}"
            )
        return image

    def modules(self, shape: Shape, start: Start) -> list[nn.Module]:
        """Build the change of shape."""
        last = self.order == "row_column_channel"
        return [Image(self.channels, self.rows, self.columns, channels_last=last)]

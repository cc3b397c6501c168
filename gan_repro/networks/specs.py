"""The schema of a network: its layers as `config/experiments/*.yaml` names them."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from gan_repro.config.schema import Spec

Probability = Annotated[float, Field(gt=0, le=1)]


class Dense(Spec):
    """An affine map followed by an elementwise activation, or by a maximum over pieces.

    Attributes:
        type: activation; ``maxout`` takes the maximum over ``pieces`` consecutive affine units
            (Goodfellow et al., 2013) and has one bias per piece.
        units: width of the layer's output.
        pieces: affine pieces per maxout unit.
        irange: weights start uniform on [-irange, irange].
        sparse_init: instead, each unit starts with this many nonzero N(0, 1) weights.
        bias: initial bias; ``marginals`` is the log-odds of each pixel's training mean.
        keep: probability with which dropout keeps each element of the layer's *input*;
            kept elements are multiplied by 1/keep, and nothing is rescaled at test time.
        max_col_norm: bound on the norm of the weights into each affine unit.
    """

    type: Literal["linear", "relu", "sigmoid", "maxout"]
    units: PositiveInt
    pieces: PositiveInt = 1
    irange: PositiveFloat | None = None
    sparse_init: PositiveInt | None = None
    bias: float | Literal["marginals"] = 0.0
    keep: Probability = 1.0
    max_col_norm: PositiveFloat | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Dense":
        if (self.irange is None) == (self.sparse_init is None):
            raise ValueError("a layer needs exactly one of irange and sparse_init")
        if self.pieces > 1 and self.type != "maxout":
            raise ValueError("only maxout layers have pieces")
        return self


class MaxoutConv(Spec):
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


class Deconv(Spec):
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


class Reshape(Spec):
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


Layer = Annotated[Dense | MaxoutConv | Deconv | Reshape, Field(discriminator="type")]


class Noise(Spec):
    """The prior p_z: ``uniform`` is U(-√3, √3) and ``gaussian`` N(0, 1), both of variance one."""

    distribution: Literal["uniform", "gaussian"]
    size: PositiveInt


class Generator(Spec):
    """G: noise through a stack of layers; the last has one value per pixel.

    Attributes:
        noise: the prior.
        front: layers between the noise and ``layers`` when those come from another experiment
            (`Experiment.pretrained`): what the front computes replaces the noise they knew.
        layers: the stack itself.
    """

    noise: Noise
    front: tuple[Dense, ...] = ()
    layers: tuple[Layer, ...] = Field(min_length=1)


class Discriminator(Spec):
    """D: pixels through a stack of layers; the last is one sigmoid unit, computed as a logit."""

    layers: tuple[Layer, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_in_a_probability(self) -> "Discriminator":
        last = self.layers[-1]
        if last.type != "sigmoid" or last.units != 1:
            raise ValueError("the discriminator's last layer must be one sigmoid unit")
        return self

"""The schema of a network: its layers as `config/experiments/*.yaml` names them."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from gan_repro.specs import Spec

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


class Noise(Spec):
    """The prior p_z: ``uniform`` is U(-√3, √3) and ``gaussian`` N(0, 1), both of variance one."""

    distribution: Literal["uniform", "gaussian"]
    size: PositiveInt


class Generator(Spec):
    """G: noise through a stack of layers; the last has one unit per pixel."""

    noise: Noise
    layers: tuple[Dense, ...] = Field(min_length=1)


class Discriminator(Spec):
    """D: pixels through a stack of layers; the last is one sigmoid unit, computed as a logit."""

    layers: tuple[Dense, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_in_a_probability(self) -> "Discriminator":
        last = self.layers[-1]
        if (last.type, last.units) != ("sigmoid", 1):
            raise ValueError("the discriminator's last layer must be one sigmoid unit")
        return self

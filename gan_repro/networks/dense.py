"""Dense layers: rectified, sigmoid, linear and maxout units, started as the authors start them."""

import math
from typing import Literal

import torch
from pydantic import PositiveFloat, PositiveInt, model_validator
from torch import Tensor, nn

from gan_repro.errors import UserError
from gan_repro.networks.layer import LayerKind, LayerWork, Probability, Shape, Start
from gan_repro.networks.modules import BoundedLinear, Maxout, dropout

# Pixels that never vary have mean 0 or 1, whose log-odds would be infinite.
MEAN_FLOOR = 1e-7


class Dense(LayerKind):
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

    def output_shape(self, shape: Shape) -> Shape:
        """Return (units,), whatever the input's shape."""
        return (self.units,)

    def modules(self, shape: Shape, start: Start) -> list[nn.Module]:
        """Build dropout, a flattening where an image comes in, the affine map, the activation."""
        flat = [nn.Flatten()] if len(shape) > 1 else []
        affine = BoundedLinear(math.prod(shape), self.units * self.pieces)
        affine.bound = self.max_col_norm
        self._initialise(affine, start)
        return [*dropout(self.keep), *flat, affine, self._activation()]

    def work(self, shape: Shape) -> LayerWork:
        """Return the work of one matrix product."""
        inputs, affine = math.prod(shape), self.units * self.pieces
        dropped = 2 * inputs if self.keep < 1 else 0
        return LayerWork(inputs * affine, affine + self.units + dropped, (inputs + 1) * affine)

    def _activation(self) -> nn.Module:
        return {
            "linear": nn.Identity,
            "relu": nn.ReLU,
            "sigmoid": nn.Sigmoid,
            "maxout": lambda: Maxout(self.pieces),
        }[self.type]()

    def _initialise(self, affine: nn.Linear, start: Start) -> None:
        if self.irange is not None:
            affine.weight.uniform_(-self.irange, self.irange, generator=start.rng)
        else:
            sparse_start(affine.weight, self.sparse_init, start.rng)
        if self.bias != "marginals":
            affine.bias.fill_(self.bias)
        elif start.mean is None or len(start.mean) != self.units:
            found = "none are given" if start.mean is None else f"the data has {len(start.mean)}"
            raise UserError(f"bias: marginals needs {self.units} pixel means, but {found}")
        else:
            affine.bias.copy_(marginal_bias(start.mean))


def marginal_bias(mean: Tensor) -> Tensor:
    """Return log(m / (1 - m)) of the pixel means m, clipped to [1e-7, 1 - 1e-7]; float64."""
    clipped = mean.double().clamp(MEAN_FLOOR, 1 - MEAN_FLOOR)
    return torch.log(clipped / (1 - clipped))


def sparse_start(weight: Tensor, nonzero: int, rng: torch.Generator) -> None:
    """Give each unit ``nonzero`` distinct incoming weights drawn from N(0, 1), the rest zero."""
    units, inputs = weight.shape
    if nonzero > inputs:
        raise UserError(f"sparse_init: {nonzero} exceeds the layer's {inputs} inputs")
    chosen = torch.rand(units, inputs, generator=rng).topk(nonzero, dim=1).indices
    weight.zero_().scatter_(1, chosen, torch.randn(units, nonzero, generator=rng))

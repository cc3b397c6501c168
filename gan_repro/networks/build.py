"""Generators and discriminators built from their specifications, with the authors' starts."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_repro.errors import UserError
from gan_repro.networks.convolution import Image, deconv, maxout_conv
from gan_repro.networks.layers import Dropout, activation, limit_column_norms
from gan_repro.networks.shapes import Shape, shapes
from gan_repro.networks.specs import (
    Deconv,
    Dense,
    Discriminator,
    Generator,
    Layer,
    MaxoutConv,
    Reshape,
)

# Pixels that never vary have mean 0 or 1, whose log-odds would be infinite.
MEAN_FLOOR = 1e-7


class Network(nn.Sequential):
    """A stack of layers that knows its random masks and its constraints.

    Maps (n, inputs) to (n, outputs); a discriminator ends in logits, not probabilities.
    """

    def __init__(self, modules: Sequence[nn.Module], bounds: dict[str, float]) -> None:
        super().__init__(*modules)
        self.bounds = bounds

    def use_rng(self, rng: torch.Generator) -> None:
        """Draw every dropout mask from ``rng``, which must live on the network's device."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.rng = rng

    @torch.no_grad()
    def constrain(self) -> None:
        """Apply max_col_norm to every layer that has one."""
        for name, bound in self.bounds.items():
            limit_column_norms(self.get_parameter(name), bound)


def marginal_bias(mean: Tensor) -> Tensor:
    """Return log(m / (1 - m)) of the pixel means m, clipped to [1e-7, 1 - 1e-7]; float64."""
    clipped = mean.double().clamp(MEAN_FLOOR, 1 - MEAN_FLOOR)
    return torch.log(clipped / (1 - clipped))


def _initialise(linear: nn.Linear, spec: Dense, mean: Tensor | None, rng: torch.Generator) -> None:
    if spec.irange is not None:
        linear.weight.uniform_(-spec.irange, spec.irange, generator=rng)
    else:
        _sparse_start(linear.weight, spec.sparse_init, rng)
    if spec.bias != "marginals":
        linear.bias.fill_(spec.bias)
    elif mean is None or len(mean) != spec.units:
        found = "none are given" if mean is None else f"the data has {len(mean)}"
        raise UserError(f"bias: marginals needs {spec.units} pixel means, but {found}")
    else:
        linear.bias.copy_(marginal_bias(mean))


def _sparse_start(weight: Tensor, nonzero: int, rng: torch.Generator) -> None:
    """Give each unit ``nonzero`` distinct incoming weights drawn from N(0, 1), the rest zero."""
    units, inputs = weight.shape
    if nonzero > inputs:
        raise UserError(f"sparse_init: {nonzero} exceeds the layer's {inputs} inputs")
    chosen = torch.rand(units, inputs, generator=rng).topk(nonzero, dim=1).indices
    weight.zero_().scatter_(1, chosen, torch.randn(units, nonzero, generator=rng))


def _dense(spec: Dense, shape: Shape, mean: Tensor | None, rng: torch.Generator) -> list[nn.Module]:
    flat = [nn.Flatten()] if len(shape) > 1 else []
    linear = nn.utils.skip_init(nn.Linear, math.prod(shape), spec.units * spec.pieces)
    _initialise(linear, spec, mean, rng)
    return [*flat, linear, activation(spec)]


def _modules(
    spec: Layer, shape: Shape, output: Shape, mean: Tensor | None, rng: torch.Generator
) -> list[nn.Module]:
    match spec:
        case Dense():
            return _dense(spec, shape, mean, rng)
        case MaxoutConv():
            return maxout_conv(spec, shape[0], rng)
        case Deconv():
            return deconv(spec, shape[0], output, rng)
        case Reshape():
            return [Image(spec)]


@torch.no_grad()
def _stack(
    layers: Sequence[Layer], inputs: int, mean: Tensor | None, rng: torch.Generator
) -> Network:
    modules: list[nn.Module] = []
    bounds = {}
    sizes = shapes(layers, inputs)
    for spec, shape, output in zip(layers, sizes, sizes[1:], strict=False):
        if not isinstance(spec, Reshape) and spec.keep < 1:
            modules.append(Dropout(spec.keep))
        part = _modules(spec, shape, output, mean, rng)
        if isinstance(spec, Dense) and spec.max_col_norm is not None:
            bounds[f"{len(modules) + len(part) - 2}.weight"] = spec.max_col_norm
        modules += part
    if len(sizes[-1]) > 1:
        modules.append(nn.Flatten())
    network = Network(modules, bounds)
    network.constrain()
    return network


def build_generator(
    spec: Generator, pixels: int, mean: Tensor | None, rng: torch.Generator
) -> Network:
    """Build G without its front: (n, noise) → (n, pixels), on the CPU, initialised from ``rng``.

    Args:
        spec: the layers; those of ``spec.front`` are left out.
        pixels: width of the data; the last layer must match it.
        mean: (pixels,) training-set mean, for ``bias: marginals``.
        rng: CPU generator; the same state gives the same weights on every device.

    Raises:
        UserError: the last layer's width is not the data's.
    """
    inputs = spec.front[-1].units if spec.front else spec.noise.size
    width = math.prod(shapes(spec.layers, inputs)[-1])
    if width != pixels:
        raise UserError(
            f"generator: the last layer has {width} units, but the data has {pixels} pixels; "
            f"set units to {pixels}"
        )
    return _stack(spec.layers, inputs, mean, rng)


def build_front(spec: Generator, rng: torch.Generator) -> Network:
    """Build the layers before a pretrained generator: (n, noise) → (n, what it took for noise)."""
    return _stack(spec.front, spec.noise.size, None, rng)


def prepend(front: Network, network: Network) -> Network:
    """Return one network that runs ``front``, then ``network``, on the same parameters."""
    bounds = {shifted(name, len(front)): bound for name, bound in network.bounds.items()}
    return Network([*front, *network], {**front.bounds, **bounds})


def shifted(name: str, offset: int) -> str:
    """Return a parameter's name after ``offset`` modules were put before its own."""
    position, _, rest = name.partition(".")
    return f"{int(position) + offset}.{rest}"


def build_discriminator(spec: Discriminator, pixels: int, rng: torch.Generator) -> Network:
    """Build D: (n, pixels) → (n, 1) logits a, with D(x) = sigmoid(a), initialised from ``rng``."""
    network = _stack(spec.layers, pixels, None, rng)
    return Network(list(network)[:-1], network.bounds)

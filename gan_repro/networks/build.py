"""Generators and discriminators built from their specifications, with the authors' starts."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_repro.errors import UserError
from gan_repro.networks.layers import Dropout, activation, limit_column_norms
from gan_repro.networks.specs import Dense, Discriminator, Generator

# Pixels that never vary have mean 0 or 1, whose log-odds would be infinite.
MEAN_FLOOR = 1e-7


class Network(nn.Sequential):
    """A stack of layers that knows its random masks and its constraints.

    Maps (n, inputs) to (n, outputs); a discriminator ends in logits, not probabilities.
    """

    def __init__(self, modules: Sequence[nn.Module], bounds: dict[str, float]) -> None:
        super().__init__(*modules)
        self._bounds = bounds

    def use_rng(self, rng: torch.Generator) -> None:
        """Draw every dropout mask from ``rng``, which must live on the network's device."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.rng = rng

    @torch.no_grad()
    def constrain(self) -> None:
        """Apply max_col_norm to every layer that has one."""
        for name, bound in self._bounds.items():
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


@torch.no_grad()
def _stack(
    layers: Sequence[Dense], inputs: int, mean: Tensor | None, rng: torch.Generator, logits: bool
) -> Network:
    modules: list[nn.Module] = []
    bounds = {}
    for position, spec in enumerate(layers):
        if spec.keep < 1:
            modules.append(Dropout(spec.keep))
        linear = nn.utils.skip_init(nn.Linear, inputs, spec.units * spec.pieces)
        _initialise(linear, spec, mean, rng)
        if spec.max_col_norm is not None:
            bounds[f"{len(modules)}.weight"] = spec.max_col_norm
        modules.append(linear)
        if not (logits and position == len(layers) - 1):
            modules.append(activation(spec))
        inputs = spec.units
    network = Network(modules, bounds)
    network.constrain()
    return network


def build_generator(
    spec: Generator, pixels: int, mean: Tensor | None, rng: torch.Generator
) -> Network:
    """Build G: (n, noise) → (n, pixels), on the CPU, initialised from ``rng``.

    Args:
        spec: the layers.
        pixels: width of the data; the last layer must match it.
        mean: (pixels,) training-set mean, for ``bias: marginals``.
        rng: CPU generator; the same state gives the same weights on every device.

    Raises:
        UserError: the last layer's width is not the data's.
    """
    if spec.layers[-1].units != pixels:
        raise UserError(
            f"generator: the last layer has {spec.layers[-1].units} units, but the data has "
            f"{pixels} pixels; set units to {pixels}"
        )
    return _stack(spec.layers, spec.noise.size, mean, rng, logits=False)


def build_discriminator(spec: Discriminator, pixels: int, rng: torch.Generator) -> Network:
    """Build D: (n, pixels) → (n, 1) logits a, with D(x) = sigmoid(a), initialised from ``rng``."""
    return _stack(spec.layers, pixels, None, rng, logits=True)

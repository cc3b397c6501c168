"""Generators and discriminators built from their specifications, with the authors' starts."""

import math
from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn

from gan_repro.errors import UserError
from gan_repro.networks.layer import Start
from gan_repro.networks.modules import BoundedLinear, Dropout
from gan_repro.networks.specs import Discriminator, Generator, Layer, shapes


class Network(nn.Sequential):
    """A stack of layers that knows its random masks and its constraints.

    Maps (n, inputs) to (n, outputs); a discriminator ends in logits, not probabilities.
    """

    def use_rng(self, rng: torch.Generator) -> None:
        """Draw every dropout mask from ``rng``, which must live on the network's device."""
        for module in self:
            if isinstance(module, Dropout):
                module.rng = rng

    def constrain(self) -> None:
        """Apply max_col_norm to every layer that has one."""
        for module in self:
            if isinstance(module, BoundedLinear):
                module.constrain()


@torch.no_grad()
def _stack(layers: Sequence[Layer], inputs: int, start: Start) -> Network:
    sizes = shapes(layers, inputs)
    parts = [layer.modules(shape, start) for layer, shape in zip(layers, sizes, strict=False)]
    flat = [nn.Flatten()] if len(sizes[-1]) > 1 else []
    network = Network(*chain(*parts, flat))
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
    return _stack(spec.layers, inputs, Start(rng, mean))


def build_front(spec: Generator, rng: torch.Generator) -> Network:
    """Build the layers before a pretrained generator: (n, noise) → (n, what it took for noise).

    Where there are none, the network is empty.
    """
    return _stack(spec.front, spec.noise.size, Start(rng))


def build_discriminator(spec: Discriminator, pixels: int, rng: torch.Generator) -> Network:
    """Build D: (n, pixels) → (n, 1) logits a, with D(x) = sigmoid(a), initialised from ``rng``."""
    return _stack(spec.layers, pixels, Start(rng))[:-1]

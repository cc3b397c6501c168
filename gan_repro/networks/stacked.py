"""Networks of one architecture as one: a leading axis of networks, and products over it at once."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from gan_repro.networks.build import Network
from gan_repro.networks.modules import BoundedLinear, Dropout, limit_column_norms


class StackedNetwork(nn.Module):
    """S networks, (S, n, inputs) → (S, n, outputs); each draws its masks from its own generator.

    The networks that it is made of stay what they were: their parameters become slices of this
    one's, so that what one of them learns the other knows.

    Args:
        networks: of the same layers, on one device.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        super().__init__()
        # Kept out of the registry of submodules: their parameters are this module's slices.
        self.layers = tuple(networks[0])
        self.rngs: Sequence[torch.Generator] = ()
        self.weights = nn.ModuleList(
            _joined([network[place] for network in networks]) for place in range(len(self.layers))
        )

    def use_rng(self, rngs: Sequence[torch.Generator]) -> None:
        """Draw the dropout masks of each network from its own generator."""
        self.rngs = rngs

    def constrain(self) -> None:
        """Apply max_col_norm to every layer that has one."""
        with torch.no_grad():
            for layer, weights in zip(self.layers, self.weights, strict=True):
                if isinstance(layer, BoundedLinear) and layer.bound is not None:
                    limit_column_norms(weights.weight, layer.bound)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of each network on its own (n, inputs)."""
        for layer, weights in zip(self.layers, self.weights, strict=True):
            x = self._apply(layer, dict(weights.named_parameters()), x)
        return x

    def _apply(self, layer: nn.Module, weights: dict[str, Tensor], x: Tensor) -> Tensor:
        if isinstance(layer, Dropout):
            return self._drop(layer, x)
        if isinstance(layer, nn.Linear):
            bias = weights["bias"].unsqueeze(1)
            return torch.baddbmm(bias, x, weights["weight"].transpose(1, 2))
        if weights:
            return vmap(lambda own, part: functional_call(layer, own, (part,)))(weights, x)
        return vmap(layer)(x)

    def _drop(self, layer: Dropout, x: Tensor) -> Tensor:
        mask = torch.empty_like(x)
        for part, rng in zip(mask, self.rngs, strict=True):
            part.bernoulli_(layer.keep, generator=rng)
        return x * mask.mul_(1 / layer.keep)


def _joined(layers: Sequence[nn.Module]) -> nn.Module:
    """Return the layers' parameters with a leading axis, and make each layer's own a slice."""
    found = nn.Module()
    for name, _ in layers[0].named_parameters():
        own = [layer.get_parameter(name) for layer in layers]
        whole = nn.Parameter(torch.stack([parameter.detach() for parameter in own]))
        found.register_parameter(name, whole)
        for parameter, part in zip(own, whole.detach(), strict=True):
            parameter.data = part
    return found

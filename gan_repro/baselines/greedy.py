"""Greedy layer-wise training: each layer learns on what the trained layers below make of the data.

Stacked CAE and DBN are both this; they differ in the layer, and in how a stack is sampled.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor

from gan_repro.baselines.chains import choose_starts
from gan_repro.baselines.greedy_spec import GreedySpec, LayerSpec
from gan_repro.training.model import DeviceLearner, Weights
from gan_repro.training.seeds import stream_seed
from gan_repro.training.updates import MomentumDescent, Rate


class Layer(Protocol):
    """One layer of a stack, in training or trained."""

    metrics: ClassVar[tuple[str, ...]]

    def encode(self, x: Tensor) -> Tensor:
        """Map (n, inputs) to the (n, units) that the layer above learns on."""

    def learn(self, batch: Tensor) -> Tensor:
        """Learn from (n, inputs); return the metrics."""

    def tensors(self) -> dict[str, Tensor]:
        """Return live references to everything that changes in training."""

    def weights(self) -> dict[str, Tensor]:
        """Return live references to what sampling needs."""


class MomentumLayer:
    """What every trained layer keeps: its weights, by name, and the momentum they descend with.

    A subclass names its weights, in the order of its gradients.
    """

    names: ClassVar[tuple[str, ...]]

    def __init__(self, weights: Weights) -> None:
        self.parameters = {name: weights[name] for name in self.names}
        self.optimizer = MomentumDescent(self.parameters.values())

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and velocities."""
        velocities = zip(self.names, self.optimizer.velocities, strict=True)
        return self.parameters | {f"{name}.velocity": tensor for name, tensor in velocities}

    def weights(self) -> dict[str, Tensor]:
        """Return weight matrix and biases."""
        return self.parameters


def encode(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """Map (n, d) images to the code of the highest of the layers."""
    for layer in layers:
        x = layer.encode(x)
    return x


class GreedyLearner(DeviceLearner):
    """A stack in training; implements `gan_repro.training.model.Learner`.

    A subclass says how a layer is made and how a stack is sampled.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device.
        seed: of the run; initial weights, noise and chain starts are streams of it.
    """

    metrics: tuple[str, ...]
    batches_per_step = 1

    def __init__(self, spec: GreedySpec, images: Tensor, seed: int) -> None:
        self.spec, device = spec, images.device
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        self.rng = torch.Generator(device).manual_seed(stream_seed(seed, "noise"))
        widths = [images.shape[1], *(layer.units for layer in spec.layers)]
        self.layers = [
            self.make_layer(layer, inputs, start, device)
            for layer, inputs in zip(spec.layers, widths, strict=False)
        ]
        self.starts = choose_starts(images, spec.chains, seed)
        # A tensor, because a resumed run must know how much of its stack is trained.
        self.depth = torch.zeros(1, dtype=torch.int64, device=device)

    def make_layer(
        self, spec: LayerSpec, inputs: int, start: torch.Generator, device: torch.device
    ) -> Layer:
        """Return an untrained layer; ``start`` draws its weights, ``self.rng`` its noise."""
        raise NotImplementedError

    def draw(self, weights: Weights, depth: int, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the lowest ``depth`` layers."""
        raise NotImplementedError

    def phase(self, epoch: int) -> int:
        """Return the number of the layer that is due."""
        return self.spec.stage(epoch)

    def schedule(self, step: int, epoch: int) -> tuple[()]:
        """Return nothing: a layer's rates are fixed."""
        return ()

    @torch.no_grad()
    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Train the layer that is due on the code of one minibatch."""
        (batch,) = batches
        self.depth.fill_(phase + 1)
        return self.layers[phase].learn(encode(self.layers[:phase], batch))

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and the state of every layer's update."""
        return _numbered(self.layers, "tensors") | {"depth": self.depth}

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the stream of whatever a layer draws while it learns."""
        return {"noise": self.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of every layer, and the training images that chains start from."""
        return _numbered(self.layers, "weights") | {"starts": self.starts}

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) samples of the layers trained so far."""
        return self.draw(self.weights(), int(self.depth), count, seed)


def _numbered(layers: Sequence[Layer], method: str) -> dict[str, Tensor]:
    return {
        f"{number}.{name}": tensor
        for number, layer in enumerate(layers)
        for name, tensor in getattr(layer, method)().items()
    }


def layer_weights(weights: Weights, number: int) -> dict[str, Tensor]:
    """Return the weights of one layer out of those of a stack."""
    prefix = f"{number}."
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in weights.items()
        if name.startswith(prefix)
    }

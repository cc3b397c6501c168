"""The stacked contractive auto-encoder of Rifai et al. (2011), and its sampler (Rifai et al. 2012).

A layer encodes h = sigmoid(xW + b) and decodes sigmoid(hWᵀ + c). Gradients are in closed form.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from gan_repro.baselines.chains import first_states, walk
from gan_repro.baselines.greedy import GreedyLearner, MomentumLayer, layer_weights
from gan_repro.baselines.greedy_spec import GreedySpec, LayerSpec
from gan_repro.training.model import System, Weights


class CaeLayerSpec(LayerSpec):
    """Hyperparameters of one layer.

    Attributes:
        contraction: λ, the factor of the penalty ‖∂h/∂x‖² per example.
        learning_rate: on the mean loss per example, in nats.
        momentum: classical.
    """

    contraction: NonNegativeFloat
    learning_rate: PositiveFloat
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0

    def passes(self, batch: int) -> float:
        """Return five: encode, decode, the error back, and two for the tied gradient."""
        return 5


class CaeSpec(GreedySpec):
    """Hyperparameters of a stacked CAE.

    Attributes:
        walk_noise: standard deviation of ε in the sampler's step h + JJᵀε.
    """

    kind: Literal["cae"]
    layers: tuple[CaeLayerSpec, ...] = Field(min_length=1)
    walk_noise: PositiveFloat


class CaeLayer(MomentumLayer):
    """One contractive layer; implements `gan_repro.baselines.greedy.Layer`.

    Its weights are ``weight`` (inputs, units), ``hidden`` (units,) and ``visible`` (inputs,).
    """

    metrics = ("cross_entropy", "penalty")
    names = ("weight", "hidden", "visible")

    def __init__(self, spec: CaeLayerSpec, weights: Weights) -> None:
        super().__init__(weights)
        self.spec = spec
        self.weight, self.hidden, self.visible = self.parameters.values()

    def encode(self, x: Tensor) -> Tensor:
        """Map (n, inputs) to the code h, (n, units)."""
        return torch.addmm(self.hidden, x, self.weight).sigmoid()

    def decode(self, h: Tensor) -> Tensor:
        """Map codes (n, units) back to (n, inputs)."""
        return torch.addmm(self.visible, h, self.weight.T).sigmoid()

    def penalty(self, h: Tensor) -> Tensor:
        """Return ‖∂h/∂x‖² (Frobenius) per example: Σ_j (h_j(1 − h_j))² ‖W_j‖², (n,)."""
        return (h * (1 - h)).square() @ self.weight.square().sum(dim=0)

    def gradients(self, x: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """Return the gradient of the mean loss in weight, hidden and visible, and the metrics.

        The loss of an example is the cross-entropy summed over its inputs, in nats, plus
        λ ‖∂h/∂x‖².
        """
        h, scale = self.encode(x), self.spec.contraction / len(x)
        slope, squares = h * (1 - h), self.weight.square().sum(dim=0)
        logits = torch.addmm(self.visible, h, self.weight.T)
        error = (logits.sigmoid() - x) / len(x)
        # d slope² / d(pre-activation) = 2 slope² (1 − 2h).
        curved = slope.square()
        up = (error @ self.weight) * slope + 2 * scale * curved * (1 - 2 * h) * squares
        weight = torch.addmm(x.T @ up, error.T, h)
        weight.addcmul_(self.weight, 2 * scale * curved.sum(dim=0))
        entropy = binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        metrics = torch.stack([entropy, (curved @ squares).mean()])
        return (weight, up.sum(dim=0), error.sum(dim=0)), metrics

    def learn(self, batch: Tensor) -> Tensor:
        """Take one step of descent; return mean cross-entropy and mean penalty."""
        gradients, metrics = self.gradients(batch)
        self.optimizer.step(gradients, self.spec.learning_rate, self.spec.momentum)
        return metrics


class CaeLearner(GreedyLearner):
    """A stacked CAE in training; implements `gan_repro.training.model.Learner`."""

    metrics = CaeLayer.metrics

    def make_layer(
        self, spec: CaeLayerSpec, inputs: int, start: torch.Generator, device: torch.device
    ) -> CaeLayer:
        """Return a layer with weights uniform on ±4√(6 / (inputs + units)) and zero biases."""
        bound = 4 * (6 / (inputs + spec.units)) ** 0.5
        weights = {
            "weight": torch.empty(inputs, spec.units).uniform_(-bound, bound, generator=start),
            "hidden": torch.zeros(spec.units),
            "visible": torch.zeros(inputs),
        }
        return CaeLayer(spec, {name: tensor.to(device) for name, tensor in weights.items()})

    def draw(self, weights: Weights, depth: int, count: int, seed: int) -> np.ndarray:
        """Draw from the lowest ``depth`` layers."""
        return _draw(self.spec, weights, depth, count, seed)


def decode(layers: Sequence[CaeLayer], h: Tensor) -> Tensor:
    """Map codes of the highest layer down to (n, d) pixels."""
    for layer in reversed(layers):
        h = layer.decode(h)
    return h


def tangent(layers: Sequence[CaeLayer], x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return the stack's code of x and JJᵀε, with J = ∂h/∂x of the whole stack: (n, units) each.

    JJᵀ is applied as a product of the layers' Jacobians, diag(slope) Wᵀ each, and never formed.
    """
    slopes = []
    for layer in layers:
        x = layer.encode(x)
        slopes.append(x * (1 - x))
    for layer, slope in zip(reversed(layers), reversed(slopes), strict=True):
        noise = (noise * slope) @ layer.weight.T
    for layer, slope in zip(layers, slopes, strict=True):
        noise = (noise @ layer.weight) * slope
    return x, noise


@torch.no_grad()
def _draw(spec: CaeSpec, weights: Weights, depth: int, count: int, seed: int) -> np.ndarray:
    """Walk from image to image: encode, move by JJᵀε along the manifold, decode."""
    starts = first_states(weights, spec.chains)
    rng = torch.Generator(starts.device).manual_seed(seed)
    layers = [
        CaeLayer(layer, layer_weights(weights, number))
        for number, layer in enumerate(spec.layers[:depth])
    ]

    def advance(x: Tensor) -> tuple[Tensor, Tensor]:
        noise = x.new_empty(len(x), layers[-1].spec.units)
        noise.normal_(0, spec.walk_noise, generator=rng)
        h, move = tangent(layers, x, noise)
        x = decode(layers, h + move)
        return x, x

    return walk(advance, starts, spec.chains, count)


def sample(
    spec: CaeSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) decoder means; chains start at training images."""
    weights = {name: tensor.to(device) for name, tensor in weights.items()}
    return _draw(spec, weights, len(spec.layers), count, seed)


SYSTEM = System(CaeSpec, CaeLearner, sample)

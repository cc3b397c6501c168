"""The deep belief network of Hinton, Osindero and Teh (2006): greedy RBMs, sampled from the top.

Grey levels and the activations of lower layers are taken as probabilities of binary units.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor

from gan_repro.baselines.chains import first_states, walk
from gan_repro.baselines.greedy import GreedyLearner, MomentumLayer, encode, layer_weights
from gan_repro.baselines.greedy_spec import GreedySpec, LayerSpec
from gan_repro.baselines.rbm import Rbm
from gan_repro.config.schema import Spec
from gan_repro.training.model import System, Weights

# Hinton's practical guide (2012): small random weights, zero biases.
INITIAL_DEVIATION = 0.01


class NegativePhase(Spec):
    """Where the model's samples in the gradient come from.

    Attributes:
        chain: ``cd`` starts at the minibatch in every step; ``pcd`` goes on from where the last
            step left its particles (persistent contrastive divergence, Tieleman 2008).
        steps: Gibbs transitions per step.
        particles: chains of ``pcd``.
    """

    chain: Literal["cd", "pcd"]
    steps: PositiveInt = 1
    particles: PositiveInt = 100


class RbmLayerSpec(LayerSpec):
    """Hyperparameters of one RBM of the stack."""

    negative: NegativePhase
    learning_rate: PositiveFloat
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    weight_decay: NonNegativeFloat = 0.0

    def passes(self, batch: int) -> float:
        """Return two for the data, and a way up and down for each of the model's transitions."""
        data, model = 2, 2 * self.negative.steps + 1
        if self.negative.chain == "cd":
            return data + model
        # A step moves all particles, however many images it sees, and first asks where they are.
        return data + (model + 1) * self.negative.particles / batch


class DbnSpec(GreedySpec):
    """Hyperparameters of a deep belief network."""

    kind: Literal["dbn"]
    layers: tuple[RbmLayerSpec, ...] = Field(min_length=1)


class RbmLayer(MomentumLayer):
    """One RBM in training, or trained; implements `gan_repro.baselines.greedy.Layer`."""

    metrics = ("free_energy_gap",)
    names = ("weight", "visible", "hidden")

    def __init__(self, spec: RbmLayerSpec, weights: Weights, rng: torch.Generator) -> None:
        super().__init__(weights)
        self.spec, self.rng, self.rbm = spec, rng, Rbm(weights)
        self.particles: Tensor | None = None

    def scatter(self, start: torch.Generator) -> None:
        """Put the particles of ``pcd`` at fair coin flips."""
        if self.spec.negative.chain == "pcd":
            shape = self.spec.negative.particles, len(self.rbm.visible)
            self.particles = torch.full(shape, 0.5).bernoulli(generator=start)
            self.particles = self.particles.to(self.rbm.weight.device)

    def encode(self, x: Tensor) -> Tensor:
        """Return the probabilities of the hidden units."""
        return self.rbm.hidden_logits(x).sigmoid()

    def learn(self, batch: Tensor) -> Tensor:
        """Take one step of (persistent) contrastive divergence; return F(data) − F(model)."""
        up = self.rbm.hidden_logits(batch)
        logits = up if self.particles is None else self.rbm.hidden_logits(self.particles)
        for left in reversed(range(self.spec.negative.steps)):
            model, _ = self.rbm.descend(logits, self.rng)
            logits = self.rbm.hidden_logits(model) if left else logits
        if self.particles is not None:
            self.particles.copy_(model)
        gradients, gap = self.rbm.contrast(batch, up, model)
        gradients[0].add_(self.rbm.weight, alpha=self.spec.weight_decay)
        self.optimizer.step(gradients, self.spec.learning_rate, self.spec.momentum)
        return gap

    def tensors(self) -> dict[str, Tensor]:
        """Return weights, velocities and particles."""
        particles = {} if self.particles is None else {"particles": self.particles}
        return super().tensors() | particles


class DbnLearner(GreedyLearner):
    """A DBN in training; implements `gan_repro.training.model.Learner`."""

    metrics = RbmLayer.metrics

    def make_layer(
        self, spec: RbmLayerSpec, inputs: int, start: torch.Generator, device: torch.device
    ) -> RbmLayer:
        """Return an RBM with weights from N(0, 0.01²) and zero biases."""
        weights = {
            "weight": torch.empty(inputs, spec.units).normal_(
                0, INITIAL_DEVIATION, generator=start
            ),
            "visible": torch.zeros(inputs),
            "hidden": torch.zeros(spec.units),
        }
        layer = RbmLayer(spec, {name: t.to(device) for name, t in weights.items()}, self.rng)
        layer.scatter(start)
        return layer

    def draw(self, weights: Weights, depth: int, count: int, seed: int) -> np.ndarray:
        """Draw from the lowest ``depth`` layers."""
        return _draw(self.spec, weights, depth, count, seed)


def decode(layers: Sequence[RbmLayer], probabilities: Tensor) -> Tensor:
    """Map (n, units) probabilities of the highest layer down to (n, d) pixels, by mean field."""
    for layer in reversed(layers):
        probabilities = layer.rbm.visible_logits(probabilities).sigmoid()
    return probabilities


@torch.no_grad()
def _draw(spec: DbnSpec, weights: Weights, depth: int, count: int, seed: int) -> np.ndarray:
    """Run Gibbs chains in the highest RBM and decode the means of its visible units."""
    starts = first_states(weights, spec.chains)
    rng = torch.Generator(starts.device).manual_seed(seed)
    layers = [
        RbmLayer(layer, layer_weights(weights, number), rng)
        for number, layer in enumerate(spec.layers[:depth])
    ]
    below, top = layers[:-1], layers[-1]

    def advance(v: Tensor) -> tuple[Tensor, Tensor]:
        v, probabilities = top.rbm.gibbs(v, rng)
        return v, decode(below, probabilities)

    return walk(advance, encode(below, starts), spec.chains, count)


def sample(
    spec: DbnSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) decoded means; chains start at the codes of training images."""
    weights = {name: tensor.to(device) for name, tensor in weights.items()}
    return _draw(spec, weights, len(spec.layers), count, seed)


SYSTEM = System(DbnSpec, DbnLearner, sample)

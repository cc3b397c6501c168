"""The deep generative stochastic network of Bengio, Thibodeau-Laufer, Alain and Yosinski (2014).

A Markov chain over (x, h2) whose transition is trained to denoise; its consecutive means p(x | h)
are the samples. Rows of every matrix are examples, so a layer is ``x @ w1``.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from gan_repro.baselines.chains import Chains, choose_starts, first_states, walk
from gan_repro.descent import AveragedDescent
from gan_repro.runs import stream_seed
from gan_repro.specs import Spec


class GsnSpec(Spec):
    """Hyperparameters of a deep GSN with two hidden layers.

    Attributes:
        hidden: units of h1 and h2.
        walkback: updates of the chain that a training step unrolls, each scored on clean pixels.
        salt_and_pepper: probability that a pixel is replaced by 0 or 1, equally likely.
        noise: standard deviation of the Gaussian added before and after the tanh of h2.
        learning_rate: of the first epoch.
        learning_rate_decay: its factor from one epoch to the next.
        momentum: weight of the past in the running mean of the gradient.
        chains: how samples are read off.
    """

    kind: Literal["gsn"]
    hidden: tuple[PositiveInt, PositiveInt]
    walkback: PositiveInt
    salt_and_pepper: Annotated[float, Field(ge=0, lt=1)]
    noise: NonNegativeFloat
    learning_rate: PositiveFloat
    learning_rate_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    chains: Chains


class Gsn:
    """The chain's transition; its weights serve both directions (tied)."""

    def __init__(self, spec: GsnSpec, weights: Mapping[str, Tensor], rng: torch.Generator) -> None:
        self.spec, self.rng = spec, rng
        self.w1, self.w2, self.b0, self.b1, self.b2 = (
            weights[name] for name in ("w1", "w2", "b0", "b1", "b2")
        )

    def decode(self, x: Tensor, h2: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return h1 given (n, d) corrupted x and h2 (None: zeros), and the logits of p(x | h1)."""
        above = self.b1 if h2 is None else torch.addmm(self.b1, h2, self.w2.T)
        h1 = torch.tanh(above + x @ self.w1)
        return h1, torch.addmm(self.b0, h1, self.w1.T)

    def ascend(self, h1: Tensor) -> Tensor:
        """Draw h2, (n, units), given h1: noise before and after its tanh."""
        before = torch.addmm(self.b2, h1, self.w2)
        return torch.tanh(before + self._gaussian(before)) + self._gaussian(before)

    def corrupt(self, x: Tensor) -> Tensor:
        """Replace pixels by salt and pepper."""
        hit = torch.empty_like(x).bernoulli_(self.spec.salt_and_pepper, generator=self.rng)
        return torch.lerp(x, torch.empty_like(x).bernoulli_(0.5, generator=self.rng), hit)

    def advance(self, state: tuple[Tensor, Tensor | None]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Return the next (x, h2) of every chain, and the means p(x | h1) on the way, (n, d)."""
        h1, logits = self.decode(*state)
        means = logits.sigmoid()
        return (self._feed_back(means), self.ascend(h1)), means

    def loss(self, images: Tensor) -> Tensor:
        """Return the cross-entropy of clean pixels per walkback update, averaged over pixels."""
        x, h2, total = self.corrupt(images), None, torch.zeros((), device=images.device)
        for update in range(self.spec.walkback):
            h1, logits = self.decode(x, h2)
            total = total + cross_entropy(logits, images)
            if update + 1 < self.spec.walkback:
                x, h2 = self._feed_back(logits.detach().sigmoid()), self.ascend(h1)
        return total

    def _feed_back(self, means: Tensor) -> Tensor:
        return self.corrupt(torch.bernoulli(means, generator=self.rng))

    def _gaussian(self, like: Tensor) -> Tensor:
        return torch.empty_like(like).normal_(0, self.spec.noise, generator=self.rng)


def initial_weights(spec: GsnSpec, pixels: int, rng: torch.Generator) -> dict[str, Tensor]:
    """Return weights uniform on ±√(6 / (inputs + outputs)) and zero biases, on the CPU."""
    sizes = (pixels, *spec.hidden)
    weights = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        bound = (6 / (inputs + outputs)) ** 0.5
        weights[f"w{number}"] = torch.empty(inputs, outputs).uniform_(-bound, bound, generator=rng)
    return weights | {f"b{number}": torch.zeros(units) for number, units in enumerate(sizes)}


class GsnLearner:
    """A deep GSN in training; implements `gan_repro.training.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device.
        seed: of the run; initial weights, noise and chain starts are streams of it.
    """

    metrics = ("cross_entropy",)
    batches_per_step = 1

    def __init__(self, spec: GsnSpec, images: Tensor, seed: int) -> None:
        self.spec, device = spec, images.device
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        self.parameters = {
            name: tensor.to(device).requires_grad_()
            for name, tensor in initial_weights(spec, images.shape[1], start).items()
        }
        self.rng = torch.Generator(device).manual_seed(stream_seed(seed, "noise"))
        self.gsn = Gsn(spec, self.parameters, self.rng)
        self.optimizer = AveragedDescent(self.parameters.values())
        self.starts = choose_starts(images, seed)

    def step(self, batches: tuple[Tensor, ...], step: int, epoch: int) -> Tensor:
        """Descend the walkback loss on one minibatch."""
        (batch,) = batches
        loss = self.gsn.loss(batch)
        gradients = torch.autograd.grad(
            loss, self.optimizer.parameters, allow_unused=True, materialize_grads=True
        )
        rate = self.spec.learning_rate * self.spec.learning_rate_decay ** (epoch - 1)
        self.optimizer.step(gradients, rate, self.spec.momentum)
        return loss.detach()[None]

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and the running means of their gradients."""
        means = zip(self.parameters, self.optimizer.means, strict=True)
        return self.parameters | {f"{name}.mean": mean for name, mean in means}

    def generators(self) -> dict[str, torch.Generator]:
        """Return the stream of corruption and noise."""
        return {"noise": self.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights, and the training images that chains start from."""
        return self.parameters | {"starts": self.starts}

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) means from chains of the present transition."""
        return sample(self.spec, self.weights(), count, seed, self.starts.device)


@torch.no_grad()
def sample(
    spec: GsnSpec, weights: Mapping[str, Tensor], count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) means p(x | h) from chains that start at corrupted training images."""
    weights = {name: tensor.to(device) for name, tensor in weights.items()}
    gsn = Gsn(spec, weights, torch.Generator(device).manual_seed(seed))
    start = gsn.corrupt(first_states(weights, spec.chains))
    return walk(gsn.advance, (start, None), spec.chains, count)

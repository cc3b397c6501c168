"""What every kind of generative model gives to the pipeline, and says of itself.

A kind of model is one module with one `System`, named in `gan_repro.experiments.systems`.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.training.plan import Plan
from gan_repro.training.updates import Rate

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Work:
    """The cost of training on one image once.

    Attributes:
        parameters: how many, by the name of the network that has them.
        products: multiplications of dense layers and convolutions, forward and backward.
        values: numbers that a step holds per image of its minibatch.
        sampled: parameters of what draws samples, which are kept twice.
    """

    parameters: dict[str, int]
    products: float
    values: int
    sampled: int


class ModelSpec(Spec):
    """The hyperparameters of a model; a subclass names its kind in its field ``kind``."""

    @abstractmethod
    def work(self, pixels: int, batch: int) -> Work:
        """Return what training on one image of so many pixels costs, in such minibatches."""

    @property
    def needs_pretrained(self) -> bool:
        """Whether the model starts from the generator of another experiment."""
        return False

    @property
    def label_values(self) -> int:
        """How many values of a one-hot label each training row has behind its pixels."""
        return 0

    def with_epochs(self, epochs: int) -> Self:
        """Return the same model for a plan of so many epochs."""
        return self

    def check_plan(self, plan: Plan) -> None:
        """Raise ValueError where a plan does not fit the model."""

    def stages(self, epochs: int) -> list[tuple[int, int]]:
        """Return (first epoch, number of epochs) of each part of a training whose steps differ."""
        return [(1, epochs)]

    def every_transition(self, chains: int) -> Self | None:
        """Return the same model, sampled from so many Markov chains at every transition.

        None where samples are independent draws.
        """
        return None


class Learner(Protocol):
    """What the loop needs of a model in training; each system of Table 1 is one.

    Attributes:
        metrics: names of what ``step`` returns.
        batches_per_step: minibatches that one step consumes.
    """

    metrics: tuple[str, ...]
    batches_per_step: int

    def step(self, batches: tuple[Tensor, ...], step: int, epoch: int) -> Tensor:
        """Learn from minibatches at a 0-based step of a 1-based epoch; return the metrics."""

    def tensors(self) -> dict[str, Tensor]:
        """Return live references to everything that changes in training, by name."""

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the random generators in use, by name."""

    def weights(self) -> dict[str, Tensor]:
        """Return live references to what sampling needs, by name."""

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) float32 samples."""


class DeviceLearner(Learner):
    """A learner whose step needs nothing of the host but a few numbers, known beforehand.

    Such a step can be taken from minibatches and numbers that lie on a device, and be captured
    there. ``play`` may depend on nothing else that changes but tensors and random generators.
    """

    def phase(self, epoch: int) -> int:
        """Return which part of the model learns in a 1-based epoch; steps of one part are alike."""
        return 0

    @abstractmethod
    def schedule(self, step: int, epoch: int) -> tuple[float, ...]:
        """Return the numbers of a 0-based step of a 1-based epoch, such as its learning rate."""

    @abstractmethod
    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Learn from minibatches at the numbers of a step, from `schedule`; return the metrics."""

    def step(self, batches: tuple[Tensor, ...], step: int, epoch: int) -> Tensor:
        """Learn from minibatches at a 0-based step of a 1-based epoch; return the metrics."""
        return self.play(batches, self.phase(epoch), self.schedule(step, epoch))


class Decoder(Protocol):
    """The map x = G(z) of a trained model that has coordinates z."""

    def prior(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, size) coordinates from p_z, on the generator's device."""

    def __call__(self, z: Tensor) -> Tensor:
        """Return (n, d) images of (n, size) coordinates, on the CPU."""


@dataclass(frozen=True)
class System:
    """One kind of generative model.

    Attributes:
        spec: its hyperparameters.
        learner: (spec, images, seed) → a learner for the shared training loop.
        sample: (spec, weights, count, seed, device) → (count, d) float32 samples.
        decoder: (spec, weights, device) → its map from z to x, where it has one.
        together: learners of several seeds → one that takes their steps at once, where it can.
    """

    spec: type[ModelSpec]
    learner: Callable[[Any, Tensor, int], Learner]
    sample: Callable[[Any, Weights, int, int, torch.device], np.ndarray]
    decoder: Callable[[Any, Weights, torch.device], Decoder] | None = None
    together: Callable[[Sequence[Any]], DeviceLearner] | None = None

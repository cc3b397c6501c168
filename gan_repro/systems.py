"""The registry of generative models: what kind of specification is trained and sampled by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial import learner as adversarial
from gan_repro.specs import Spec
from gan_repro.training import Learner


@dataclass(frozen=True)
class System:
    """How one kind of model is trained and sampled.

    Attributes:
        learner: (spec, images, seed) → a learner for the shared training loop.
        sample: (spec, weights, count, seed, device) → (count, d) float32 samples.
    """

    learner: Callable[[Spec, Tensor, int], Learner]
    sample: Callable[[Spec, Mapping[str, Tensor], int, int, torch.device], np.ndarray]


ModelSpec = adversarial.AdversarialSpec

SYSTEMS: dict[str, System] = {
    "adversarial": System(adversarial.AdversarialLearner, adversarial.sample),
}

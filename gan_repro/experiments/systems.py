"""The registry of generative models: what kind of specification is trained and sampled by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from gan_repro.adversarial import learner as adversarial
from gan_repro.baselines import cae, dbn, gsn
from gan_repro.config.schema import Spec
from gan_repro.training.loop import Learner


@dataclass(frozen=True)
class System:
    """How one kind of model is trained and sampled.

    Attributes:
        learner: (spec, images, seed) → a learner for the shared training loop.
        sample: (spec, weights, count, seed, device) → (count, d) float32 samples.
    """

    learner: Callable[[Spec, Tensor, int], Learner]
    sample: Callable[[Spec, Mapping[str, Tensor], int, int, torch.device], np.ndarray]


ModelSpec = Annotated[
    adversarial.AdversarialSpec | gsn.GsnSpec | cae.CaeSpec | dbn.DbnSpec,
    Field(discriminator="kind"),
]

SYSTEMS: dict[str, System] = {
    "adversarial": System(adversarial.AdversarialLearner, adversarial.sample),
    "gsn": System(gsn.GsnLearner, gsn.sample),
    "cae": System(cae.CaeLearner, cae.sample),
    "dbn": System(dbn.DbnLearner, dbn.sample),
}

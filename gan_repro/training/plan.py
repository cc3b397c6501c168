"""How long a model is trained, and how the epoch to keep is chosen."""

from typing import Literal

from pydantic import PositiveInt

from gan_repro.config.schema import Spec


class Plan(Spec):
    """How long to train, and how the model to keep is chosen.

    Attributes:
        epochs: passes over the training images.
        batch_size: images per minibatch; the last one of an epoch may be smaller.
        select: ``validation`` keeps the epoch with the largest validation Parzen log-likelihood,
            ``last`` the last one.
        validate_every: epochs between validations; the last epoch is always validated.
        validate_samples: draws that a validation scores.
    """

    epochs: PositiveInt
    batch_size: PositiveInt
    select: Literal["validation", "last"] = "validation"
    validate_every: PositiveInt = 10
    validate_samples: PositiveInt = 10_000

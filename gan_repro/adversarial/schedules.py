"""Learning rate and momentum as the authors' training scripts change them."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from gan_repro.config.schema import Spec
from gan_repro.training.updates import MomentumDescent as MomentumDescent


class LearningRate(Spec):
    """η(t) = max(initial / decay^t, minimum) at minibatch t = 0, 1, …"""

    initial: PositiveFloat
    decay: Annotated[float, Field(ge=1)] = 1.0
    minimum: NonNegativeFloat = 0.0

    def at(self, step: int) -> float:
        """Return the learning rate of a 0-based step."""
        # A power of negative exponent underflows to zero where the positive one would overflow.
        return max(self.initial * self.decay**-step, self.minimum)


class Momentum(Spec):
    """μ(e): linear from ``initial`` in epoch 1 to ``final`` in epoch ``saturate``, then fixed."""

    initial: Annotated[float, Field(ge=0, lt=1)] = 0.0
    final: Annotated[float, Field(ge=0, lt=1)] = 0.0
    saturate: PositiveInt = 1

    def at(self, epoch: int) -> float:
        """Return the momentum of a 1-based epoch."""
        if epoch >= self.saturate:
            return self.final
        return self.initial + (self.final - self.initial) * (epoch - 1) / (self.saturate - 1)

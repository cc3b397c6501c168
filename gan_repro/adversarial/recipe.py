"""How the two players move: the schema of the game's rules, and their schedules."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from gan_repro.adversarial.objective import GeneratorLoss
from gan_repro.config.schema import Spec


class Recipe(Spec):
    """How the two players move.

    Attributes:
        update: ``simultaneous`` moves both players from the same state, with one batch of noise
            and one dropout pass on the fakes (the authors' code); ``alternating`` is Algorithm 1:
            k steps of D, then one of G, each with fresh noise.
        discriminator_steps: k of Algorithm 1.
        generator_loss: what G descends.
        discriminator_scale: factor on D's loss; the authors' code has ½.
    """

    update: Literal["simultaneous", "alternating"]
    discriminator_steps: PositiveInt = 1
    generator_loss: GeneratorLoss
    discriminator_scale: PositiveFloat = 1.0

    @model_validator(mode="after")
    def _simultaneous_has_one_step(self) -> "Recipe":
        if self.update == "simultaneous" and self.discriminator_steps != 1:
            raise ValueError("a simultaneous update has discriminator_steps: 1")
        return self


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

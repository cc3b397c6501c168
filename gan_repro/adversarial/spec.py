"""The hyperparameters of an adversarial net, and what training on them costs."""

from collections.abc import Sequence
from typing import Literal

from gan_repro.adversarial.recipe import LearningRate, Momentum, Recipe
from gan_repro.networks.layer import LayerWork
from gan_repro.networks.specs import Discriminator, Generator, stack_work
from gan_repro.training.model import ModelSpec, Work


class AdversarialSpec(ModelSpec):
    """Hyperparameters of an adversarial net."""

    kind: Literal["adversarial"]
    generator: Generator
    discriminator: Discriminator
    recipe: Recipe
    learning_rate: LearningRate
    momentum: Momentum

    @property
    def needs_pretrained(self) -> bool:
        """Whether a front stands before the generator of another experiment."""
        return bool(self.generator.front)

    def work(self, pixels: int, batch: int) -> Work:
        """Return the work of one training image: its part of a step of both players."""
        plan = self.generator
        generator = stack_work((*plan.front, *plan.layers), plan.noise.size)
        discriminator = stack_work(self.discriminator.layers, pixels)
        g, d = (sum(layer.parameters for layer in part) for part in (generator, discriminator))
        kept = sum(layer.values for layer in generator)
        kept += 2 * sum(layer.values for layer in discriminator)
        return Work(
            parameters={"G": g, "D": d},
            products=self._products(generator, discriminator),
            # Values on the way forward, and as many gradients on the way back.
            values=2 * (kept + 2 * pixels),
            # What the best epoch's copy holds: G alone.
            sampled=g,
        )

    def _products(self, generator: list[LayerWork], discriminator: list[LayerWork]) -> float:
        (g, g_first), (d, d_first) = _sum_and_first(generator), _sum_and_first(discriminator)
        # Backward: the gradient of the weights, and of every layer's input but the first's.
        move_generator = d + (2 * g - g_first)
        move_discriminator = 2 * (2 * d - d_first)
        if self.recipe.update == "simultaneous":
            return g + 2 * d + move_discriminator + move_generator
        one_step = g + 2 * d + move_discriminator
        return one_step + (g + d + move_generator) / self.recipe.discriminator_steps


def _sum_and_first(work: Sequence[LayerWork]) -> tuple[int, int]:
    products = [layer.products for layer in work if layer.products]
    return sum(products), products[0]

"""What a step of adversarial nets costs: both players, forward and backward."""

import math
from dataclasses import dataclass

from gan_repro.adversarial.learner import AdversarialSpec
from gan_repro.experiments.cost.work import Work
from gan_repro.networks.shapes import Shape, detected, shapes
from gan_repro.networks.specs import Deconv, Dense, Layer, MaxoutConv


@dataclass(frozen=True)
class LayerCost:
    """Per example: multiplications, and values kept for the way back; once: parameters."""

    products: int
    values: int
    parameters: int


def layer_cost(spec: Layer, shape: Shape, output: Shape) -> LayerCost:
    """Return the cost of one layer between two shapes."""
    inputs, outputs = math.prod(shape), math.prod(output)
    match spec:
        case Dense():
            affine = spec.units * spec.pieces
            products, parameters = inputs * affine, (inputs + 1) * affine
            values = affine + outputs
        case MaxoutConv():
            filters, (rows, columns) = spec.channels * spec.pieces, detected(spec, shape)
            weights = shape[0] * spec.kernel**2 * filters
            products, parameters = weights * rows * columns, weights + filters
            # The convolution, its maximum over pieces, the pooled map and where its maxima were.
            values = (filters + spec.channels) * rows * columns + 3 * outputs
        case Deconv():
            weights = shape[0] * spec.kernel**2 * spec.channels
            products, parameters = weights * math.prod(shape[1:]), weights + outputs
            values = 2 * outputs
        case _:
            return LayerCost(0, 0, 0)
    dropped = 2 * inputs if spec.keep < 1 else 0
    return LayerCost(products, values + dropped, parameters)


def stack_costs(layers: tuple[Layer, ...], inputs: int) -> list[LayerCost]:
    """Return the cost of each layer of a stack."""
    sizes = shapes(layers, inputs)
    return [
        layer_cost(spec, shape, output)
        for spec, shape, output in zip(layers, sizes, sizes[1:], strict=False)
    ]


def adversarial_work(spec: AdversarialSpec, pixels: int, batch: int) -> Work:
    """Return the work of one training image: its part of a step of both players."""
    plan = spec.generator
    generator = stack_costs((*plan.front, *plan.layers), plan.noise.size)
    discriminator = stack_costs(spec.discriminator.layers, pixels)
    g, d = (sum(cost.parameters for cost in part) for part in (generator, discriminator))
    kept = sum(cost.values for cost in generator) + 2 * sum(cost.values for cost in discriminator)
    return Work(
        parameters={"G": g, "D": d},
        products=_products_per_image(spec, generator, discriminator),
        # Values on the way forward, and as many gradients on the way back.
        values=2 * (kept + 2 * pixels),
        # What the best epoch's copy holds: G alone.
        sampled=g,
    )


def _products_per_image(
    spec: AdversarialSpec, generator: list[LayerCost], discriminator: list[LayerCost]
) -> float:
    """Return multiplications per training image of both players' forward and backward passes."""
    (g, g_first), (d, d_first) = _products(generator), _products(discriminator)
    # Backward: the gradient of the weights, and of every layer's input but the first's.
    move_generator = d + (2 * g - g_first)
    move_discriminator = 2 * (2 * d - d_first)
    if spec.recipe.update == "simultaneous":
        return g + 2 * d + move_discriminator + move_generator
    one_step = g + 2 * d + move_discriminator
    return one_step + (g + d + move_generator) / spec.recipe.discriminator_steps


def _products(costs: list[LayerCost]) -> tuple[int, int]:
    products = [cost.products for cost in costs if cost.products]
    return sum(products), products[0]

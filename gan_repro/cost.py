"""What an experiment costs before it starts: arithmetic, memory, and hours on this machine.

Counted are the multiplications of dense layers and convolutions, two operations each with their
addition; everything else a step does is small beside them. Memory is an upper estimate.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from gan_repro.adversarial.learner import AdversarialSpec
from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.experiments import Experiment
from gan_repro.networks.shapes import Shape, detected, shapes
from gan_repro.networks.specs import Deconv, Dense, Layer, MaxoutConv
from gan_repro.settings import dataset_source

# The MNIST nets of the paper take 3e7 operations per image; ten times that needs a GPU.
BIG = 3e8
PATIENCE_HOURS = 1.0
FLOAT = 4


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


@dataclass(frozen=True)
class Cost:
    """What an experiment costs.

    Attributes:
        parameters: (of G, of D).
        images: number of training images.
        flop_per_image: of training, forward and backward, both players.
        flop: of the whole training.
        memory: peak bytes on the device: weights, gradients, velocities, the kept copy of G, the
            training images as float32, and what one step keeps for the way back.
    """

    parameters: tuple[int, int]
    images: int
    flop_per_image: float
    flop: float
    memory: int

    def hours(self, rate: float) -> float:
        """Return hours at so many operations per second."""
        return self.flop / rate / 3600


def stack_costs(layers: tuple[Layer, ...], inputs: int) -> list[LayerCost]:
    """Return the cost of each layer of a stack."""
    sizes = shapes(layers, inputs)
    return [
        layer_cost(spec, shape, output)
        for spec, shape, output in zip(layers, sizes, sizes[1:], strict=False)
    ]


def estimate(experiment: Experiment, images: int) -> Cost:
    """Estimate an adversarial experiment on so many training images.

    Raises:
        UserError: the experiment is of another kind.
    """
    spec = experiment.model
    if not isinstance(spec, AdversarialSpec):
        raise UserError(f"costs are known of adversarial nets only, not of '{spec.kind}'")
    plan = spec.generator
    generator = stack_costs((*plan.front, *plan.layers), plan.noise.size)
    pixels = math.prod(shapes((*plan.front, *plan.layers), plan.noise.size)[-1])
    discriminator = stack_costs(spec.discriminator.layers, pixels)
    per_image = 2.0 * _products_per_image(spec, generator, discriminator)
    counts = tuple(sum(cost.parameters for cost in part) for part in (generator, discriminator))
    kept = sum(cost.values for cost in generator) + 2 * sum(cost.values for cost in discriminator)
    floats = (
        3 * sum(counts)
        + counts[0]
        + images * pixels
        # Values on the way forward, and as many gradients on the way back.
        + 2 * experiment.plan.batch_size * (kept + 2 * pixels)
    )
    flop = per_image * images * experiment.plan.epochs
    return Cost(counts, images, per_image, flop, FLOAT * floats)


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


def measure_rate(device: torch.device, batch: int, seconds: float = 0.2) -> float:
    """Return float32 operations per second of batch-sized matrix products on the device."""
    size = 2048
    a, b = torch.rand(batch, size, device=device), torch.rand(size, size, device=device)
    done, elapsed = 0, 0.0
    (a @ b).sum().item()
    start = time.perf_counter()
    while elapsed < seconds:
        (a @ b).sum().item()
        done, elapsed = done + 1, time.perf_counter() - start
    return done * 2 * batch * size**2 / elapsed


def describe(cost: Cost) -> str:
    """Return one line: parameters, operations and memory."""
    g, d = cost.parameters
    return (
        f"G {g:,} and D {d:,} parameters; {cost.flop_per_image:.2g} FLOP per image, "
        f"{cost.flop_per_image * cost.images:.2g} per epoch, {cost.flop:.2g} in all; "
        f"peak memory about {cost.memory / 2**30:.1f} GiB"
    )


def check(cost: Cost, name: str, device: torch.device, rate: float, allow_cpu: bool) -> str:
    """Return a line with the estimated hours; stop a big model that has no GPU.

    Raises:
        UserError: no GPU, more than `BIG` operations per image, more than an hour to go, and not
            ``allow_cpu``. MNIST's nets are never stopped.
    """
    hours = cost.hours(rate)
    line = f"about {hours:.1f} hours at {rate / 1e9:.0f} GFLOP/s on this {device.type}"
    big = cost.flop_per_image > BIG and hours > PATIENCE_HOURS
    if device.type == "cpu" and big and not allow_cpu:
        raise UserError(
            f"{name} would take {line}; use a machine with a GPU, or say --allow-cpu "
            "(allow_cpu: true in the workflow's configuration), or train only what a CPU can "
            "(snakemake all --configfile config/cpu.yaml), or look at the demo (make demo)"
        )
    return line


def training_images(experiment: Experiment, prepared: Path) -> int:
    """Return the number of training images: the prepared dataset's, else the catalogue's.

    Raises:
        UserError: neither is known.
    """
    path = prepared / f"{experiment.dataset}.npz"
    if path.exists():
        return len(load(path).train)
    expected = dataset_source(experiment.dataset).train_images
    if expected is None:
        raise UserError(f"{path} does not exist; run: gan-repro prepare {experiment.dataset}")
    return expected


def announce(
    name: str, experiment: Experiment, prepared: Path, device: torch.device, allow_cpu: bool
) -> list[str]:
    """Return lines on what an experiment will cost; stop one that `check` refuses.

    Of models other than adversarial nets nothing is said: they train in minutes.
    """
    if not isinstance(experiment.model, AdversarialSpec):
        return []
    cost = estimate(experiment, training_images(experiment, prepared))
    rate = measure_rate(device, experiment.plan.batch_size)
    return [describe(cost), check(cost, name, device, rate, allow_cpu)]

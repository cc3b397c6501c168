"""What an experiment costs before it starts: arithmetic, memory, disk, and hours on this machine.

Counted are the multiplications of dense layers and convolutions, two operations each with their
addition; everything else a step does is small beside them. Memory is an upper estimate. Hours are
not estimated from these: they are measured, by taking some steps of the very model.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from gan_repro.config.catalogue import dataset_source
from gan_repro.config.machine import check_memory
from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.speed import Hours, measure

# The MNIST nets of the paper take 3e7 operations per image; ten times that needs a GPU.
BIG = 3e8
PATIENCE_HOURS = 1.0
# Operations that any machine does within a minute or so: not worth measuring.
SHORT = 1e12
FLOAT = 4


@dataclass(frozen=True)
class Cost:
    """What an experiment costs.

    Attributes:
        parameters: how many, by network.
        images: number of training images.
        flop_per_image: of training, forward and backward.
        flop: of the whole training.
        memory: peak bytes on the device: weights, gradients, velocities, the kept copy of what
            draws samples, the training images as float32, and what one step holds.
        disk: bytes of a finished run: checkpoint, weights, and the samples to be scored.
    """

    parameters: dict[str, int]
    images: int
    flop_per_image: float
    flop: float
    memory: int
    disk: int


def estimate(experiment: Experiment, images: int, pixels: int) -> Cost:
    """Estimate an experiment on so many training images of so many pixels."""
    plan = experiment.plan
    work = experiment.model.work(pixels, plan.batch_size)
    count = 3 * sum(work.parameters.values()) + work.sampled
    floats = count + images * pixels + plan.batch_size * work.values
    per_image = 2.0 * work.products
    total = per_image * images * plan.epochs
    kept = 2 * sum(work.parameters.values()) + 2 * work.sampled + plan.validate_samples * pixels
    return Cost(work.parameters, images, per_image, total, FLOAT * floats, FLOAT * kept)


def describe(cost: Cost) -> str:
    """Return parameters, arithmetic and memory in one line."""
    networks = " and ".join(f"{name} {count:,}" for name, count in cost.parameters.items())
    return (
        f"{networks} parameters; {cost.flop_per_image:.2g} FLOP per image, "
        f"{cost.flop_per_image * cost.images:.2g} per epoch, {cost.flop:.2g} in all; "
        f"peak memory about {cost.memory / 2**30:.1f} GiB, {cost.disk / 2**20:.0f} MiB on disk"
    )


def check(cost: Cost, hours: Hours, name: str, device: torch.device, allow_cpu: bool) -> str:
    """Return a line with the measured hours; stop a big model that has no GPU.

    Raises:
        UserError: no GPU, more than `BIG` operations per image, more than an hour to go, and not
            ``allow_cpu``. MNIST's nets are never stopped.
    """
    line = f"{hours} on this {device.type}"
    big = cost.flop_per_image > BIG and hours.low > PATIENCE_HOURS
    if device.type == "cpu" and big and not allow_cpu:
        raise UserError(
            f"{name} would take {line}; use a machine with a GPU, or say --allow-cpu "
            "(allow_cpu: true in the workflow's configuration), or train only what a CPU can "
            "(snakemake all --configfile config/cpu.yaml), or look at the demo (make demo)"
        )
    return line


def data_size(dataset: str, prepared: Path) -> tuple[int, int]:
    """Return how many training images a dataset has, and of how many pixels.

    Counted in the prepared file where there is one, else taken from the catalogue.

    Raises:
        UserError: neither is known.
    """
    path = prepared / f"{dataset}.npz"
    if path.exists():
        found = load(path)
        return len(found.train), found.dimension
    expected = dataset_source(dataset)
    if expected.train_images is None or expected.pixels is None:
        raise UserError(f"{path} does not exist; run: gan-repro prepare {dataset}")
    return expected.train_images, expected.pixels


def announce(
    name: str, experiment: Experiment, prepared: Path, device: torch.device, allow_cpu: bool
) -> list[str]:
    """Return lines on what an experiment will cost; stop one that `check` refuses."""
    images, pixels = data_size(experiment.dataset, prepared)
    cost = estimate(experiment, images, pixels)
    if device.type == "cpu":
        check_memory(name, cost.memory)
    if cost.flop < SHORT:
        return [describe(cost)]
    hours = measure(experiment, images, pixels, device)
    return [describe(cost), check(cost, hours, name, device, allow_cpu)]

"""What an experiment costs before it starts: arithmetic, memory, and hours on this machine.

Counted are the multiplications of dense layers and convolutions, two operations each with their
addition; everything else a step does is small beside them. Memory is an upper estimate.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import torch

from gan_repro.config.catalogue import dataset_source
from gan_repro.config.machine import check_memory
from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment

# The MNIST nets of the paper take 3e7 operations per image; ten times that needs a GPU.
BIG = 3e8
PATIENCE_HOURS = 1.0
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
    """

    parameters: dict[str, int]
    images: int
    flop_per_image: float
    flop: float
    memory: int

    def hours(self, rate: float) -> float:
        """Return hours at so many operations per second."""
        return self.flop / rate / 3600


def estimate(experiment: Experiment, images: int, pixels: int) -> Cost:
    """Estimate an experiment on so many training images of so many pixels."""
    plan = experiment.plan
    work = experiment.model.work(pixels, plan.batch_size)
    count = 3 * sum(work.parameters.values()) + work.sampled
    floats = count + images * pixels + plan.batch_size * work.values
    per_image = 2.0 * work.products
    total = per_image * images * plan.epochs
    return Cost(work.parameters, images, per_image, total, FLOAT * floats)


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
    """Return parameters, arithmetic and memory in one line."""
    networks = " and ".join(f"{name} {count:,}" for name, count in cost.parameters.items())
    return (
        f"{networks} parameters; {cost.flop_per_image:.2g} FLOP per image, "
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
    cost = estimate(experiment, *data_size(experiment.dataset, prepared))
    if device.type == "cpu":
        check_memory(name, cost.memory)
    rate = measure_rate(device, experiment.plan.batch_size)
    return [describe(cost), check(cost, name, device, rate, allow_cpu)]

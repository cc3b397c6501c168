"""Images per second of each way to take a step, and of seeds together, on one device."""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from benchmarks.parameters import Sizes
from benchmarks.timing import best_seconds
from gan_repro.experiments.cost import estimate
from gan_repro.experiments.experiment import Experiment, load_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.checkpoint import Position
from gan_repro.training.steps import DeviceSteps, GraphSteps, HostSteps

PRODUCT = 4_096
# Minibatches that a timed stretch of steps takes.
STRETCH = 20
PIXELS = {"digits": 64, "mnist": 784, "patches": 3072, "cifar10": 3072}


class Speed(NamedTuple):
    """What a way to take steps attains.

    Attributes:
        experiment: whose.
        steps: eager, device or graph.
        seeds: that learn at once.
        microseconds: of one step of all seeds.
        images_per_second: over all seeds.
        share: of the rate of a large float32 product, counting dense layers and convolutions.
        error: why there is no number.
    """

    experiment: str
    steps: str
    seeds: int
    microseconds: float = float("nan")
    images_per_second: float = float("nan")
    share: float = float("nan")
    error: str = ""


def product_rate(device: torch.device, sizes: Sizes) -> float:
    """Return the operations per second of a large float32 product."""
    size = PRODUCT if device.type == "cuda" else 512
    square = torch.rand(size, size, device=device)
    best = best_seconds({"product": lambda: square @ square}, device, sizes)
    return 2 * size**3 / best["product"]


def stretch(experiment: Experiment, kind: type, seeds: int, device: torch.device):
    """Return a call that takes a stretch of steps, as an epoch does."""
    batch = experiment.plan.batch_size
    pixels = PIXELS[experiment.dataset.split("_")[0]]
    images = torch.rand(STRETCH * batch, pixels, device=device)
    make = system(experiment.model.kind)
    learners = [make.learner(experiment.model, images, seed) for seed in range(seeds)]
    joint = seeds > 1
    learner = make.together(learners) if joint else learners[0]
    shape = (seeds, len(learner.metrics)) if joint else (len(learner.metrics),)
    sums = torch.zeros(shape, dtype=torch.float64, device=device)
    steps, orders = kind(learner, images, sums, batch), [torch.randperm(len(images))] * seeds

    def work() -> None:
        at = Position()
        steps.begin(orders, at)
        while at.row < len(images):
            at.row += steps.take(at)
            at.step += 1

    count = -(-len(images) // (batch * learner.batches_per_step))
    return work, count, len(images)


def speeds(
    names: list[str], joint: str, seeds: int, device: torch.device, sizes: Sizes
) -> Iterator[Speed]:
    """Yield every way to take steps of each experiment, and several seeds of one of them."""
    rate = product_rate(device, sizes)
    kinds = [HostSteps, DeviceSteps, *([GraphSteps] if device.type == "cuda" else [])]
    asked = [(name, kind, 1) for name in names for kind in kinds]
    asked += [(joint, kind, seeds) for kind in kinds]
    for name, kind, many in asked:
        experiment = load_experiment(name)[1]
        try:
            yield _measured(name, experiment, kind, many, rate, device, sizes)
        except RuntimeError as error:
            yield Speed(name, kind.name, many, error=str(error).splitlines()[0][:200])


def _measured(
    name: str, experiment: Experiment, kind: type, seeds: int, rate: float, device: torch.device,
    sizes: Sizes,
) -> Speed:  # fmt: skip
    work, count, images = stretch(experiment, kind, seeds, device)
    # What is captured is captured before it is timed.
    work()
    seconds = best_seconds({"steps": work}, device, sizes)["steps"]
    pixels = PIXELS[experiment.dataset.split("_")[0]]
    operations = estimate(experiment, images, pixels).flop_per_image * images * seeds
    return Speed(
        name, kind.name, seeds, round(1e6 * seconds / count, 1), round(seeds * images / seconds),
        round(operations / seconds / rate, 3),
    )  # fmt: skip

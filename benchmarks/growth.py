"""How cost grows: the exponent of each size, fitted to measured times, with memory and the ceiling.

An exponent of 1 says that twice as much takes twice as long. Sizes are large enough that overhead,
which would lower the exponent, is small; the smallest of each series shows it most.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.parameters import Sizes
from benchmarks.steps import stepping
from benchmarks.timing import best_seconds
from benchmarks.windows import images
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.evaluation.window import log_likelihoods
from gan_repro.experiments.experiment import Experiment, load_experiment
from gan_repro.experiments.systems import system


class Growth(NamedTuple):
    """How the cost of something grows with one size.

    Attributes:
        work: what is done.
        size: what grows.
        smallest: of the sizes measured.
        largest: of them.
        milliseconds: at the largest.
        exponent: slope of log time over log size.
        memory: what the size takes.
        ceiling: what ends the growth first.
    """

    work: str
    size: str
    smallest: int
    largest: int
    milliseconds: float
    exponent: float
    memory: str
    ceiling: str


WINDOW, STEP = "Parzen window, ten σ", "training step, MNIST's net"
DESCRIBED = {
    (WINDOW, "samples"): ("constant: a block at a time", "time: 10⁶ in minutes on a core"),
    (WINDOW, "test images"): ("8 bytes per image, σ and pixel column", "time"),
    (WINDOW, "pixels"): ("8 bytes per image and pixel", "time"),
    (WINDOW, "bandwidths"): ("8 bytes per image", "the exponentials, from about ten on"),
    (STEP, "images per minibatch"): ("activations: 60 kB per image", "memory of the device"),
    (STEP, "hidden units (all layers)"): ("weights and velocities: their square", "memory"),
    (STEP, "seeds together"): ("a copy of everything but the images", "memory of the device"),
}


class Series(NamedTuple):
    """One size that grows: its values, those of a trial, and value → one call of the work."""

    work: str
    size: str
    values: tuple[int, ...]
    trial: tuple[int, ...]
    make: Callable[[int], Callable[[], object]]


def series(sizes: Sizes, device: torch.device) -> list[Series]:
    """Return every size that grows."""

    def window(n: int = 1_000, m: int = 1_024, d: int = 784, k: int = 10) -> Callable[[], object]:
        sigmas = np.geomspace(AUTHORS_GRID[0], AUTHORS_GRID[-1], k)
        points, samples = images(n, d, 1), images(m, d, 2)
        return lambda: log_likelihoods(points, samples, sigmas, device)

    few = (2, 4)
    return [
        Series(WINDOW, "samples", (1_024, 2_048, 4_096), few, lambda m: window(m=m)),
        Series(WINDOW, "test images", (500, 1_000, 2_000), few, lambda n: window(n=n)),
        Series(WINDOW, "pixels", (784, 1_568, 3_136), few, lambda d: window(d=d)),
        Series(WINDOW, "bandwidths", (10, 20, 40), few, lambda k: window(k=k)),
        Series(
            STEP, "images per minibatch", (50, 100, 200), few,
            lambda b: stepping("mnist_authors", sizes, device, b),
        ),
        Series(
            STEP, "hidden units (all layers)", (600, 1_200, 2_400), few,
            lambda u: _wide(u, sizes, device),
        ),
        Series(STEP, "seeds together", (2, 4, 8), few, lambda s: _together(s, sizes, device)),
    ]  # fmt: skip


def _widened(units: int) -> Experiment:
    """Return MNIST's experiment with other widths, D's in the authors' proportion to G's."""
    experiment = load_experiment("mnist_authors")[1]
    model = experiment.model
    g, d = list(model.generator.layers), list(model.discriminator.layers)
    for place in (0, 1):
        g[place] = g[place].model_copy(update={"units": units})
        d[place] = d[place].model_copy(update={"units": max(1, units // 5)})
    generator = model.generator.model_copy(update={"layers": tuple(g)})
    discriminator = model.discriminator.model_copy(update={"layers": tuple(d)})
    changed = model.model_copy(update={"generator": generator, "discriminator": discriminator})
    return experiment.model_copy(update={"model": changed})


def _wide(units: int, sizes: Sizes, device: torch.device) -> Callable[[], object]:
    batch = torch.rand(sizes.batch, 784).to(device)
    learner = system("adversarial").learner(_widened(units).model, batch, 0)
    return lambda: learner.step((batch,), 0, 1)


def _together(seeds: int, sizes: Sizes, device: torch.device) -> Callable[[], object]:
    make, model = system("adversarial"), load_experiment("mnist_authors")[1].model
    batch = torch.rand(sizes.batch, 784).to(device)
    learner = make.together([make.learner(model, batch, seed) for seed in range(seeds)])
    joint = batch.expand(seeds, *batch.shape).contiguous()
    return lambda: learner.step((joint,), 0, 1)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the least-squares slope of log seconds over log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth(sizes: Sizes, device: torch.device, tiny: bool = False) -> Iterator[Growth]:
    """Yield how cost grows with each size."""
    for work, size, full, trial, make in series(sizes, device):
        values = trial if tiny else full
        best = best_seconds({str(value): make(value) for value in values}, device, sizes)
        seconds = list(best.values())
        memory, ceiling = DESCRIBED[work, size]
        slope = exponent(values, seconds)
        yield Growth(
            work, size, values[0], values[-1], round(1e3 * seconds[-1], 1), round(slope, 2),
            memory, ceiling,
        )  # fmt: skip

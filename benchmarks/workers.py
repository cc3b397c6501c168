"""Two trainings side by side, beside one alone: what a second core is worth."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import torch

from benchmarks.parameters import Sizes
from benchmarks.steps import stepping
from benchmarks.timing import Row
from gan_repro.training.devices import prepare_device

WORKERS = 2


def _rate(sizes: Sizes, start: float) -> float:
    """Return the steps of MNIST's net that a process takes per second of wall time, from a time."""
    prepare_device("cpu", threads=1)
    step = stepping("mnist_authors", sizes, torch.device("cpu"))
    step()
    time.sleep(max(0.0, start - time.time()))
    begun, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() - begun < 10 * sizes.seconds:
        step()
        steps += 1
    return steps / (time.perf_counter() - begun)


def seconds_per_step(workers: int, sizes: Sizes) -> float:
    """Return wall seconds per step of all workers together, who start at the same moment.

    Processes of their own, as Snakemake's jobs are: threads would share an interpreter.
    """
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        # Long enough for each to have imported what it needs.
        start = time.time() + sizes.start
        return 1 / sum(pool.map(_rate, [sizes] * workers, [start] * workers))


def workers(sizes: Sizes) -> Iterator[Row]:
    """Yield the wall time per step of two workers beside one: 0.5 where they do not meet."""
    best = {
        count: min(seconds_per_step(count, sizes) for _ in range(sizes.rounds))
        for count in (1, WORKERS)
    }
    one, both = 1e3 * best[1], 1e3 * best[WORKERS]
    ratio = round(both / one, 3)
    yield Row("workers", "mnist_authors, a step, two workers", "one worker", round(both, 3),
              round(one, 3), ratio, note="wall time, all steps of both")  # fmt: skip

"""How long an experiment takes on this machine: some steps of the very model, timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gan_repro.evaluation.parzen import GRIDS, VALIDATION_POINTS
from gan_repro.evaluation.window import log_likelihoods
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.systems import system

# Of each kind of step, and at least two of them.
SECONDS = 2.0
ROUNDS = 4
# So many calls are timed well enough, however quick they are.
ENOUGH_CALLS = 1_000
# A validation is timed on this part of its draws.
DRAWS = 200


@dataclass(frozen=True)
class Hours:
    """The fastest and the slowest of several timings, for a whole training."""

    low: float
    high: float

    def __str__(self) -> str:
        if self.high < 0.1:
            return f"{60 * self.low:.1f} to {60 * self.high:.1f} minutes"
        return f"{self.low:.1f} to {self.high:.1f} hours"


def measure(
    experiment: Experiment, images: int, pixels: int, device: torch.device, seconds: float = SECONDS
) -> Hours:
    """Time steps and a validation of an experiment on random images, and add them up.

    Layers that train one after another are timed one by one.
    """
    plan = experiment.plan
    rows = _random_rows(plan.batch_size, pixels, experiment.model.label_values)
    learner = system(experiment.model.kind).learner(experiment.model, _enough(rows, device), 0)
    batches = (rows.to(device),) * learner.batches_per_step
    total = np.zeros(2)
    for first, epochs in experiment.model.stages(plan.epochs):
        pace = _pace(lambda epoch=first: learner.step(batches, 0, epoch), device, seconds)
        total += pace * epochs * images / (plan.batch_size * learner.batches_per_step)
    draws = min(DRAWS, plan.validate_samples)
    drawing = _pace(lambda: learner.sample(draws, 0), device, seconds) * plan.validate_samples
    total += (drawing / draws + _scoring(plan.validate_samples, pixels, device, seconds)) * (
        -(-plan.epochs // plan.validate_every)
    )
    return Hours(*(total / 3600).tolist())


def _random_rows(count: int, pixels: int, classes: int) -> torch.Tensor:
    """Return (count, pixels) images, with one-hot labels of so many classes behind them."""
    rng = torch.Generator().manual_seed(0)
    images = torch.rand(count, pixels, generator=rng)
    if not classes:
        return images
    labels = torch.randint(classes, (count,), generator=rng)
    return torch.cat([images, torch.nn.functional.one_hot(labels, classes)], dim=1)


def _enough(rows: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return images that chains of any number can start from, and whose mean is no edge."""
    return rows.repeat(max(1, -(-100 // len(rows))), 1).to(device)


def _scoring(samples: int, pixels: int, device: torch.device, seconds: float) -> np.ndarray:
    """Return seconds of fitting and reading a Parzen window, as a validation does."""
    sigmas = np.concatenate(list(GRIDS["unit"].values()))
    points, centres = (np.full((count, pixels), 0.5) for count in (VALIDATION_POINTS, DRAWS))
    once = _pace(lambda: log_likelihoods(points, centres, sigmas, device), device, seconds / 4)
    return once * samples / DRAWS


def _pace(work: Callable[[], object], device: torch.device, seconds: float) -> np.ndarray:
    """Return the fastest and the slowest mean seconds of one call, over several rounds."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        calls, start, elapsed = 0, time.perf_counter(), 0.0
        while calls == 0 or (elapsed < seconds / ROUNDS and calls < ENOUGH_CALLS):
            work()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            calls, elapsed = calls + 1, time.perf_counter() - start
        rounds.append(elapsed / calls)
    return np.array([min(rounds), max(rounds)])

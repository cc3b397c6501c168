"""Section 7, item 5: how the players are coordinated, what z is drawn from, and what it costs.

The score is that of validation images, along training; its cost is CPU time of one thread, from
timed iterations of the very game, without what validation takes.
"""

import time
from collections.abc import Iterator

import numpy as np
import torch
from pydantic import PositiveInt

from gan_repro.config.schema import Spec
from gan_repro.experiments.cost import estimate
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, exact, of_estimate, series, spread
from gan_repro.theory.estimates import median
from gan_repro.training.model import Learner


class EfficiencyOptions(Spec):
    """Options.

    Attributes:
        iterations: of the game, per timing.
        timings: of each variant, in turn with the others'.
    """

    iterations: PositiveInt = 10
    timings: PositiveInt = 7


def _seconds(learner: Learner, batches: tuple[torch.Tensor, ...], iterations: int) -> float:
    """Return CPU seconds per training image of some iterations."""
    start = time.process_time()
    for step in range(iterations):
        learner.step(batches, step, 1)
    images = iterations * sum(len(batch) for batch in batches)
    return (time.process_time() - start) / images


def _timed(context: Context, options: EfficiencyOptions) -> dict[str, Measure]:
    """Return role → CPU milliseconds per training image; the variants take turns."""
    seed, learners = context.entry.seeds[0], {}
    for role in context.entry.experiments:
        learner, experiment, *_ = context.relearned(role, seed)
        batch = experiment.plan.batch_size
        batches = context.train[: batch * learner.batches_per_step].split(batch)
        learners[role] = learner, tuple(batches)
    times: dict[str, list[float]] = {role: [] for role in learners}
    for _ in range(options.timings):
        for role, (learner, batches) in learners.items():
            times[role].append(1e3 * _seconds(learner, batches, options.iterations))
    return {role: of_estimate(median(found), "timings", "ms") for role, found in times.items()}


def _courses(context: Context) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield role, epochs, and (seeds, epochs) scores."""
    for role in context.entry.experiments:
        found = [context.folder(role, seed).validations() for seed in context.entry.seeds]
        epochs = np.array([epoch for epoch, _ in found[0]])
        yield role, epochs, np.array([[score for _, score in course] for course in found])


def measure(context: Context, options: EfficiencyOptions) -> Findings:
    """Read every variant's scores along training, and time its iterations."""
    measures: dict[str, Measure] = {}
    curves: dict[str, tuple[float, ...]] = {}
    timed, images = _timed(context, options), len(context.train)
    for role, epochs, scores in _courses(context):
        experiment = context.restored(role, context.entry.seeds[0]).experiment
        cost = estimate(experiment, images, context.dataset.dimension)
        per_epoch = timed[role].value * images / 1e3
        measures[f"milliseconds per image/{role}"] = timed[role]
        measures[f"operations per image/{role}"] = exact(cost.flop_per_image)
        measures[f"last score/{role}"] = spread(scores[:, -1], "seeds", "nats")
        measures[f"seconds/{role}"] = exact(per_epoch * epochs[-1], "s")
        curves[f"seconds/{role}"] = series(per_epoch * epochs)
        curves[f"epochs/{role}"] = series(epochs)
        for seed, score in zip(context.entry.seeds, scores, strict=True):
            curves[f"score/{role}/seed{seed}"] = series(score)
    return Findings(measures, curves)


EXTENSION = Extension("Section 7, item 5", EfficiencyOptions, measure)

"""Section 7, item 1: p(x | c) by adding c as input to both G and D, scored class by class."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from pydantic import PositiveInt

from gan_repro.adversarial.conditional import ConditionalDecoder
from gan_repro.adversarial.conditions import one_hot
from gan_repro.config.schema import Spec
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.parzen import (
    AUTHORS_GRID,
    VALIDATION_POINTS,
    choose_bandwidth,
    log_likelihoods,
)
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.recognition import Recogniser
from gan_repro.extensions.records import Measure, average, of_estimate, series
from gan_repro.theory.estimates import share

SHOWN = 8


class ClassConditionalOptions(Spec):
    """Options.

    Attributes:
        draws: samples of each class; as many in all, without a class, score p(x) beside it.
    """

    draws: PositiveInt


def measure(context: Context, options: ClassConditionalOptions) -> Findings:
    """Recognise draws of each class, and score p(x | c) on the test images of class c."""
    run = context.restored("conditional", context.entry.seeds[0])
    decode = ConditionalDecoder(run.experiment.model, run.tensors, context.device)
    recognise, classes = Recogniser(context.dataset), context.dataset.classes
    c = torch.arange(classes).repeat_interleave(options.draws)
    draws = decode(one_hot(c, classes), context.rng("draws")).numpy()
    draws = draws.reshape(classes, options.draws, -1)
    asked = np.repeat(np.arange(classes), options.draws)
    right = recognise(draws.reshape(len(asked), -1)) == asked
    test = context.dataset.fold(0).test
    real = recognise(context.dataset.images(test)) == context.dataset.labels[test]
    measures: dict[str, Measure] = {
        "recognised/samples": of_estimate(share(right), "samples"),
        "recognised/test images": of_estimate(share(real), "test images"),
    }
    per_class = right.reshape(classes, -1)
    for k in range(classes):
        measures[f"recognised/class {k}"] = of_estimate(share(per_class[k]), "samples")
    marginal = run.draw(len(asked), context.stream("marginal"), context.device)
    told, guessed = _scores(context, draws, marginal)
    measures |= {
        "parzen/p(x|c)": average(told, "test images", "nats"),
        "parzen/p(x)": average(guessed, "test images", "nats"),
        "parzen/gain": average(told - guessed, "test images", "nats"),
        "diversity": _diversity(context, draws),
    }
    labels = context.dataset.labels[test]
    for k in range(classes):
        measures[f"parzen/class {k}"] = average(told[labels == k], "test images", "nats")
    shown = draws[:, :SHOWN]
    return Findings(measures, {"recognised": series(per_class.mean(axis=1))}, {"draws": shown})


def _scores(
    context: Context, draws: np.ndarray, marginal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return log p(x | c) and log p(x) of every test image, in nats, with one σ for each model."""
    dataset, fold = context.dataset, context.dataset.fold(0)
    found = []
    for sets in (draws, [marginal] * len(draws)):
        valid = _class_by_class(dataset, fold.valid[:VALIDATION_POINTS], sets, AUTHORS_GRID)
        sigma = choose_bandwidth(AUTHORS_GRID, valid).sigma
        found.append(_class_by_class(dataset, fold.test, sets, np.array([sigma]))[0])
    return found[0], found[1]


def _class_by_class(
    dataset: Dataset, rows: np.ndarray, sets: Sequence[np.ndarray], sigmas: np.ndarray
) -> np.ndarray:
    """Return the (k, n) log-likelihoods of images under the window of their own class."""
    labels, result = dataset.labels[rows], np.empty((len(sigmas), len(rows)))
    for k, samples in enumerate(sets):
        own = labels == k
        result[:, own] = log_likelihoods(dataset.images(rows[own]), samples, sigmas)
    return result


def _diversity(context: Context, draws: np.ndarray) -> Measure:
    """Return the root mean square spread within a class, as a part of the training images'."""
    labels = context.dataset.labels[context.dataset.train]
    images = context.train.cpu().numpy()
    ratios = [
        math.sqrt(draws[k].var(axis=0).sum() / images[labels == k].var(axis=0).sum())
        for k in range(len(draws))
    ]
    return average(ratios, "classes")


EXTENSION = Extension("Section 7, item 1", ClassConditionalOptions, measure)

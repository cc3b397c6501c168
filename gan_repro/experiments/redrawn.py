"""The score of a run with other samples, or other validation images: what these are worth."""

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.parzen import score, validation_subsets
from gan_repro.evaluation.scores import Redrawn
from gan_repro.experiments.restored import origin_of_weights, restore
from gan_repro.training.runs import RunFolder


def redraw(
    folder: RunFolder,
    dataset: Dataset,
    draws: int,
    count: int,
    device: torch.device,
    report: Callable[[Redrawn], None] = lambda record: None,
) -> list[Redrawn]:
    """Score several independent series of draws of a finished run, each on every fold.

    A series has a random stream of its own: fresh z for a decoder, fresh chains for the others.
    The run's own samples are scored again with each other thousand validation images.

    Args:
        folder: of the run.
        dataset: that scores.
        draws: how many series.
        count: samples of each.
        device: where to compute.
        report: takes each score.

    Returns:
        One record per series, or subset of the validation images, and fold.
    """
    run, origin, records = restore(folder.weights), origin_of_weights(folder), []
    folds = range(len(dataset.folds))
    planned = [(draw, fold, 0) for draw in range(1, draws + 1) for fold in folds]
    for fold in folds:
        planned += [(0, fold, k) for k in range(1, len(validation_subsets(dataset, fold)))]
    for draw, wanted in groupby(planned, key=itemgetter(0)):
        samples = run.draw_series(draw, count, device)
        for _, fold, subset in wanted:
            found = to_json(score(samples, dataset, fold, device, subset))
            records.append(Redrawn(**origin, **found, draw=draw, subset=subset))
            report(records[-1])
    return records

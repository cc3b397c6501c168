"""The score of a run with other samples, or other validation images: what these are worth."""

from collections.abc import Callable

import numpy as np
import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.parzen import score, validation_subsets
from gan_repro.evaluation.scores import Redrawn
from gan_repro.experiments.restored import origin_of_weights, restore
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed


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

    def add(samples: np.ndarray, draw: int, fold: int, subset: int) -> None:
        found = to_json(score(samples, dataset, fold, device, subset))
        records.append(Redrawn(**origin, **found, draw=draw, subset=subset))
        report(records[-1])

    for draw in range(1, draws + 1):
        samples = run.draw(count, stream_seed(run.seed, f"samples {draw} 0"), device)
        for fold in folds:
            add(samples, draw, fold, 0)
    own = run.draw(count, stream_seed(run.seed, "samples"), device)
    for fold in folds:
        for subset in range(1, len(validation_subsets(dataset, fold))):
            add(own, 0, fold, subset)
    return records

"""The score of a run on other samples from the same weights: what the draw is worth."""

from collections.abc import Callable

import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.parzen import score
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

    Args:
        folder: of the run.
        dataset: that scores.
        draws: how many series.
        count: samples of each.
        device: where to compute.
        report: takes each score.

    Returns:
        One record per series and fold.
    """
    run, origin, records = restore(folder.weights), origin_of_weights(folder), []
    for draw in range(1, draws + 1):
        samples = run.draw(count, stream_seed(run.seed, f"samples {draw} 0"), device)
        for fold in range(len(dataset.folds)):
            found = to_json(score(samples, dataset, fold, device))
            records.append(Redrawn(**origin, **found, draw=draw))
            report(records[-1])
    return records

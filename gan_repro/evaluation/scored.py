"""A file of samples scored on the folds of a dataset, with everything that its reader must know."""

from collections.abc import Iterable
from pathlib import Path

import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.guards import data_warnings, sample_warnings
from gan_repro.evaluation.parzen import score
from gan_repro.evaluation.samples import load_samples, origin_of, warnings_of_run
from gan_repro.evaluation.scores import Score


def score_file(
    path: Path, dataset: Dataset, folds: Iterable[int], device: torch.device
) -> list[Score]:
    """Score samples by the paper's protocol, one record per fold.

    Raises:
        UserError: the file is not what the protocol can score, or its score would mean nothing.
    """
    samples, origin = load_samples(path, dataset), to_json(origin_of(path))
    known = [*warnings_of_run(path), *sample_warnings(samples, dataset)]
    return [
        _record(to_json(score(samples, dataset, fold, device)), origin, known, dataset)
        for fold in folds
    ]


def _record(found: dict, origin: dict, known: list[str], dataset: Dataset) -> Score:
    warnings = [*found["warnings"], *known, *data_warnings(dataset, found["fold"])]
    return Score(**origin, **found | {"warnings": tuple(dict.fromkeys(warnings))})

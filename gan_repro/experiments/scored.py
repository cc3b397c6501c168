"""Samples scored, with everything that is known of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.parzen import score
from gan_repro.evaluation.samples import load_samples, origin_of
from gan_repro.evaluation.scores import Score
from gan_repro.files import write_json


def score_samples(
    samples: Path, dataset: Dataset, folds: Sequence[int], device: torch.device
) -> list[Score]:
    """Return the score of a file of samples on some folds, with what the samples are of.

    Raises:
        UserError: the samples are missing or cannot be scored on this data.
    """
    draws, origin = load_samples(samples, dataset), to_json(origin_of(samples))
    return [Score(**origin, **to_json(score(draws, dataset, fold, device))) for fold in folds]


def write_scores(path: Path, scores: Iterable[Score]) -> None:
    """Write a parzen.json: one record per fold."""
    write_json(path, [to_json(found) for found in scores])

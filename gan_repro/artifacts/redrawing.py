"""What other draws from a run's weights, and other validation images, make of its score."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_repro.errors import UserError
from gan_repro.evaluation.scores import Redrawn, Score, read_redrawn


class Redrawing(NamedTuple):
    """A run's score on the authors' grid, over all that it might have been.

    Attributes:
        mean: over series of draws, the run's own among them, in nats.
        series: how many.
        draws: variance over them; NaN where there is one.
        validation: variance over validation images that choose σ; NaN where no others were tried.
    """

    mean: float
    series: int
    draws: float
    validation: float


def redrawing(path: Path, scores: Sequence[Score]) -> Redrawing:
    """Summarise the scores of a parzen.json and those in the redrawn.json beside it, if any.

    Raises:
        UserError: the redrawn.json is damaged, or of other samples.
    """
    means = redrawn_means(path, scores, read_redrawn(path))
    draws = [mean for (_, subset), mean in means.items() if subset == 0]
    validation = [mean for (draw, _), mean in means.items() if draw == 0]
    return Redrawing(float(np.mean(draws)), len(draws), variance(draws), variance(validation))


def redrawn_means(
    path: Path, scores: Sequence[Score], others: Sequence[Redrawn]
) -> dict[tuple[int, int], float]:
    """Return a run's mean on the authors' grid by (draw, subset); its own score is (0, 0).

    Raises:
        UserError: the redrawn.json beside the parzen.json at ``path`` is of other samples.
    """
    about = {(score.experiment, score.seed, score.samples, score.dataset_sha256)
             for score in [*scores, *others]}  # fmt: skip
    if others and len(about) > 1:
        raise UserError(
            f"{path.with_name('redrawn.json')} is of other samples than {path.name}; redraw it"
        )
    groups: dict[tuple[int, int], list[Score]] = {(0, 0): list(scores)}
    for other in others:
        groups.setdefault((other.draw, other.subset), []).append(other)
    return {key: mean_over_folds(group, "authors") for key, group in groups.items()}


def mean_over_folds(folds: Sequence[Score], grid: str) -> float:
    """Return the mean test score over folds, in nats."""
    return float(np.mean([fold.grids[grid].test_ll for fold in folds]))


def variance(values: Sequence[float]) -> float:
    """Return the unbiased variance; NaN of one value."""
    return float(np.var(values, ddof=1)) if len(values) > 1 else float("nan")

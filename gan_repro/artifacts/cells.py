"""The cells of Table 1: every seed and fold of one experiment on one dataset, merged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan, nan, sqrt
from pathlib import Path

import numpy as np

from gan_repro.artifacts.redrawing import Redrawing, mean_over_folds, redrawing, variance
from gan_repro.errors import UserError
from gan_repro.evaluation.drift import at_fixed_burn_in
from gan_repro.evaluation.scores import Score, read_scores
from gan_repro.paper import Estimate


@dataclass(frozen=True)
class Cell:
    """One cell of our Table 1, from every seed and fold of one experiment.

    Attributes:
        row: model.
        dataset: title of the dataset it was computed on.
        experiment: whose runs they are.
        seeds: number of seeds.
        folds: number of folds per seed.
        estimate: mean test log-likelihood over seeds, and the paper's standard error: over test
            examples for a single split, over folds otherwise (mean over seeds), in nats.
        over_draws: mean over seeds and over every series of samples from the same weights, on the
            authors' grid; that of the estimate where none was redrawn.
        series: of samples, over all seeds.
        spread: standard deviation of the seeds' means; NaN for one seed.
        draws: standard deviation of the mean over series of samples from the same weights, in
            quadratic mean over seeds: other z, or other chains; NaN where none was redrawn.
        validation: the same over validation images that choose σ, a thousand at a time; NaN where
            no others were tried.
        fine: the same mean with σ from the fine grid.
        epochs: that were trained, the fewest of any seed; None where nothing was.
        recipe_epochs: of the experiment, where it was trained for another number.
        note: how it was computed, with every warning.
    """

    row: str
    dataset: str
    experiment: str
    seeds: int
    folds: int
    estimate: Estimate
    over_draws: float
    series: int
    spread: float
    draws: float
    validation: float
    fine: float
    epochs: int | None
    recipe_epochs: int | None
    note: str

    @property
    def total_se(self) -> float:
        """Standard error of ``over_draws`` less the score of another training and draw like ours.

        √(SE over test images or folds² + σ²(validation) + σ² (1 + 1/n)), of what was measured.
        The last σ is that over n seeds, which differ by their draws as well, or of one seed over n
        series of draws: our mean is over n, the paper has one.
        """
        sd, count = (self.draws, self.series) if self.seeds == 1 else (self.spread, self.seeds)
        parts = (self.estimate.se**2, self.validation**2, sd**2 * (1 + 1 / count))
        return float(sqrt(np.nansum(parts)))

    @property
    def shortened(self) -> str | None:
        """`20 of 1,000 epochs` where training ended before its recipe does."""
        if self.epochs is None or self.recipe_epochs is None or self.epochs >= self.recipe_epochs:
            return None
        return f"{self.epochs:,} of {self.recipe_epochs:,} epochs"


def read_cells(paths: Iterable[Path]) -> list[Cell]:
    """Read parzen.json files, and merge seeds and folds of each experiment on each dataset.

    Where a redrawn.json lies beside one, the cell says how far it depends on the draw; where a
    drift.json does, its fixed burn-in is a row of its own.

    Raises:
        UserError: a file is damaged, the same score is given twice, a fold is missing, or two
            experiments claim the same row.
    """
    groups: dict[tuple[str, str], list[Score]] = {}
    redrawn: dict[tuple[str, str], list[Redrawing]] = {}
    for path in paths:
        scores = read_scores(path)
        for score in [*scores, *at_fixed_burn_in(path)]:
            group = groups.setdefault((score.row, score.title), [])
            _refuse_clash(path, score, group)
            group.append(score)
        if scores:
            key = (scores[0].row, scores[0].title)
            redrawn.setdefault(key, []).append(redrawing(path, scores))
    return [_cell(*key, scores, redrawn.get(key, [])) for key, scores in groups.items()]


def _refuse_clash(path: Path, score: Score, others: Sequence[Score]) -> None:
    for other in others:
        if other.experiment != score.experiment:
            raise UserError(
                f"{path}: {score.experiment} and {other.experiment} both claim the row "
                f"'{score.row}' on {score.title}; give one of them a row of its own"
            )
        if (other.seed, other.fold) == (score.seed, score.fold):
            raise UserError(
                f"{path}: {score.experiment}, seed {score.seed}, fold {score.fold} is scored twice "
                "in what was given; name each file once"
            )
        _refuse_unlike(path, score, other)


def _refuse_unlike(path: Path, score: Score, other: Score) -> None:
    """Raise UserError where a mean over two scores would be of neither, or of one twice."""
    same = score.samples_sha256 is not None and score.samples_sha256 == other.samples_sha256
    if same and score.seed != other.seed:
        raise UserError(
            f"{path}: seeds {other.seed} and {score.seed} of {score.experiment} have the same "
            "samples; draw those of each seed from its own run"
        )
    for what in ("samples", "dataset_sha256"):
        one, two = getattr(other, what), getattr(score, what)
        if one != two:
            raise UserError(
                f"{path}: {what} is {two}, but {one} in another score of {score.experiment}; "
                "score all seeds alike"
            )


def _cell(row: str, title: str, scores: list[Score], redrawn: list[Redrawing]) -> Cell:
    by_seed = {seed: list(folds) for seed, folds in groupby(sorted(scores, key=_seed), key=_seed)}
    counts = {len(folds) for folds in by_seed.values()}
    if len(counts) > 1:
        raise UserError(
            f"{row} on {title}: some seeds have {min(counts)} folds and some {max(counts)}; score "
            "every fold of every seed"
        )
    means = [mean_over_folds(folds, "authors") for folds in by_seed.values()]
    errors = [_standard_error(folds) for folds in by_seed.values()]
    mean = float(np.mean(means))
    return Cell(
        row=row,
        dataset=title,
        experiment=scores[0].experiment,
        seeds=len(by_seed),
        folds=counts.pop(),
        estimate=Estimate(mean, float(np.mean(errors))),
        over_draws=float(np.mean([run.mean for run in redrawn])) if redrawn else mean,
        series=sum(run.series for run in redrawn) or len(means),
        spread=sqrt(variance(means)),
        draws=_quadratic_mean(run.draws for run in redrawn),
        validation=_quadratic_mean(run.validation for run in redrawn),
        fine=float(np.mean([mean_over_folds(folds, "fine") for folds in by_seed.values()])),
        epochs=min((s.epochs for s in scores if s.epochs is not None), default=None),
        recipe_epochs=max((s.recipe_epochs for s in scores if s.recipe_epochs), default=None),
        note=_note(scores),
    )


def _quadratic_mean(variances: Iterable[float]) -> float:
    known = [variance for variance in variances if not isnan(variance)]
    return sqrt(np.mean(known)) if known else nan


def _seed(score: Score) -> int:
    return score.seed


def _standard_error(folds: Sequence[Score]) -> float:
    """Return the paper's standard error: over examples of one split, or over folds."""
    if len(folds) == 1:
        return folds[0].grids["authors"].test_se
    means = [fold.grids["authors"].test_ll for fold in folds]
    return float(np.std(means, ddof=1) / sqrt(len(means)))


def _note(scores: Sequence[Score]) -> str:
    seeds = sorted({score.seed for score in scores})
    recipes = sorted({score.recipe_epochs for score in scores if score.recipe_epochs})
    of = f" of {_listed(recipes)}" if recipes else ""
    sigmas = sorted({f"{score.grids['authors'].sigma:.3g}" for score in scores})
    epochs = sorted({score.epochs for score in scores if score.epochs is not None})
    parts = [
        f"{scores[0].experiment}: seeds {_listed(seeds)}",
        *([f"{_listed(epochs)}{of} epochs"] if epochs else []),
        f"{_listed(sorted({score.samples for score in scores}))} samples each",
        f"σ = {_listed(sigmas)} "
        f"(authors' grid, {_listed(sorted({s.valid_points for s in scores}))} validation images)",
        f"{_listed(sorted({score.test_points for score in scores}))} test images",
        *sorted({warning for score in scores for warning in score.warnings}),
    ]
    return "; ".join(parts)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))

"""Tables 1 and 2: built from the JSON scores of runs, laid out as the paper lays them out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gan_repro import paper
from gan_repro.artifacts.reasons import LIKELY_REASONS
from gan_repro.files import atomic_path, read_json

NOT_RUN = "not run"
STAND_IN = "stand-in data: not comparable with the paper"


@dataclass(frozen=True)
class Cell:
    """One cell of our Table 1, from every seed and fold of one experiment.

    Attributes:
        row: model.
        dataset: title of the dataset it was computed on.
        seeds: number of seeds.
        folds: number of folds per seed.
        estimate: mean test log-likelihood over seeds, and the paper's standard error: over test
            examples for a single split, over folds otherwise (mean over seeds), in nats.
        spread: standard deviation of the seeds' means; NaN for one seed.
        fine: the same mean with σ from the fine grid.
        note: how it was computed, with every warning.
    """

    row: str
    dataset: str
    seeds: int
    folds: int
    estimate: paper.Score
    spread: float
    fine: float
    note: str


def read_cells(scores: Iterable[Path]) -> list[Cell]:
    """Read parzen.json files, a list of folds each; merge seeds and folds per (row, dataset)."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for path in scores:
        for record in read_json(path):
            groups.setdefault((record["row"], record["title"]), []).append(record)
    return [_cell(row, title, records) for (row, title), records in groups.items()]


def _cell(row: str, title: str, records: list[dict]) -> Cell:
    by_seed: dict[int, list[dict]] = {}
    for record in records:
        by_seed.setdefault(record["seed"], []).append(record)
    means = [_mean(folds, "authors") for folds in by_seed.values()]
    errors = [_standard_error(folds) for folds in by_seed.values()]
    return Cell(
        row=row,
        dataset=title,
        seeds=len(by_seed),
        folds=len(records) // len(by_seed),
        estimate=paper.Score(float(np.mean(means)), float(np.mean(errors))),
        spread=float(np.std(means, ddof=1)) if len(means) > 1 else float("nan"),
        fine=float(np.mean([_mean(folds, "fine") for folds in by_seed.values()])),
        note=_note(records),
    )


def _mean(folds: list[dict], grid: str) -> float:
    return float(np.mean([fold["grids"][grid]["test_ll"] for fold in folds]))


def _standard_error(folds: list[dict]) -> float:
    """Return the paper's standard error: over examples of one split, or over folds."""
    if len(folds) == 1:
        return folds[0]["grids"]["authors"]["test_se"]
    means = [fold["grids"]["authors"]["test_ll"] for fold in folds]
    return float(np.std(means, ddof=1) / sqrt(len(means)))


def _note(records: list[dict]) -> str:
    first = records[0]
    sigmas = sorted({f"{record['grids']['authors']['sigma']:.3g}" for record in records})
    seeds = sorted({record["seed"] for record in records})
    parts = [
        f"{first['experiment']}: seeds {', '.join(map(str, seeds))}",
        *sorted({f"{record['epochs']} epochs" for record in records if "epochs" in record}),
        f"{first['samples']} samples each",
        f"σ = {', '.join(sigmas)} (authors' grid, {first['valid_points']} validation images)",
        f"{first['test_points']} test images",
        *sorted({warning for record in records for warning in record["warnings"]}),
    ]
    return "; ".join(parts)


def format_estimate(estimate: paper.Score) -> str:
    """Return `225 ± 2`, with one decimal in an error below 2, as the paper prints them."""
    error = f"{estimate.se:.1f}" if estimate.se < 1.95 else f"{estimate.se:.0f}"
    return f"{estimate.mean:.0f} ± {error}"


def table1(cells: Iterable[Cell], columns: Mapping[str, str]) -> pd.DataFrame:
    """Lay measured cells out as the paper's Table 1; what was not measured is left empty.

    Args:
        cells: what was measured.
        columns: header → title of the dataset whose cells belong there.
    """
    found = {(cell.row, cell.dataset): format_estimate(cell.estimate) for cell in cells}
    return pd.DataFrame(
        [
            {"Model": row, **{head: found.get((row, title), "") for head, title in columns.items()}}
            for row in paper.TABLE_1
        ]
    )


def paper_table1() -> pd.DataFrame:
    """Return the paper's Table 1 in the shape of ours, for `diff`."""
    return pd.DataFrame(
        [
            {"Model": row, **{head: str(value) for head, value in values.items()}}
            for row, values in paper.TABLE_1.items()
        ]
    )


def comparison(cells: Iterable[Cell]) -> pd.DataFrame:
    """Return one line per measured cell, beside the paper's value where there is one.

    ``difference_in_se`` divides ours − paper by √(paper's SE² + our SE² + seed spread²): the
    paper trained one seed, so a faithful copy differs from it by the spread as well.
    """
    return pd.DataFrame([_compare(cell) for cell in cells], columns=list(COMPARISON_COLUMNS))


COMPARISON_COLUMNS = (
    "model", "dataset", "paper", "paper_se", "ours", "our_se", "seeds", "spread_over_seeds",
    "ours_fine_grid", "difference", "difference_in_se", "verdict", "likely_reason",
)  # fmt: skip


def _compare(cell: Cell) -> dict:
    line = {
        "model": cell.row,
        "dataset": cell.dataset,
        "ours": round(cell.estimate.mean, 1),
        "our_se": round(cell.estimate.se, 2),
        "seeds": cell.seeds,
        "spread_over_seeds": round(cell.spread, 2),
        "ours_fine_grid": round(cell.fine, 1),
    }
    if cell.row not in paper.TABLE_1:
        return line | {"verdict": "no counterpart in the paper"}
    published = paper.TABLE_1[cell.row].get(cell.dataset)
    if published is None:
        return line | {"verdict": STAND_IN}
    difference = cell.estimate.mean - published.mean
    units = difference / sqrt(
        published.se**2 + cell.estimate.se**2 + np.nan_to_num(cell.spread) ** 2
    )
    agreement = "agrees (within 2 SE)" if abs(units) <= 2 else None
    return line | {
        "paper": published.mean,
        "paper_se": published.se,
        "difference": round(difference, 1),
        "difference_in_se": round(units, 1),
        "verdict": agreement or ("higher than the paper" if units > 0 else "lower than the paper"),
        "likely_reason": "" if agreement else LIKELY_REASONS.get(cell.row, ""),
    }


def notes(
    cells: Iterable[Cell], columns: Mapping[str, str], reasons: Mapping[str, str]
) -> pd.DataFrame:
    """Return what each cell of table1.csv was computed from, or why it is empty.

    Args:
        cells: what was measured.
        columns: header → title of the dataset.
        reasons: header → why nothing could be measured on that dataset, where nothing was.
    """
    cells = list(cells)
    found = {(cell.row, cell.dataset): _with_reason(cell) for cell in cells}
    measured = {cell.dataset for cell in cells}
    why = {
        head: NOT_RUN if title in measured else reasons.get(head, NOT_RUN)
        for head, title in columns.items()
    }
    inside = [
        {
            "model": row,
            "column": head,
            "note": found.pop((row, title), f"empty: {why[head]}"),
        }
        for row in paper.TABLE_1
        for head, title in columns.items()
    ]
    beside = [
        {"model": row, "column": f"beside: {title}", "note": note}
        for (row, title), note in found.items()
    ]
    return pd.DataFrame(inside + beside)


def _with_reason(cell: Cell) -> str:
    """Return the note of a cell; where the paper has a value, with why ours may differ from it."""
    reason = LIKELY_REASONS.get(cell.row)
    published = reason and cell.dataset in paper.TABLE_1[cell.row]
    return f"{cell.note}; if it differs: {reason}" if published else cell.note


def table2(version: Literal["nips", "arxiv"]) -> pd.DataFrame:
    """Return Table 2 as one version of the text prints it."""
    table = paper.TABLE_2_NIPS if version == "nips" else paper.TABLE_2_ARXIV
    rows = [[operation, *cells] for operation, cells in table.items()]
    return pd.DataFrame(rows, columns=["", *paper.TABLE_2_COLUMNS])


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically, without an index."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)

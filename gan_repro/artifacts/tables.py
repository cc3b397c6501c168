"""Tables 1 and 2: built from the JSON scores of runs, laid out as the paper lays them out."""

from collections.abc import Iterable, Mapping
from math import sqrt
from pathlib import Path
from typing import Literal

import pandas as pd

from gan_repro import paper
from gan_repro.artifacts.cells import Cell
from gan_repro.artifacts.reasons import LIKELY_REASONS
from gan_repro.config.gaps import Gap
from gan_repro.files import atomic_path

NOT_RUN = "not run"
STAND_IN = "stand-in data: not comparable with the paper"
# Rows whose samples are read off Markov chains that start at training images.
CHAINS = ("DBN", "Stacked CAE", "Deep GSN")
STILL_CHAINS = "chains score higher the less they have moved from the training images: mixing.csv"


def format_estimate(estimate: paper.Estimate) -> str:
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

    ``ours`` is by the paper's protocol; ``ours_over_draws`` is its mean over every series of
    samples from the same weights, the better estimate, and ``difference`` is that less the paper's.
    ``difference_in_se`` divides it by √(paper's SE² + our total SE²). The total has the errors over
    test images (or folds), over draws of samples (``se_draws``; over chains where a model has
    chains), over validation images that choose σ (``se_validation``) and over seeds: the paper
    trained one seed, drew and validated once, so a faithful copy differs by these as well
    (`Cell.total_se`). Both are of the same test images, and errors over these partly cancel: the
    units are cautious where they tell two scores apart, and lenient where they do not.
    """
    return pd.DataFrame([_compare(cell) for cell in cells], columns=list(COMPARISON_COLUMNS))


COMPARISON_COLUMNS = (
    "model", "dataset", "paper", "paper_se", "ours", "our_se", "se_draws", "se_validation", "seeds",
    "spread_over_seeds", "total_se", "ours_fine_grid", "ours_over_draws", "difference",
    "difference_in_se", "verdict", "likely_reason",
)  # fmt: skip


def _compare(cell: Cell) -> dict:
    line = {
        "model": cell.row,
        "dataset": cell.dataset,
        "ours": round(cell.estimate.mean, 1),
        "our_se": round(cell.estimate.se, 2),
        "se_draws": round(cell.draws, 2),
        "se_validation": round(cell.validation, 2),
        "total_se": round(cell.total_se, 2),
        "seeds": cell.seeds,
        "spread_over_seeds": round(cell.spread, 2),
        "ours_fine_grid": round(cell.fine, 1),
        "ours_over_draws": round(cell.over_draws, 1),
    }
    if cell.row not in paper.TABLE_1:
        return line | {"verdict": "no counterpart in the paper"}
    published = paper.TABLE_1[cell.row].get(cell.dataset)
    if published is None:
        return line | {"verdict": STAND_IN}
    difference = cell.over_draws - published.mean
    line |= {
        "paper": published.mean,
        "paper_se": published.se,
        "difference": round(difference, 1),
        "likely_reason": LIKELY_REASONS.get(cell.row, ""),
    }
    if cell.shortened:
        return line | {"verdict": f"not comparable: {cell.shortened}"}
    units = difference / sqrt(published.se**2 + cell.total_se**2)
    line["difference_in_se"] = round(units, 1)
    if units < -2:
        return line | {"verdict": "lower than the paper"}
    caveat = f" ({STILL_CHAINS})" if cell.row in CHAINS else ""
    if units > 2:
        return line | {"verdict": f"higher than the paper{caveat}"}
    return line | {"verdict": f"agrees (within 2 SE){caveat}", "likely_reason": ""}


def notes(
    cells: Iterable[Cell],
    columns: Mapping[str, str],
    reasons: Mapping[str, str],
    gaps: Iterable[Gap] = (),
) -> pd.DataFrame:
    """Return what each cell of table1.csv was computed from, or why it is empty.

    Args:
        cells: what was measured.
        columns: header → title of the dataset.
        reasons: header → why nothing could be measured on that dataset, where nothing was.
        gaps: experiments that should have a score and have none.
    """
    cells = list(cells)
    found = {(gap.row, gap.dataset): f"empty: {gap.experiment}: {gap.reason}" for gap in gaps}
    found |= {(cell.row, cell.dataset): _with_reason(cell) for cell in cells}
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


def all_scores(cells: Iterable[Cell]) -> pd.DataFrame:
    """Return one line per experiment and dataset, with both grids, in nats."""
    return pd.DataFrame(
        [
            {
                "model": cell.row,
                "dataset": cell.dataset,
                "test_ll": round(cell.estimate.mean, 1),
                "se": round(cell.estimate.se, 2),
                "seeds": cell.seeds,
                "spread_over_seeds": round(cell.spread, 2),
                "test_ll_fine_grid": round(cell.fine, 1),
                "note": cell.note,
            }
            for cell in cells
        ]
    )


def table2(version: Literal["nips", "arxiv"]) -> pd.DataFrame:
    """Return Table 2 as one version of the text prints it."""
    table = paper.TABLE_2_NIPS if version == "nips" else paper.TABLE_2_ARXIV
    rows = [[operation, *cells] for operation, cells in table.items()]
    return pd.DataFrame(rows, columns=["", *paper.TABLE_2_COLUMNS])


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically, without an index."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)

"""Table 1 for the page: as the paper prints it, every score beside it, and one sentence on both."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from gan_repro import paper
from gan_repro.artifacts.cells import Cell, read_cells
from gan_repro.artifacts.lines import read_rows, rows_if_any
from gan_repro.errors import UserError
from gan_repro.training.runs import files_below

COMPARED = ("model", "dataset", "paper", "paper_se", "ours", "our_se", "se_draws", "seeds",
            "spread_over_seeds", "ours_fine_grid", "ours_over_draws", "difference_in_se",
            "verdict")  # fmt: skip
SCORED = ("model", "dataset", "test_ll", "se", "seeds", "spread_over_seeds", "test_ll_fine_grid",
          "note")  # fmt: skip
# How `artifacts.tables.notes` begins where there is no number.
EMPTY = "empty: "
# Beginnings of a comparison's verdict, and what they are called in the sentence.
WORDS = {
    "agrees": "within two standard errors of the paper",
    "lower": "lower",
    "higher": "higher",
    "not comparable": "not comparable, trained for less than the recipe",
}


class Printed(NamedTuple):
    """Both tables in the paper's layout.

    Attributes:
        paper_columns, our_columns: heads.
        rows: model, the paper's texts, ours.
        gaps: column, the models that are empty in it, and why.
    """

    paper_columns: list[str]
    our_columns: list[str]
    rows: list[tuple[str, list[str], list[str]]]
    gaps: list[tuple[str, str, str]]


class Scored(NamedTuple):
    """One score, in nats, as texts; what is not known is empty."""

    model: str
    dataset: str
    paper: str
    ours: str
    fine: str
    units: str
    epochs: str
    seeds: str
    spread: str
    draws: str
    verdict: str
    note: str


def printed(results: Path) -> Printed:
    """Return table1.csv beside the paper's, and why cells of it are empty.

    Raises:
        UserError: the table is missing or damaged.
    """
    ours = read_rows(results / "table1.csv", ("Model",))
    columns = [name for name in (ours[0] if ours else ()) if name != "Model"]
    found = {row["Model"]: row for row in ours}
    rows = [
        (
            model,
            [str(value) for value in values.values()],
            [found.get(model, {}).get(name, "").replace("-", "−") for name in columns],
        )
        for model, values in paper.TABLE_1.items()
    ]
    return Printed(list(next(iter(paper.TABLE_1.values()))), columns, rows, _gaps(results))


def scores(results: Path) -> list[tuple[str, list[Scored]]]:
    """Return every score by dataset: the paper's, other columns of Table 1, then all others.

    Raises:
        UserError: neither the comparison nor scores.csv is there, or one is damaged.
    """
    compared, scored = results / "table1_comparison.csv", results / "scores.csv"
    lines = read_rows(compared, COMPARED) if compared.exists() or not scored.exists() else []
    others = rows_if_any(scored, SCORED)
    cells = _cells(results)
    notes = {(row["model"], row["dataset"]): row["note"] for row in others}
    known = {(row["model"], row["dataset"]) for row in lines}
    found = [_compared(row, cells, notes) for row in lines]
    found += [_alone(row, cells) for row in others if (row["model"], row["dataset"]) not in known]
    order = list(dict.fromkeys(row.dataset for row in found))
    with_paper = {row.dataset for row in found if row.paper}
    found.sort(key=lambda row: (row.dataset not in with_paper, order.index(row.dataset)))
    return [(title, list(rows)) for title, rows in groupby(found, lambda row: row.dataset)]


def sentence(results: Path) -> str:
    """Say in one sentence how the measured Table 1 compares with the paper's.

    Raises:
        UserError: the comparison is missing or damaged.
    """
    path = results / "table1_comparison.csv"
    rows = read_rows(path, COMPARED)
    if not rows:
        raise UserError(f"{path} has no scores")
    total = sum(len(values) for values in paper.TABLE_1.values())
    compared = [row for row in rows if row["paper"]]
    if not compared:
        return (
            f"No cell of Table 1 is measured on the paper’s data here: the {len(rows)} scores are "
            f"of {_listed(dict.fromkeys(row['dataset'] for row in rows))}, and none is compared "
            "with the paper."
        )
    verdicts = [row["verdict"] for row in compared]
    said = [
        f"{count} {words}"
        for start, words in WORDS.items()
        if (count := sum(verdict.startswith(start) for verdict in verdicts))
    ]
    left = total - len(compared)
    rest = f"; {left} {'is' if left == 1 else 'are'} not measured" if left else ""
    return (
        f"Of the {total} cells of Table 1, {len(compared)} "
        f"{'is' if len(compared) == 1 else 'are'} measured on the paper’s data: "
        f"{_listed(said)}{rest}."
    )


def _gaps(results: Path) -> list[tuple[str, str, str]]:
    notes = results / "table1_notes.csv"
    models: dict[tuple[str, str], list[str]] = {}
    for line in rows_if_any(notes, ("model", "column", "note")):
        if line["note"].startswith(EMPTY):
            key = (line["column"], line["note"].removeprefix(EMPTY))
            models.setdefault(key, []).append(line["model"])
    return [(column, _listed(found), reason) for (column, reason), found in models.items()]


def _cells(results: Path) -> dict[tuple[str, str], Cell]:
    """Return what the scores below say of epochs; nothing where they cannot be read as one table.

    The tables were built from them: a damaged score shows where they are built and verified.
    """
    try:
        cells = read_cells(files_below(results, "parzen.json"))
    except UserError:
        return {}
    return {(cell.row, cell.dataset): cell for cell in cells}


def _epochs(cell: Cell | None) -> str:
    if cell is None or cell.epochs is None:
        return ""
    return cell.shortened.removesuffix(" epochs") if cell.shortened else f"{cell.epochs:,}"


def _compared(row: dict[str, str], cells: dict, notes: dict) -> Scored:
    key = (row["model"], row["dataset"])
    cell = cells.get(key)
    return Scored(
        *key,
        paper=_pair(row["paper"], row["paper_se"]),
        ours=_pair(row["ours"], row["our_se"]),
        fine=row["ours_fine_grid"],
        units=row["difference_in_se"].replace("-", "−"),
        epochs=_epochs(cell),
        seeds=row["seeds"],
        spread=row["spread_over_seeds"],
        draws=_pair(row["ours_over_draws"], row["se_draws"]) if row["se_draws"] else "",
        verdict=row["verdict"],
        note=cell.note if cell else notes.get(key, ""),
    )


def _alone(row: dict[str, str], cells: dict) -> Scored:
    key = (row["model"], row["dataset"])
    return Scored(
        *key,
        paper="",
        ours=_pair(row["test_ll"], row["se"]),
        fine=row["test_ll_fine_grid"],
        units="",
        epochs=_epochs(cells.get(key)),
        seeds=row["seeds"],
        spread=row["spread_over_seeds"],
        draws="",
        verdict="no number in the paper",
        note=row["note"],
    )


def _pair(value: str, error: str) -> str:
    if not value:
        return ""
    text = f"{value} ± {error}" if error else value
    return text.replace("-", "−")


def _listed(words: Iterable[str]) -> str:
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last

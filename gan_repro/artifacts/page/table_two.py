"""Table 2 for the page: the paper's words, and what was measured about each cell."""

from pathlib import Path
from typing import NamedTuple

from gan_repro.artifacts.evidence import TABLE
from gan_repro.artifacts.lines import Rows, read_rows
from gan_repro.paper import TABLE_2_COLUMNS, TABLE_2_NIPS

COLUMNS = ("id", "row", "column", "version", "paper", "verdict", "finding", "measured", "low",
           "high", "must_be", "repeats", "checks", "experiments", "artefact")  # fmt: skip


class Cell(NamedTuple):
    """One cell: the paper's words, and the evidence of each version of the text."""

    words: str
    evidence: Rows


def cells() -> dict[str, list[Cell]]:
    """Return the paper's own table, without evidence."""
    return {row: [Cell(words, []) for words in line] for row, line in TABLE_2_NIPS.items()}


def with_evidence(results: Path) -> dict[str, list[Cell]]:
    """Return the table with the evidence of table2_evidence.csv.

    Raises:
        UserError: it is missing or damaged.
    """
    rows = read_rows(results / TABLE, COLUMNS)
    return {
        operation: [
            Cell(words, [r for r in rows if (r["row"], r["column"]) == (operation, column)])
            for column, words in zip(TABLE_2_COLUMNS, line, strict=True)
        ]
        for operation, line in TABLE_2_NIPS.items()
    }

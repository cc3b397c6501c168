"""Tables read back: the lines of a CSV file as texts, and one line where it is damaged."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from gan_repro.errors import UserError, reading

Rows = list[dict[str, str]]


def require(path: Path) -> None:
    """Raise UserError where a file is not there, with what to do."""
    if not path.is_file():
        raise UserError(f"{path} does not exist; run the step that writes it first")


def read_frame(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """Return a CSV file as a table of texts; a byte-order mark, as Excel writes one, is no text.

    Raises:
        UserError: it is missing, damaged, cut short, or lacks one of ``columns``.
    """
    require(path)
    with (
        reading(path, "is not a table", "run the step that writes it again"),
        open(path, encoding="utf-8-sig", newline="") as handle,
    ):
        lines = csv.reader(handle, strict=True)
        header, rows = next(lines, []), [line for line in lines if line]
    missing = [name for name in columns if name not in header]
    if missing:
        raise UserError(f"{path} has no column {', '.join(missing)}; write it again")
    if len(set(header)) < len(header):
        raise UserError(f"{path} has two columns of one name; write it again")
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise UserError(
                f"{path}: row {number} has {len(row)} values, but there are {len(header)} "
                "columns; run the step that writes it again"
            )
    return pd.DataFrame(rows, columns=header, dtype=str)


def read_rows(path: Path, columns: Iterable[str]) -> Rows:
    """Return the lines of a CSV file as texts by column.

    Raises:
        UserError: it is missing, damaged, cut short, or lacks one of ``columns``.
    """
    return read_frame(path, columns).to_dict("records")


def rows_if_any(path: Path, columns: Iterable[str]) -> Rows:
    """Return the lines of a CSV file as `read_rows` does; none where there is no file."""
    return read_rows(path, columns) if path.exists() else []

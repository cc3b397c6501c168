"""Tables read back: the lines of a CSV file as texts, and one line where it is damaged."""

import csv
from collections.abc import Iterable
from pathlib import Path

from gan_repro.errors import UserError, reading

Rows = list[dict[str, str]]


def require(path: Path) -> None:
    """Raise UserError where a file is not there, with what to do."""
    if not path.is_file():
        raise UserError(f"{path} does not exist; run the step that writes it first")


def read_rows(path: Path, columns: Iterable[str]) -> Rows:
    """Return the lines of a CSV file as texts by column.

    Raises:
        UserError: it is missing, damaged, or lacks one of ``columns``.
    """
    require(path)
    with (
        reading(path, "is not a table", "run the step that writes it again"),
        open(path, encoding="utf-8", newline="") as handle,
    ):
        lines = csv.DictReader(handle, restval="")
        rows = [{name: text for name, text in line.items() if name} for line in lines]
        missing = [name for name in columns if name not in (lines.fieldnames or ())]
    if missing:
        raise UserError(f"{path} has no column {', '.join(missing)}; write it again")
    return rows


def rows_if_any(path: Path, columns: Iterable[str]) -> Rows:
    """Return the lines of a CSV file as `read_rows` does; none where there is no file."""
    return read_rows(path, columns) if path.exists() else []

"""What the page shows, read from a folder of results; what is not there is a gap with a reason."""

import csv
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from gan_repro.errors import UserError, reading

Part = TypeVar("Part")
Rows = list[dict[str, str]]


class Gap(NamedTuple):
    """A part of the page that could not be made, and why."""

    what: str
    reason: str


def part(what: str, results: Path, read: Callable[[], Part]) -> Part | Gap:
    """Return ``read()``, or the gap that its mistake leaves; no gap names the folder's place."""
    try:
        return read()
    except UserError as error:
        return Gap(what, str(error).replace(f"{results}/", ""))


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


def number(text: str) -> float | None:
    """Return a text as a number, None where it is none or not finite."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def short(text: object, digits: int = 4) -> str:
    """Return a number to a few significant digits, as it is read; any other text as it is."""
    value = number(str(text))
    return str(text) if value is None else f"{value:.{digits}g}".replace("-", "−")


def address(results: Path, place: str) -> str | None:
    """Return the address of a file in the folder, relative to the page; None where it has none."""
    path = Path(place)
    inside = place and not path.is_absolute() and ".." not in path.parts
    return quote(path.as_posix()) if inside and (results / path).is_file() else None

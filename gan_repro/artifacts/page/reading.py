"""What the page shows, read from a folder of results; what is not there is a gap with a reason."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from gan_repro.errors import UserError

Part = TypeVar("Part")


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

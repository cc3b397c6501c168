"""Figures inside the page: PNG files made small, and where one cannot be, the reason."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from gan_repro.errors import UserError, reading

# With ten figures of this size, in base64, the page is still below 6 MB.
LARGEST = 400_000
# Two pixels of a screen for each of the page's width.
WIDEST = 1800
COLOURS = 256


class Embedded(NamedTuple):
    """A picture as a data address, and its size in pixels."""

    source: str
    width: int
    height: int


def embedded(path: Path) -> Embedded:
    """Return a PNG file as part of a page: as it is, or with fewer colours and pixels if it must.

    Raises:
        UserError: it is missing, no picture, or too large even so.
    """
    with (
        reading(path, "is not a picture", "draw it again"),
        Image.open(path, formats=["PNG"]) as file,
    ):
        picture = file.convert("RGB")
    for smaller in (lambda: picture, lambda: picture.quantize(COLOURS), lambda: _narrow(picture)):
        found = smaller()
        content = _png(found)
        if len(content) <= LARGEST:
            source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
            return Embedded(source, *found.size)
    raise UserError(f"{path} is too large for this page; open it beside it")


def _narrow(picture: Image.Image) -> Image.Image:
    """Return a picture at most as wide as a screen shows it, with a palette of its own."""
    height = max(1, round(picture.height * min(1, WIDEST / picture.width)))
    return picture.resize((min(picture.width, WIDEST), height)).quantize(COLOURS)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()

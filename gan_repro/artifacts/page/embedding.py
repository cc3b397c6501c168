"""Figures inside the page: PNG files made small, and where one cannot be, the reason."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from gan_repro.artifacts.lines import require
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
    require(path)
    with reading(path, "is not a picture", "draw it again"):
        content = path.read_bytes()
        with Image.open(io.BytesIO(content), formats=["PNG"]) as file:
            size = file.size
            file.verify()
    if len(content) > LARGEST:
        content, size = _smaller(content)
    if len(content) > LARGEST:
        raise UserError(f"{path} is too large for this page; open it beside it")
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return Embedded(source, *size)


def _smaller(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a PNG with fewer colours, if it must be no wider than a screen, and its size."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    found = _png(picture.quantize(COLOURS))
    if len(found) > LARGEST:
        height = max(1, round(picture.height * min(1, WIDEST / picture.width)))
        picture = picture.resize((min(picture.width, WIDEST), height))
        found = _png(picture.quantize(COLOURS))
    return found, picture.size


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()

"""Samples as one picture: a quick look at anybody's samples.npy."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from gan_repro.artifacts.figures import mosaic
from gan_repro.errors import UserError
from gan_repro.files import atomic_path

# Small images are enlarged to be seen.
TILE = 56


def image_shape(pixels: int) -> tuple[int, ...]:
    """Return (side, side) or (3, side, side) for so many pixels.

    Raises:
        UserError: they are neither a square nor three.
    """
    for channels, shape in ((1, ()), (3, (3,))):
        side = math.isqrt(pixels // channels)
        if channels * side**2 == pixels:
            return (*shape, side, side)
    raise UserError(f"{pixels} values per sample are no square image, grey or with three colours")


def draw_grid(samples: np.ndarray, rows: int, columns: int, out: Path) -> Path:
    """Write the first rows × columns of (n, d) samples as a PNG, in their order.

    Values in [0, 1] are shown as they are; with negative ones, as contrast-normalised samples have,
    each is divided by the largest absolute value and shown as ½ + ½x.

    Raises:
        UserError: they are no images, or one has values that are not finite.
    """
    chosen = np.asarray(samples[: rows * columns], np.float64)
    broken = np.flatnonzero(~np.isfinite(chosen).all(axis=1))
    if len(broken):
        raise UserError(f"sample {broken[0]} has NaN or infinite values; remove it or draw again")
    if chosen.min() < 0:
        chosen = 0.5 + 0.5 * chosen / np.abs(chosen).max()
    shape = image_shape(chosen.shape[1])
    images = chosen.clip(0, 1).reshape(len(chosen), *shape)
    colours = images.transpose(0, 2, 3, 1) if len(shape) == 3 else images[..., None].repeat(3, 3)
    blank = np.full_like(colours[0], 0.5)
    tiles = [*colours, *[blank] * (rows * columns - len(colours))]
    sheet = mosaic([tiles[row * columns : (row + 1) * columns] for row in range(rows)], False)
    picture = Image.fromarray((255 * sheet).round().astype(np.uint8))
    zoom = max(1, TILE // shape[-1])
    picture = picture.resize([zoom * side for side in picture.size], Image.Resampling.NEAREST)
    with atomic_path(out) as temporary:
        picture.save(temporary, format="PNG")
    return out

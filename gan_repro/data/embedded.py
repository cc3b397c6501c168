"""Stand-in data that the dependencies carry, for a run without any download."""

from pathlib import Path

import numpy as np
from skimage.data import astronaut, chelsea, coffee, rocket
from sklearn.datasets import load_digits, load_sample_images

from gan_repro.data.dataset import Dataset, Fold

DIGITS_TRAIN, DIGITS_VALID = 1_257, 180
TILE = 32
PATCHES_SEED = 0


def read_digits(name: str, title: str, folder: Path) -> Dataset:
    """Read scikit-learn's 1,797 8×8 digits: 1,257 train, 180 validate, 360 test, in file order."""
    digits = load_digits()
    rows = np.arange(len(digits.data))
    held_out = rows[DIGITS_TRAIN:]
    return Dataset(
        name=name,
        title=title,
        shape=(8, 8),
        pixels=digits.data.astype(np.uint8),
        labels=digits.target,
        maximum=16,
        train=rows[:DIGITS_TRAIN],
        folds=(Fold(valid=held_out[:DIGITS_VALID], test=held_out[DIGITS_VALID:]),),
    )


def read_patches(name: str, title: str, folder: Path) -> Dataset:
    """Cut bundled colour photographs into 32×32 tiles that do not overlap: 70/15/15 by tile.

    A tile of one colour has no contrast to normalise and is left out.
    """
    photographs = (astronaut(), chelsea(), coffee(), rocket(), *load_sample_images().images)
    tiles = np.concatenate([_tiles(photograph) for photograph in photographs])
    tiles = tiles[np.ptp(tiles, axis=1) > 0]
    rows = np.random.default_rng(PATCHES_SEED).permutation(len(tiles))
    train, valid, test = np.split(rows, [int(0.70 * len(rows)), int(0.85 * len(rows))])
    return Dataset(
        name=name,
        title=title,
        shape=(3, TILE, TILE),
        pixels=tiles,
        labels=np.full(len(tiles), -1),
        maximum=255,
        train=train,
        folds=(Fold(valid=valid, test=test),),
        space="contrast",
    )


def _tiles(photograph: np.ndarray) -> np.ndarray:
    """Return (n, 3·32·32) tiles, channels first, of a (height, width, 3) photograph."""
    height, width = (size // TILE for size in photograph.shape[:2])
    cut = photograph[: height * TILE, : width * TILE]
    tiles = cut.reshape(height, TILE, width, TILE, 3).transpose(0, 2, 4, 1, 3)
    return tiles.reshape(height * width, -1)

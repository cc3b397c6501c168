"""MNIST from its four canonical files, with the authors' split."""

from pathlib import Path

import numpy as np

from gan_repro.data.dataset import Dataset, Fold
from gan_repro.data.idx import read_idx

TRAIN, VALID, TEST = 50_000, 10_000, 10_000
SHAPE = (28, 28)


def read_mnist(name: str, title: str, folder: Path) -> Dataset:
    """Read MNIST: in file order, the first 50,000 train, the last 10,000 validate, 10,000 test.

    Raises:
        UserError: a file is missing or damaged, or its shape is not MNIST's.
    """
    parts = [_read_part(folder, "train", TRAIN + VALID), _read_part(folder, "t10k", TEST)]
    pixels = np.concatenate([images for images, _ in parts])
    rows = np.arange(len(pixels))
    return Dataset(
        name=name,
        title=title,
        shape=SHAPE,
        pixels=pixels,
        labels=np.concatenate([labels for _, labels in parts]),
        maximum=255,
        train=rows[:TRAIN],
        folds=(Fold(valid=rows[TRAIN : TRAIN + VALID], test=rows[TRAIN + VALID :]),),
    )


def _read_part(folder: Path, part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz", (count, *SHAPE))
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz", (count,))
    return images.reshape(count, -1), labels

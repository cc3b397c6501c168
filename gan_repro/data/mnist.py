"""MNIST from its four canonical files, with the authors' split."""

from pathlib import Path

import numpy as np

from gan_repro.data.dataset import Dataset, Fold
from gan_repro.data.idx import read_idx
from gan_repro.errors import UserError

TRAIN, VALID, TEST = 50_000, 10_000, 10_000


def read_mnist(name: str, title: str, folder: Path) -> Dataset:
    """Read MNIST: in file order, the first 50,000 train, the last 10,000 validate, 10,000 test.

    Raises:
        UserError: a file is missing or damaged, or the counts are not MNIST's.
    """
    parts = [_read_part(folder, "train", TRAIN + VALID), _read_part(folder, "t10k", TEST)]
    pixels = np.concatenate([images for images, _ in parts])
    rows = np.arange(len(pixels))
    return Dataset(
        name=name,
        title=title,
        shape=(28, 28),
        pixels=pixels,
        labels=np.concatenate([labels for _, labels in parts]),
        maximum=255,
        train=rows[:TRAIN],
        folds=(Fold(valid=rows[TRAIN : TRAIN + VALID], test=rows[TRAIN + VALID :]),),
    )


def _read_part(folder: Path, part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    path = folder / f"{part}-images-idx3-ubyte.gz"
    images = read_idx(path, dimensions=3)
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz", dimensions=1)
    if images.shape != (count, 28, 28) or labels.shape != (count,):
        raise UserError(
            f"{path}: {images.shape} images and {labels.shape} labels, expected "
            f"({count}, 28, 28) and ({count},); fetch MNIST's own files"
        )
    return images.reshape(count, -1), labels

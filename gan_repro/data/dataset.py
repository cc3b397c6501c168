"""A prepared dataset: images, the split, and one file format for all of them."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import PositiveInt

from gan_repro.config.schema import Spec
from gan_repro.data.arrays import read_npz
from gan_repro.data.spaces import BLOCK, Space, to_model_space
from gan_repro.errors import UserError, reading
from gan_repro.files import sha256, write_npz

# Arrays of a prepared file that every dataset has; its folds come besides.
ARRAYS = ("about", "shape", "pixels", "labels", "train")


class About(Spec):
    """What a prepared file says of itself in words."""

    name: str
    title: str
    maximum: PositiveInt
    space: Space = "unit"


@dataclass(frozen=True)
class Fold:
    """Row numbers of one fold's validation and test images."""

    valid: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """Images and how they are split; immutable.

    Attributes:
        name: key of `config/datasets.yaml`.
        title: the name that tables and figures print.
        shape: of one image: (height, width), or (channels, height, width) for colour, whose rows
            hold the red plane, then the green one, then the blue one.
        pixels: (N, d) uint8 raw values, d the product of ``shape``.
        labels: (N,) class of each image, -1 where there is none.
        maximum: the raw value that stands for white.
        train: row numbers of the training images.
        folds: one entry for a dataset with a single split.
        space: what the networks see of the pixels; see `gan_repro.data.spaces`.
        sha256: digest of the prepared file, for provenance.
    """

    name: str
    title: str
    shape: tuple[int, ...]
    pixels: np.ndarray
    labels: np.ndarray
    maximum: int
    train: np.ndarray
    folds: tuple[Fold, ...]
    space: Space = "unit"
    sha256: str = ""

    @property
    def dimension(self) -> int:
        """Number of values in an image."""
        return self.pixels.shape[1]

    def images(self, rows: np.ndarray) -> np.ndarray:
        """Return (len(rows), d) float32 images in model space."""
        return to_model_space(self.pixels[rows], self.space, self.maximum)

    @property
    def classes(self) -> int:
        """Number of classes; raises UserError where images have none."""
        if self.labels.min() < 0:
            raise UserError(f"{self.name} has no labels for all of its images")
        return int(self.labels.max()) + 1

    def one_hot(self, rows: np.ndarray) -> np.ndarray:
        """Return (len(rows), classes) float32; raises UserError where images have no labels."""
        return np.eye(self.classes, dtype=np.float32)[self.labels[rows]]

    def fold(self, number: int) -> Fold:
        """Return a fold by number; raises UserError where there is none."""
        if not 0 <= number < len(self.folds):
            raise UserError(
                f"{self.name} has folds 0 to {len(self.folds) - 1}, there is no fold {number}"
            )
        return self.folds[number]


def save(dataset: Dataset, path: Path) -> None:
    """Write the prepared file: plain arrays only, nothing pickled, the same bytes each time."""
    about = {"name": dataset.name, "title": dataset.title, "maximum": dataset.maximum}
    if dataset.space != "unit":
        about["space"] = dataset.space
    arrays = {
        "about": np.array(json.dumps(about)),
        "shape": np.array(dataset.shape),
        "pixels": dataset.pixels,
        "labels": dataset.labels.astype(np.int16),
        "train": dataset.train.astype(np.int32),
    }
    for number, fold in enumerate(dataset.folds):
        arrays[f"valid{number}"] = fold.valid.astype(np.int32)
        arrays[f"test{number}"] = fold.test.astype(np.int32)
    write_npz(path, arrays)


def load(path: Path, mapped: bool = False) -> Dataset:
    """Read a prepared file.

    Args:
        path: of the file.
        mapped: leave its images in the file, as a memory map: for those that are larger than
            memory.

    Raises:
        UserError: it is missing or damaged, or its images are all alike, so that nothing can be
            learnt from them.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(
            f"{path} does not exist; run: gan-repro fetch {path.stem} && "
            f"gan-repro prepare {path.stem}"
        )
    advice = f"delete it and run: gan-repro prepare {path.stem}"
    arrays = read_npz(path, advice, ("pixels",) if mapped else ())
    with reading(path, "is not a prepared dataset", advice):
        dataset = _from_arrays(arrays, sha256(path))
        _check(dataset)
    return dataset


def _from_arrays(arrays: dict[str, np.ndarray], digest: str) -> Dataset:
    missing = [name for name in ARRAYS if name not in arrays]
    if missing:
        raise ValueError(f"no array {missing[0]}")
    about = About(**json.loads(str(arrays["about"])))
    count = sum(key.startswith("valid") for key in arrays)
    return Dataset(
        **about.model_dump(),
        shape=tuple(int(size) for size in arrays["shape"]),
        pixels=arrays["pixels"],
        labels=arrays["labels"],
        train=arrays["train"],
        folds=tuple(Fold(arrays[f"valid{k}"], arrays[f"test{k}"]) for k in range(count)),
        sha256=digest,
    )


def _check(dataset: Dataset) -> None:
    """Raise ValueError where arrays do not fit each other."""
    pixels = dataset.pixels
    if pixels.ndim != 2 or pixels.dtype != np.uint8:
        raise ValueError(f"pixels are {pixels.dtype} of shape {pixels.shape}, not (n, d) uint8")
    if len(dataset.shape) not in (2, 3) or math.prod(dataset.shape) != pixels.shape[1]:
        raise ValueError(f"images of {pixels.shape[1]} values cannot have shape {dataset.shape}")
    if dataset.labels.shape != (len(pixels),):
        raise ValueError(f"{len(dataset.labels)} labels for {len(pixels)} images")
    if not dataset.folds:
        raise ValueError("no fold")
    for fold in dataset.folds:
        for rows in (dataset.train, fold.valid, fold.test):
            _check_rows(rows, pixels)


def _check_rows(rows: np.ndarray, pixels: np.ndarray) -> None:
    if rows.ndim != 1 or rows.dtype.kind not in "ui" or len(rows) == 0:
        raise ValueError("a part of the split is no list of rows")
    if rows.min() < 0 or rows.max() >= len(pixels):
        raise ValueError(f"the split names row {rows.max()} of {len(pixels)}")
    blocks = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
    if len(rows) > 1 and all(np.array_equal(pixels[b], pixels[b * 0 + rows[0]]) for b in blocks):
        raise ValueError("the images of a part are all alike, so that a score would mean nothing")

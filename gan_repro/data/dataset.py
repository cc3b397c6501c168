"""A prepared dataset: images, the split, and one file format for all of them."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_repro.data.spaces import Space, to_model_space
from gan_repro.errors import UserError
from gan_repro.files import sha256, write_npz


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


def load(path: Path) -> Dataset:
    """Read a prepared file; raises UserError where it is missing or damaged."""
    if not path.exists():
        raise UserError(
            f"{path} does not exist; run: gan-repro fetch {path.stem} && "
            f"gan-repro prepare {path.stem}"
        )
    try:
        with open(path, "rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            return _from_arrays(dict(arrays), sha256(path))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} is not a prepared dataset ({error}); delete it and run: "
            f"gan-repro prepare {path.stem}"
        ) from error


def _from_arrays(arrays: dict[str, np.ndarray], digest: str) -> Dataset:
    count = sum(key.startswith("valid") for key in arrays)
    return Dataset(
        **json.loads(str(arrays["about"])),
        shape=tuple(int(size) for size in arrays["shape"]),
        pixels=arrays["pixels"],
        labels=arrays["labels"],
        train=arrays["train"],
        folds=tuple(Fold(arrays[f"valid{k}"], arrays[f"test{k}"]) for k in range(count)),
        sha256=digest,
    )

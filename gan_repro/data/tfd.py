"""The Toronto Face Database's `TFD_48x48.mat`, in MATLAB's version 5 or 7.3, read strictly.

The file is not publicly distributed, so a reader brings it, and what it is called depends on what
it is: only the published file, known by its MD5, may be titled "TFD".
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
import scipy.io

from gan_repro.data.dataset import Dataset, Fold
from gan_repro.errors import UserError, reading

FILE = "TFD_48x48.mat"
PUBLISHED_MD5 = "9d113650c197719b750ecc6864faf87c"
OTHER_TITLE = "TFD-format faces (not TFD)"

SIDE, FOLDS = 48, 5
NAMES = ("images", "labs_ex", "labs_id", "folds")
# Values of the largest variable, generously: TFD has 102,236 images.
MOST_VALUES = 200_000 * SIDE * SIDE
UNLABELLED, TRAIN, VALID, TEST = range(4)
# Shares of the labelled images in a fold, and how far a file may be from them.
SHARES = {TRAIN: 0.70, VALID: 0.10, TEST: 0.20}
TOLERANCE = 0.05


def read_tfd(name: str, title: str, folder: Path) -> Dataset:
    """Read TFD: the unlabelled faces train, each fold's own labelled ones validate and test.

    A file in the same format that is not the published one is titled `OTHER_TITLE`.

    Raises:
        UserError: the file is missing, not MATLAB's, or not laid out as TFD is.
    """
    path = folder / FILE
    images, labels, folds = _checked(path, _read_variables(path))
    published = _md5(path) == PUBLISHED_MD5
    return Dataset(
        name=name,
        title=title if published else OTHER_TITLE,
        shape=(SIDE, SIDE),
        pixels=images.reshape(len(images), -1),
        labels=labels,
        maximum=255,
        train=np.flatnonzero(folds[:, 0] == UNLABELLED),
        folds=tuple(
            Fold(valid=np.flatnonzero(fold == VALID), test=np.flatnonzero(fold == TEST))
            for fold in folds.T
        ),
    )


def _read_variables(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        raise UserError(f"{path} does not exist; run: gan-repro fetch {path.parent.name}")
    with reading(path, "not a complete MATLAB file", "copy it again"):
        found = _read_hdf5(path) if h5py.is_hdf5(path) else _read_version_5(path)
    missing = [name for name in NAMES if not isinstance(found.get(name), np.ndarray)]
    if missing:
        raise UserError(f"{path}: no variable {', '.join(missing)}; {FILE} has {', '.join(NAMES)}")
    return {name: found[name] for name in NAMES}


def _read_version_5(path: Path) -> dict[str, np.ndarray]:
    for name, shape, _ in scipy.io.whosmat(path):
        if name in NAMES:
            _check_claim(name, shape)
    return scipy.io.loadmat(path, variable_names=NAMES)


def _read_hdf5(path: Path) -> dict[str, np.ndarray]:
    """Read version 7.3, where MATLAB's arrays lie with their axes reversed."""
    found = {}
    with h5py.File(path, "r") as file:
        for name in NAMES:
            variable = file.get(name)
            if isinstance(variable, h5py.Dataset):
                _check_claim(name, variable.shape)
                found[name] = variable[()].T
    return found


def _check_claim(name: str, shape: Sequence[int]) -> None:
    """Raise ValueError where a header claims more than TFD could have, before it is read."""
    if math.prod(shape) > MOST_VALUES:
        raise ValueError(f"{name} claims {math.prod(shape)} values")


def _checked(
    path: Path, variables: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (N, 48, 48) uint8 images, (N,) labels and (N, 5) folds, or say what is wrong."""
    images, folds = variables["images"], variables["folds"]
    labels, people = variables["labs_ex"].ravel(), variables["labs_id"].ravel()
    count = images.shape[0] if images.ndim else 0
    expected = {"images": (count, SIDE, SIDE), "folds": (count, FOLDS)}
    for name, shape in expected.items():
        if variables[name].shape != shape:
            raise _wrong(path, f"{name} is {variables[name].shape}, expected {shape}")
    if not len(labels) == len(people) == count or count == 0:
        raise _wrong(path, f"{len(labels)} labs_ex and {len(people)} labs_id for {count} images")
    for name, values, low, high in (
        ("images", images, 0, 255), ("labs_ex", labels, -1, 7), ("folds", folds, 0, 3),
    ):  # fmt: skip
        _check_integers(path, name, values, low, high)
    _check_folds(path, folds)
    return images.astype(np.uint8), labels.astype(np.int16), folds.astype(np.uint8)


def _check_integers(path: Path, name: str, values: np.ndarray, low: int, high: int) -> None:
    whole = values.dtype.kind in "ui" or (
        values.dtype.kind == "f" and np.array_equal(values, np.rint(values))
    )
    if not whole:
        raise _wrong(path, f"{name} holds {values.dtype} values that are not whole numbers")
    if values.min() < low or values.max() > high:
        raise _wrong(
            path,
            f"{name} runs from {values.min():g} to {values.max():g}, expected {low} to {high}",
        )


def _check_folds(path: Path, folds: np.ndarray) -> None:
    """Refuse folds that leak: an image that trains in one fold may not be unlabelled in another."""
    unlabelled = folds == UNLABELLED
    mixed = unlabelled.any(axis=1) & ~unlabelled.all(axis=1)
    if mixed.any():
        raise _wrong(
            path, f"image {mixed.argmax()} is unlabelled in some folds and labelled in others"
        )
    if unlabelled.all() or not unlabelled.any():
        raise _wrong(path, "it needs both unlabelled images (code 0) and labelled ones (1 to 3)")
    labelled = folds[~unlabelled[:, 0]]
    for fold in range(FOLDS):
        for code, share in SHARES.items():
            found = float((labelled[:, fold] == code).mean())
            if abs(found - share) > TOLERANCE:
                raise _wrong(
                    path, f"{found:.0%} of fold {fold} has code {code}, expected about {share:.0%}"
                )


def _wrong(path: Path, problem: str) -> UserError:
    return UserError(f"{path}: {problem}; this is not the layout of {FILE}")


def _md5(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

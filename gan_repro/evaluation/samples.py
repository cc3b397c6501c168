"""`samples.npy`, the waist of the hourglass: whatever writes one is scored by the same code."""

from pathlib import Path

import numpy as np
from pydantic import ValidationError

from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.evaluation.scores import SampleOrigin
from gan_repro.files import read_json, sha256

RANGE_TOLERANCE = 1e-6
CHECK_ROWS = 10_000


def load_samples(path: Path, dataset: Dataset) -> np.ndarray:
    """Memory-map samples and check that the dataset's protocol can score them.

    Accepts (n, d) or (n, *image shape) floats in the dataset's model space.

    Raises:
        UserError: not an ``.npy`` of floats, pickled content, wrong width, NaN, or out of range.
    """
    samples = open_samples(path)
    if samples.shape[1] != dataset.dimension:
        raise UserError(
            f"{path}: {samples.shape[1]} values per sample, but {dataset.title} has "
            f"{dataset.dimension}; check the dataset or reshape to (n, {dataset.dimension})"
        )
    _check_values(samples, path, bounded=dataset.space == "unit")
    return samples


def open_samples(path: Path) -> np.ndarray:
    """Memory-map samples of any dataset as (n, d) floats.

    Raises:
        UserError: not an ``.npy`` of floats, or pickled content, or not one sample.
    """
    samples = _open(path)
    if samples.dtype.kind != "f":
        raise UserError(
            f"{path}: values are {samples.dtype}; save floats in [0, 1] (divide bytes by 255)"
        )
    if samples.ndim < 2 or 0 in samples.shape:
        raise UserError(f"{path}: shape {samples.shape}; expected (n, pixels) with n ≥ 1")
    return samples.reshape(len(samples), -1)


def _open(path: Path) -> np.ndarray:
    try:
        samples = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist") from None
    except (ValueError, OSError, EOFError) as error:
        pickled = "pickle" in str(error).lower() or "Python objects" in str(error)
        reason = "pickled objects are refused" if pickled else str(error)
        raise UserError(f"{path}: not a plain .npy array ({reason}); use numpy.save") from error
    if not isinstance(samples, np.ndarray):
        raise UserError(f"{path}: an .npz archive; save the one array with numpy.save")
    return samples


def _check_values(samples: np.ndarray, path: Path, bounded: bool) -> None:
    for start in range(0, len(samples), CHECK_ROWS):
        rows = samples[start : start + CHECK_ROWS]
        finite = np.isfinite(rows)
        if not finite.all():
            row = start + int(np.flatnonzero(~finite.all(axis=1))[0])
            raise UserError(f"{path}: sample {row} has NaN or infinite values; remove it")
        low, high = float(rows.min()), float(rows.max())
        if bounded and (low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE):
            raise UserError(
                f"{path}: values run from {low:.4g} to {high:.4g}, but the data lies in [0, 1]; "
                "rescale or clip the samples"
            )


def origin_of(path: Path) -> SampleOrigin:
    """Return what samples are of: the run.json beside them says it, or else the file's name.

    Raises:
        UserError: the run.json there is damaged.
    """
    origin = {"experiment": path.stem, "row": path.stem, "seed": 0}
    beside = path.parent / "run.json"
    if beside.exists():
        recorded = read_json(beside)
        fields = (*origin, "epochs", "recipe_epochs")
        try:
            origin |= {key: recorded[key] for key in fields if key in recorded}
            return SampleOrigin(**origin, samples_sha256=sha256(path))
        except (ValidationError, TypeError) as error:
            raise UserError(f"{beside} does not say what {path.name} is of; remove it") from error
    return SampleOrigin(**origin, samples_sha256=sha256(path))

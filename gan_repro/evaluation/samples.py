"""`samples.npy`, the waist of the hourglass: whatever writes one is scored by the same code."""

from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from gan_repro.config.schema import read_record
from gan_repro.data.arrays import map_npy
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError, reading
from gan_repro.evaluation.scores import Drawn, SampleOrigin
from gan_repro.files import read_json, sha256

# Names of the files of a run's folder.
RUN, WEIGHTS = "run.json", "model.safetensors"
RANGE_TOLERANCE = 1e-6
# Contrast-normalised images have norm 55; squares of what is beyond this overflow.
LARGEST = 1e6
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
    samples = map_npy(path, "save one array of floats with numpy.save")
    if samples.dtype.kind != "f":
        raise UserError(
            f"{path}: values are {samples.dtype}; save floats in [0, 1] (divide bytes by 255)"
        )
    if samples.ndim < 2 or 0 in samples.shape:
        raise UserError(f"{path}: shape {samples.shape}; expected (n, pixels) with n ≥ 1")
    return samples.reshape(len(samples), -1)


def _check_values(samples: np.ndarray, path: Path, bounded: bool) -> None:
    for start in range(0, len(samples), CHECK_ROWS):
        rows = samples[start : start + CHECK_ROWS]
        finite = np.isfinite(rows)
        if not finite.all():
            row = start + int(np.flatnonzero(~finite.all(axis=1))[0])
            raise UserError(f"{path}: sample {row} has NaN or infinite values; remove it")
        low, high = float(rows.min()), float(rows.max())
        if max(-low, high) > LARGEST:
            raise UserError(f"{path}: values run from {low:.4g} to {high:.4g}; rescale the samples")
        if bounded and (low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE):
            raise UserError(
                f"{path}: values run from {low:.4g} to {high:.4g}, but the data lies in [0, 1]; "
                "rescale or clip the samples"
            )


def drawn_record(path: Path) -> Path:
    """Return where the record of drawn samples lies: beside them."""
    return path.with_suffix(".drawn.json")


def origin_of(path: Path) -> SampleOrigin:
    """Return what samples are of: the run.json beside them says it, or else the file's name.

    Raises:
        UserError: the run.json there is damaged, or the samples are not of the weights there.
    """
    digest = sha256(path)
    _refuse_other_weights(path, digest)
    origin = {"experiment": path.stem, "row": path.stem, "seed": 0}
    recorded = _run_beside(path)
    fields = (*origin, "epochs", "recipe_epochs")
    with reading(path.parent / RUN, f"does not say what {path.name} is of", "remove it"):
        origin |= {key: recorded[key] for key in fields if key in recorded}
        return SampleOrigin(**origin, samples_sha256=digest)


def warnings_of_run(path: Path) -> list[str]:
    """Return the warnings in the run.json beside samples."""
    with reading(path.parent / RUN, f"does not say what {path.name} is of", "remove it"):
        return TypeAdapter(list[str]).validate_python(_run_beside(path).get("warnings", []))


def _run_beside(path: Path) -> dict:
    beside = path.parent / RUN
    content = read_json(beside) if beside.exists() else {}
    if not isinstance(content, dict):
        raise UserError(f"{beside} does not say what {path.name} is of; remove it")
    return content


def _refuse_other_weights(path: Path, digest: str) -> None:
    """Raise UserError where samples were drawn from other weights than those beside them."""
    record, weights = drawn_record(path), path.parent / WEIGHTS
    if not record.exists():
        return
    drawn = read_record(record, Drawn)
    again = f"draw again: gan-repro sample {path.parent}"
    if drawn.samples_sha256 != digest:
        raise UserError(f"{path} is not what {record.name} says was drawn; {again}")
    if weights.exists() and sha256(weights) != drawn.weights_sha256:
        raise UserError(f"{path} was drawn from other weights than {weights.name}; {again}")

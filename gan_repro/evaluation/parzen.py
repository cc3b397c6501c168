"""The paper's protocol for samples: σ by validation images, then the test images, once."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.scores import FoldScore, GridScore
from gan_repro.evaluation.window import log_likelihoods

# The authors' `cross_val 10` is the number of these points, not of folds.
AUTHORS_GRID = np.logspace(-1, 0, 10)
FINE_GRID = np.round(np.arange(0.05, 0.505, 0.01), 2)
# σ is in units of the data, and contrast-normalised pixels vary about three times as much.
GRIDS = {
    "unit": {"authors": AUTHORS_GRID, "fine": FINE_GRID},
    "contrast": {"authors": AUTHORS_GRID, "fine": np.round(3 * FINE_GRID, 2)},
}

# The authors choose σ on the first 1,000 validation images.
VALIDATION_POINTS = 1_000


@dataclass(frozen=True)
class Bandwidth:
    """A bandwidth chosen on validation data.

    Attributes:
        sigma: the grid point with the largest mean validation log-likelihood.
        valid_ll: that mean, in nats.
        at_edge: the choice is an end of the grid, so a better one may lie outside.
        curve: mean validation log-likelihood at every grid point.
    """

    sigma: float
    valid_ll: float
    at_edge: bool
    curve: tuple[float, ...]


def choose_bandwidth(grid: np.ndarray, valid: np.ndarray) -> Bandwidth:
    """Choose σ from a (k,) grid by the means of (k, n) validation log-likelihoods."""
    means = valid.mean(axis=1)
    best = int(means.argmax())
    edge = best in (0, len(grid) - 1)
    return Bandwidth(float(grid[best]), float(means[best]), edge, tuple(means.tolist()))


def validation_subsets(dataset: Dataset, fold: int = 0) -> list[np.ndarray]:
    """Return the validation images of a fold as rows, 1,000 at a time; the first choose σ.

    The last, where it has fewer, is left out; a fold with fewer altogether is one subset.
    """
    rows = dataset.fold(fold).valid
    whole = max(len(rows) // VALIDATION_POINTS, 1)
    return [rows[VALIDATION_POINTS * k :][:VALIDATION_POINTS] for k in range(whole)]


def validate(
    samples: np.ndarray,
    dataset: Dataset,
    fold: int = 0,
    device: torch.device | str = "cpu",
    subset: int = 0,
) -> dict[str, Bandwidth]:
    """Choose σ on each grid from a thousand validation images of a fold, by default the first."""
    points = dataset.images(validation_subsets(dataset, fold)[subset])
    grids = GRIDS[dataset.space]
    valid = log_likelihoods(points, samples, np.concatenate(list(grids.values())), device)
    parts = np.split(valid, np.cumsum([len(grid) for grid in grids.values()])[:-1])
    return {
        name: choose_bandwidth(grid, part)
        for (name, grid), part in zip(grids.items(), parts, strict=True)
    }


def score(
    samples: np.ndarray,
    dataset: Dataset,
    fold: int = 0,
    device: torch.device | str = "cpu",
    subset: int = 0,
) -> FoldScore:
    """Score samples by the paper's protocol on one fold; the test images are read here only.

    Another ``subset`` than the first has other validation images choose σ.
    """
    chosen = validate(samples, dataset, fold, device, subset)
    rows = dataset.fold(fold).test
    sigmas = np.array([bandwidth.sigma for bandwidth in chosen.values()])
    test = log_likelihoods(dataset.images(rows), samples, sigmas, device)
    grids = {
        name: GridScore(
            sigma=bandwidth.sigma,
            at_edge=bandwidth.at_edge,
            valid_ll=bandwidth.valid_ll,
            test_ll=float(values.mean()),
            test_se=float(values.std() / math.sqrt(len(values))),
            sigmas=tuple(float(sigma) for sigma in GRIDS[dataset.space][name]),
            valid_curve=bandwidth.curve,
        )
        for (name, bandwidth), values in zip(chosen.items(), test, strict=True)
    }
    return FoldScore(
        dataset=dataset.name,
        title=dataset.title,
        dataset_sha256=dataset.sha256,
        fold=fold,
        samples=len(samples),
        valid_points=len(validation_subsets(dataset, fold)[subset]),
        test_points=len(rows),
        grids=grids,
        warnings=tuple(
            f"σ = {bandwidth.sigma:.3g} is at the edge of the {name} grid"
            for name, bandwidth in chosen.items()
            if bandwidth.at_edge
        ),
    )

"""The score of a run, or of real images, against the number of samples drawn from it."""

from collections.abc import Callable
from pathlib import Path

import torch

from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.calibration import training_images
from gan_repro.evaluation.growth import CHUNK, Growth, GrowthPoint, Series
from gan_repro.experiments.restored import origin_of_weights, restore
from gan_repro.training.runs import RunFolder

REAL = "training-images"


def grow(
    source: str,
    dataset: Dataset,
    largest: int,
    draw: int,
    state: Path,
    device: torch.device,
    report: Callable[[GrowthPoint], None] = lambda point: None,
) -> Growth:
    """Score growing numbers of samples; an interrupted series goes on from its state.

    Args:
        source: folder of a finished run, or `training-images`.
        dataset: whose validation and test images score.
        largest: number of samples at the end; of real images, all where there are fewer.
        draw: 0 for the run's own samples and those that follow them, others for other series.
        state: file for what is summed so far.
        device: where to compute.
        report: takes each point as it is reached.
    """
    if source == REAL:
        largest = min(largest, len(dataset.train))
        origin, draws = _real(dataset, largest, draw)
    else:
        origin, draws = _run(source, draw, device)
    marks = origin | {"draw": draw, "dataset_sha256": dataset.sha256}
    series = Series(dataset, largest, state, marks, device)
    for point in series.run(draws):
        report(point)
    return Growth(
        **marks,
        dataset=dataset.name,
        title=dataset.title,
        sigmas=tuple(series.sigmas.tolist()),
        points=tuple(series.points),
    )


def _run(folder: str, draw: int, device: torch.device) -> tuple[dict, Callable]:
    place = RunFolder(Path(folder))
    origin, run = origin_of_weights(place), restore(place.weights)
    return origin, lambda chunk: run.draw_series(draw, CHUNK, device, chunk)


def _real(dataset: Dataset, largest: int, draw: int) -> tuple[dict, Callable]:
    images = training_images(dataset, largest, draw)
    origin = {"experiment": f"{REAL} of {dataset.name}", "row": "Training images as samples"}
    return origin | {"seed": draw}, lambda chunk: images[chunk * CHUNK : (chunk + 1) * CHUNK]

"""Lines in z: whether what lies between two draws is as much an image as they are (Figure 3)."""

from typing import NamedTuple

import numpy as np
import torch

from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.neighbours import nearest


class Line(NamedTuple):
    """One measure of the lines of a figure: it holds where ``value`` is at most ``bound``."""

    measure: str
    what: str
    value: float
    bound: float


def measure_lines(
    images: np.ndarray, dataset: Dataset, device: torch.device | str = "cpu"
) -> list[Line]:
    """Measure (rows, steps, d) images along lines in z, in model space.

    ``between``: mean distance of inner images to the nearest training image, as a part of that of
    the ends, which are draws. ``steps``: the largest step from an image to the next, as a part of
    its line's length; a line that jumps from one image to another has nearly all in one step.
    """
    rows, steps, width = images.shape
    training = dataset.images(dataset.train)
    _, found = nearest(images.reshape(-1, width), training, device)
    distances = found.reshape(rows, steps)
    moves = np.linalg.norm(np.diff(images.astype(np.float64), axis=1), axis=2)
    lengths = np.maximum(moves.sum(axis=1), np.finfo(np.float64).tiny)
    inner, ends = distances[:, 1:-1].mean(), distances[:, [0, -1]].mean()
    return [
        Line("between", "distance of inner images to the training images, as a part of the ends'",
             inner / max(ends, np.finfo(np.float64).tiny), 1.25),
        Line("steps", "largest step from an image to the next, as a part of its line",
             (moves.max(axis=1) / lengths).max(), 0.5),
    ]  # fmt: skip

"""Numbers that look like results and are none: collapsed models, constant or repeated images.

A Parzen window scores anything. What follows says where its number means nothing, and where a
reader must know more than the number.
"""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
from torch import Tensor

from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError

# Of ten draws at least nine should differ.
DISTINCT = 0.9
# Of the data's standard deviation per pixel; an adversarial net in its first epoch has a quarter.
SPREAD = 0.05
# A unit whose input is one million is not computing anything.
LARGEST_WEIGHT = 1e3
BLOCK = 1_000
# Training images that the spread of the data is measured on.
SPREAD_IMAGES = 10_000


def distinct_rows(rows: np.ndarray) -> int:
    """Return how many rows of an array differ from each other."""
    return len({blake2b(np.ascontiguousarray(row), digest_size=16).digest() for row in rows})


def spread(rows: np.ndarray) -> float:
    """Return the standard deviation of (n, d) values per column, averaged over the columns."""
    blocks = [np.asarray(rows[i : i + BLOCK], np.float64) for i in range(0, len(rows), BLOCK)]
    mean = sum(block.sum(axis=0) for block in blocks) / len(rows)
    squares = sum(np.square(block - mean).sum(axis=0) for block in blocks) / len(rows)
    return float(np.sqrt(squares).mean())


def sample_warnings(samples: np.ndarray, dataset: Dataset) -> list[str]:
    """Return what a reader of a score of (n, d) samples must know besides it.

    Raises:
        UserError: the samples are all alike, or there is but one: their score means nothing.
    """
    distinct = distinct_rows(samples)
    if distinct == 1:
        found = "one sample" if len(samples) == 1 else f"all {len(samples)} samples are alike"
        raise UserError(
            f"{found}: a score of that means nothing; draw more, or, if it is a model that has "
            "collapsed, train it otherwise"
        )
    return _alike(samples, distinct, "samples") + _narrow(samples, _data_spread(dataset))


def data_warnings(dataset: Dataset, fold: int) -> list[str]:
    """Return what a reader must know of a fold's test images."""
    test = dataset.pixels[dataset.fold(fold).test]
    return _alike(test, distinct_rows(test), "test images")


def run_warnings(draws: np.ndarray, weights: Mapping[str, Tensor], dataset: Dataset) -> list[str]:
    """Return why a trained model should not be trusted, from (n, d) draws and its weights."""
    found = _alike(draws, distinct_rows(draws), "samples")
    found += _narrow(draws, _data_spread(dataset))
    largest = max(float(tensor.abs().max()) for tensor in weights.values())
    if largest > LARGEST_WEIGHT:
        found.append(f"weights reach {largest:.0e}: the learning rate is too high")
    return found


def _alike(rows: np.ndarray, distinct: int, what: str) -> list[str]:
    if distinct >= DISTINCT * len(rows):
        return []
    return [f"only {distinct} of {len(rows)} {what} are distinct"]


def _narrow(samples: np.ndarray, data: float) -> list[str]:
    width = spread(samples)
    if width >= SPREAD * data:
        return []
    return [f"samples hardly vary: by {width:.1g} per pixel, the data by {data:.1g}"]


def _data_spread(dataset: Dataset) -> float:
    return spread(dataset.images(dataset.train[:SPREAD_IMAGES]))

"""A dataset whose parts have different sizes, and more validation images than choose σ."""

import numpy as np
import pytest

from gan_repro.data.dataset import Dataset, Fold


@pytest.fixture
def uneven() -> Dataset:
    """Images of 2×2 pixels: 40 train, 1,200 validate, 7 test."""
    pixels = np.random.default_rng(0).integers(0, 256, (1_247, 4), dtype=np.uint8)
    rows = np.arange(1_247)
    return Dataset(
        name="digits",
        title="uneven",
        shape=(2, 2),
        pixels=pixels,
        labels=rows % 10,
        maximum=255,
        train=rows[:40],
        folds=(Fold(valid=rows[40:1_240], test=rows[1_240:]),),
    )

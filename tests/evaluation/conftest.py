"""A dataset whose parts have different sizes, and more validation images than choose σ."""

import pytest
from harness import tiny_images

from gan_repro.data.dataset import Dataset


@pytest.fixture
def uneven() -> Dataset:
    """Images of 2×2 pixels: 40 train, 1,200 validate, 7 test."""
    return tiny_images("uneven", 40, 1_200, 7)

"""Stand-in data that the dependencies carry, for a run without any download."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from gan_repro.data.dataset import Dataset, Fold

DIGITS_TRAIN, DIGITS_VALID = 1_257, 180


def read_digits(name: str, title: str, folder: Path) -> Dataset:
    """Read scikit-learn's 1,797 8×8 digits: 1,257 train, 180 validate, 360 test, in file order."""
    digits = load_digits()
    rows = np.arange(len(digits.data))
    held_out = rows[DIGITS_TRAIN:]
    return Dataset(
        name=name,
        title=title,
        shape=(8, 8),
        pixels=digits.data.astype(np.uint8),
        labels=digits.target,
        maximum=16,
        train=rows[:DIGITS_TRAIN],
        folds=(Fold(valid=held_out[:DIGITS_VALID], test=held_out[DIGITS_VALID:]),),
    )

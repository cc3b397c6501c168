"""Attacks: a short run of each with every test, all of them with `make torture`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from children import FULL

from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits


@pytest.fixture
def chance() -> np.random.Generator:
    """Where and when: the same each time, and new each time under `make torture`."""
    return np.random.default_rng(None if FULL else 0)


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with prepared digits."""
    data = tmp_path_factory.mktemp("data")
    save(read_digits("digits", "digits 8×8 (not MNIST)", data), data / "prepared/digits.npz")
    return data


@pytest.fixture
def say(capsys: pytest.CaptureFixture) -> Callable[[str], None]:
    """Print a figure that `make torture` is asked for, past pytest's capture."""

    def line(text: str) -> None:
        if FULL:
            with capsys.disabled():
                print(f"\n{text}", flush=True)

    return line

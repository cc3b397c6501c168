"""Attacks: a short run of each with every test, all of them with `make torture`."""

from collections.abc import Callable

import numpy as np
import pytest
from children import FULL


@pytest.fixture
def chance() -> np.random.Generator:
    """Where and when: the same each time, and new each time under `make torture`."""
    return np.random.default_rng(None if FULL else 0)


@pytest.fixture
def say(capsys: pytest.CaptureFixture) -> Callable[[str], None]:
    """Print a figure that `make torture` is asked for, past pytest's capture."""

    def line(text: str) -> None:
        if FULL:
            with capsys.disabled():
                print(f"\n{text}", flush=True)

    return line

"""What every test shares: one thread, real data where a mirror is set, and a tiny dataset."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from harness import tiny_images
from hypothesis import settings

from gan_repro.data.dataset import Dataset, save
from gan_repro.data.embedded import read_digits
from gan_repro.data.fetch import fetch
from gan_repro.data.prepare import prepare

torch.set_num_threads(1)

# Continuous integration tries the same examples each time; elsewhere new ones are searched.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")


# Files run side by side, and a long one that begins last leaves a core idle: these begin first.
LONGEST = ("test_demo.py", "test_survives.py", "test_workflow.py", "test_notebooks.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take minutes first; the order is otherwise as collected."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Close what a test has drawn: Matplotlib warns of more than 20 figures in one process."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of real datasets; tests that need it are skipped where none is set."""
    folder = os.environ.get("GAN_REPRO_MIRROR")
    if not folder:
        pytest.skip("GAN_REPRO_MIRROR is not set: no real data")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def mnist_data(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with MNIST fetched from the mirror and prepared."""
    if not (mirror / "mnist").is_dir():
        pytest.skip(f"{mirror} has no folder mnist")
    data = tmp_path_factory.mktemp("data")
    fetch("mnist", data / "raw")
    prepare("mnist", data / "raw", data / "prepared")
    return data


@pytest.fixture
def tiny() -> Dataset:
    """Sixty 2×2 images: 40 train, 10 validate, 10 test."""
    return tiny_images("tiny", 40, 10, 10)


@pytest.fixture(scope="session")
def digits_images() -> tuple[torch.Tensor, Dataset]:
    """The demo's digits: training images in model space, and the dataset."""
    dataset = read_digits("digits", "digits 8×8 (not MNIST)", Path())
    return torch.from_numpy(dataset.images(dataset.train)), dataset


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with prepared digits."""
    data = tmp_path_factory.mktemp("data")
    save(read_digits("digits", "digits 8×8 (not MNIST)", data), data / "prepared/digits.npz")
    return data

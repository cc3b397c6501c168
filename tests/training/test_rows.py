"""Images that do not fit the device: read in shuffled blocks from a memory map."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.job import Options
from gan_repro.experiments.run import train
from gan_repro.training.rows import Blocks, shuffled
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")
STORE = np.random.default_rng(0).random((103, 5)).astype(np.float32)


def blocks(size: int = 20) -> tuple[Blocks, list[np.ndarray]]:
    """Blocks of a store, and a list of what is read from it."""
    seen: list[np.ndarray] = []
    read = lambda rows: seen.append(rows) or STORE[rows]  # noqa: E731
    found = Blocks(read, len(STORE), size, CPU)
    seen.clear()
    return found, seen


def test_rows_are_those_of_the_store():
    images, _ = blocks()
    rows = torch.randperm(103)
    np.testing.assert_array_equal(images[rows], STORE[rows])
    np.testing.assert_array_equal(
        images[rows[:100].view(4, 25)], STORE[rows[:100]].reshape(4, 25, 5)
    )
    assert images.shape == (103, 5)
    torch.testing.assert_close(
        images.mean(dim=0, dtype=torch.float64), torch.from_numpy(STORE).double().mean(dim=0)
    )


def test_an_epoch_reads_every_block_once_and_holds_those_of_a_minibatch():
    images, seen = blocks()
    order = shuffled(images, torch.Generator().manual_seed(1))
    assert torch.equal(order.sort().values, torch.arange(103, dtype=torch.int32))
    for rows in order.split(16):
        np.testing.assert_array_equal(images[rows], STORE[rows])
        assert len(images.held) == len((rows // 20).unique())
    assert sorted(part[0] for part in seen) == [0, 20, 40, 60, 80, 100]
    assert not torch.equal(order, shuffled(images, torch.Generator().manual_seed(2)))


def test_blocks_come_in_random_order_and_so_do_their_images():
    images, _ = blocks()
    firsts = set()
    for seed in range(40):
        order = shuffled(images, torch.Generator().manual_seed(seed))
        numbers = (order // 20).tolist()
        firsts.add(numbers[0])
        changes = sum(a != b for a, b in pairwise(numbers))
        assert changes == 5
    assert firsts == set(range(6))


def test_one_block_of_everything_is_a_shuffle_of_everything():
    images, _ = blocks(103)
    order = shuffled(images, torch.Generator().manual_seed(1))
    whole = torch.arange(103, dtype=torch.int32)
    assert torch.equal(order.sort().values, whole)
    assert not torch.equal(order, whole)


def test_a_mapped_dataset_is_the_dataset_and_stays_in_its_file(digits):
    path = digits / "prepared/digits.npz"
    mapped, read = load(path, mapped=True), load(path)
    assert isinstance(mapped.pixels, np.memmap)
    assert not isinstance(read.pixels, np.memmap)
    np.testing.assert_array_equal(mapped.pixels, read.pixels)
    np.testing.assert_array_equal(mapped.train, read.train)


@pytest.mark.parametrize("name", ["digits_authors", "digits_gsn", "digits_vae"])
def test_a_training_in_blocks_resumes_to_the_same_bytes_and_says_so(digits, tmp_path, name):
    experiment = load_experiment(name)[1].with_epochs(3)
    plan = experiment.plan.model_copy(update={"validate_samples": 200})
    experiment = experiment.model_copy(update={"plan": plan})

    def run(folder, epochs):
        return train(
            name, experiment.with_epochs(epochs), 0, digits / "prepared", RunFolder(folder), CPU,
            options=Options(resident_images=300),
        )  # fmt: skip

    record = run(tmp_path / "whole", 3)
    run(tmp_path / "parts", 1)
    run(tmp_path / "parts", 3)
    weights = [(tmp_path / part / "model.safetensors").read_bytes() for part in ("whole", "parts")]
    assert weights[0] == weights[1]
    assert record.resident_images == 300
    with pytest.raises(UserError, match="resident_images: 300 → not set"):
        train(name, experiment, 0, digits / "prepared", RunFolder(tmp_path / "whole"), CPU)


def test_a_model_that_needs_all_images_at_once_is_refused(digits, tmp_path):
    for name in ("digits_conditional", "digits_completion"):
        experiment = load_experiment(name)[1].with_epochs(1)
        with pytest.raises(UserError, match="all images at once"):
            train(
                name, experiment, 0, digits / "prepared", RunFolder(tmp_path / name), CPU,
                options=Options(resident_images=300),
            )  # fmt: skip

"""The prepared format: what goes in comes out, the same bytes each time, and damage is named."""

import numpy as np
import pytest

from gan_repro.data.dataset import load, save
from gan_repro.data.embedded import DIGITS_TRAIN, DIGITS_VALID, read_digits
from gan_repro.data.mnist import read_mnist
from gan_repro.errors import UserError


def test_round_trip(tiny, tmp_path):
    save(tiny, tmp_path / "a.npz")
    save(tiny, tmp_path / "b.npz")
    found = load(tmp_path / "a.npz")
    assert (found.name, found.title, found.shape) == (tiny.name, tiny.title, tiny.shape)
    np.testing.assert_array_equal(found.pixels, tiny.pixels)
    np.testing.assert_array_equal(found.fold(0).test, tiny.fold(0).test)
    assert found.sha256 == load(tmp_path / "b.npz").sha256


def test_model_space_runs_from_zero_to_one(tiny):
    images = tiny.images(np.arange(60))
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, tiny.pixels / 255.0, rtol=1e-7)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"text"])
def test_a_damaged_file_is_one_line(tmp_path, content):
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"not an archive of arrays .*gan-repro prepare mnist"):
        load(path)


def test_a_missing_file_names_the_commands(tmp_path):
    with pytest.raises(UserError, match="gan-repro fetch mnist && gan-repro prepare mnist"):
        load(tmp_path / "mnist.npz")


def test_there_is_no_fold_beyond_the_last(tiny):
    with pytest.raises(UserError, match="there is no fold 1"):
        tiny.fold(1)


def test_digits_are_split_once(tmp_path):
    digits = read_digits("digits", "digits 8×8 (not MNIST)", tmp_path)
    fold = digits.fold(0)
    rows = np.concatenate([digits.train, fold.valid, fold.test])
    assert sorted(rows) == list(range(1_797))
    assert (len(digits.train), len(fold.valid)) == (DIGITS_TRAIN, DIGITS_VALID)
    images = digits.images(digits.train)
    assert images.min() == 0
    assert images.max() == 1


def test_mnist_has_the_authors_split(mnist_data):
    mnist = load(mnist_data / "prepared/mnist.npz")
    fold = mnist.fold(0)
    np.testing.assert_array_equal(mnist.train, np.arange(50_000))
    np.testing.assert_array_equal(fold.valid, np.arange(50_000, 60_000))
    np.testing.assert_array_equal(fold.test, np.arange(60_000, 70_000))
    # Published facts: the first training labels, and the mean over all 60,000 training images.
    assert mnist.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.labels[60_000:60_005].tolist() == [7, 2, 1, 0, 4]
    assert mnist.images(np.arange(60_000)).mean() == pytest.approx(0.1307, abs=5e-5)


def test_files_of_another_dataset_are_refused(tmp_path, mnist_data):
    raw = mnist_data / "raw/mnist"
    for part, source in (("train", "t10k"), ("t10k", "train")):
        for kind in ("images-idx3", "labels-idx1"):
            target = tmp_path / f"{part}-{kind}-ubyte.gz"
            target.write_bytes((raw / f"{source}-{kind}-ubyte.gz").read_bytes())
    with pytest.raises(UserError, match=r"expected \(60000, 28, 28\)"):
        read_mnist("mnist", "MNIST", tmp_path)

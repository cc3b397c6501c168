"""Anybody's samples are checked before they are scored, each problem in one line."""

import pickle

import numpy as np
import pytest

from gan_repro.errors import UserError
from gan_repro.evaluation.samples import load_samples


def saved(tmp_path, array):
    path = tmp_path / "samples.npy"
    np.save(path, array, allow_pickle=True)
    return path


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 2), (3, 2, 2, 1)])
def test_rows_or_images_of_the_right_size_are_taken(tmp_path, tiny, shape):
    array = np.random.default_rng(0).random(shape).astype(np.float32)
    found = load_samples(saved(tmp_path, array), tiny)
    np.testing.assert_array_equal(found, array.reshape(3, 4))


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((3, 5)), "5 values per sample, but tiny has 4"),
        (np.zeros(4), r"shape \(4,\); expected \(n, pixels\)"),
        (np.zeros((0, 4)), "expected"),
        (np.array([[0, 0, 0, 0], [0, np.nan, 0, 0]]), "sample 1 has NaN"),
        (np.full((2, 4), np.inf), "sample 0 has NaN or infinite"),
        (np.full((2, 4), 255.0), "values run from 255 to 255, but the data lies in"),
        (np.full((2, 4), -0.5), "rescale or clip"),
        (np.zeros((2, 4), dtype=np.uint8), "values are uint8; save floats"),
        (np.array([{"a": 1}]), "pickled objects and records are refused"),
    ],
)
def test_everything_else_is_refused_in_one_line(tmp_path, tiny, array, problem):
    path = saved(tmp_path, array)
    with pytest.raises(UserError, match=problem) as caught:
        load_samples(path, tiny)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_bare_pickle_is_never_executed(tmp_path, tiny):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "trap"), "w"))

    path = tmp_path / "samples.npy"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(UserError, match="is not a plain .npy array"):
        load_samples(path, tiny)
    assert not (tmp_path / "trap").exists()


def test_other_files_are_named(tmp_path, tiny):
    with pytest.raises(UserError, match="does not exist"):
        load_samples(tmp_path / "none.npy", tiny)
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 4)))
    with pytest.raises(UserError, match="is not a plain .npy array"):
        load_samples(tmp_path / "a.npz", tiny)
    (tmp_path / "cut.npy").write_bytes(saved(tmp_path, np.zeros((9, 4))).read_bytes()[:150])
    with pytest.raises(UserError, match=r"not a plain \.npy array"):
        load_samples(tmp_path / "cut.npy", tiny)

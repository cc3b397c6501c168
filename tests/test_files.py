"""Writes are whole or not at all, and the same content gives the same bytes."""

import os

import numpy as np
import pytest

from gan_repro.errors import UserError
from gan_repro.files import atomic_path, read_json, sha256, write_json, write_npy, write_npz


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail():
        with atomic_path(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write .*choose a writable folder"):
        write_json(tmp_path / "file" / "inside.json", {})


def test_json_round_trips_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"σ": [0.1, 1]})
    assert read_json(tmp_path / "a.json") == {"σ": [0.1, 1]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "b.json", float("nan"))
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize("content", ["{", "\x00", ""])
def test_broken_json_is_one_line(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(UserError, match=r"a\.json is not valid JSON"):
        read_json(tmp_path / "a.json")


def test_arrays_are_reproducible_and_never_pickled(tmp_path):
    arrays = {"x": np.arange(6).reshape(2, 3), "name": np.array("text")}
    write_npz(tmp_path / "a.npz", arrays)
    write_npz(tmp_path / "b.npz", arrays)
    assert sha256(tmp_path / "a.npz") == sha256(tmp_path / "b.npz")
    with pytest.raises(ValueError, match="allow_pickle"):
        write_npy(tmp_path / "c.npy", np.array([{}], dtype=object))
    assert not (tmp_path / "c.npy").exists()

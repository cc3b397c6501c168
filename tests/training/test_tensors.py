"""Tensor files: every bit is guarded, and the same content gives the same bytes."""

import os

import pytest
import torch

from gan_repro import files
from gan_repro.errors import UserError
from gan_repro.training.tensors import load_tensors, save_tensors

TENSORS = {"weight": torch.arange(6.0).reshape(2, 3), "rng": torch.arange(5, dtype=torch.uint8)}
STATE = {"epoch": 3, "best": None, "rows": [{"loss": 0.25}]}


def test_round_trip_and_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_tensors(tmp_path / name, TENSORS, STATE)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    tensors, state = load_tensors(tmp_path / "a")
    assert state == STATE
    assert set(tensors) == set(TENSORS)
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_a_flipped_bit_anywhere_is_noticed_and_the_file_kept(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    save_tensors(path, TENSORS, STATE)
    good = path.read_bytes()
    for position in range(0, len(good), 7):
        damaged = bytearray(good)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="is damaged .*restore it from a copy, or delete it"):
            load_tensors(path)
        assert path.read_bytes() == bytes(damaged)


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_other_files_are_damaged_too(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UserError, match="is damaged"):
        load_tensors(tmp_path / "x")


def test_what_is_written_is_the_file_that_is_locked(tmp_path, monkeypatch):
    """Another one, that a library puts in its place, is swept by nobody after a kill."""
    made, replace = [], os.replace
    make = files._make_temporary
    monkeypatch.setattr(files, "_make_temporary", lambda path: made.append(make(path)) or made[-1])

    def compare(source, target):
        ((handle, path),) = made
        assert os.fstat(handle).st_ino == os.stat(path).st_ino == os.stat(source).st_ino
        replace(source, target)

    monkeypatch.setattr(os, "replace", compare)
    save_tensors(tmp_path / "a.safetensors", {"w": torch.ones(3)}, None)
    assert load_tensors(tmp_path / "a.safetensors")[0]["w"].tolist() == [1, 1, 1]

"""Checkpoints: every bit is guarded, and the same content gives the same bytes."""

import pytest
import torch

from gan_repro.errors import UserError
from gan_repro.training.runs import (
    RunFolder,
    first_difference,
    load_tensors,
    provenance,
    save_tensors,
    source_digest,
    stream_seed,
)

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


def test_differences_are_named_by_their_place():
    old = {"model": {"layers": [{"units": 3}, {"units": 4}]}, "seed": 0}
    assert first_difference(old, old) is None
    new = {"model": {"layers": [{"units": 3}, {"units": 5}]}, "seed": 0}
    assert first_difference(old, new) == "model.layers.1.units: 4 → 5"
    assert first_difference({"a": 1}, {"a": 1, "b": 2}) == "b: None → 2"


def test_streams_never_share_a_seed():
    seeds = {stream_seed(seed, name) for seed in range(50) for name in ("shuffle", "samples")}
    assert len(seeds) == 100
    assert stream_seed(0, "shuffle") == stream_seed(0, "shuffle")


def test_source_digests_follow_the_sources():
    assert source_digest(["errors.py", "files.py"]) == source_digest(["files.py", "errors.py"])
    assert source_digest(["training/runs.py"]) != source_digest(["files.py"])


def test_provenance_says_what_ran_where():
    found = provenance(torch.device("cpu"))
    assert found["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert found["threads"] == torch.get_num_threads()
    assert found["device"].startswith("cpu")


def test_an_unfinished_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no finished run"):
        RunFolder(tmp_path).read_record()

"""What `make gpu` does, as far as a machine without a GPU can show it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks import reference_runs
from benchmarks.agreement import GRAPH
from benchmarks.gpu import kind_of_steps, main
from benchmarks.packing import LEFT_OUT, pack
from benchmarks.reference_runs import ReferenceRuns, Wanted

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_where_there_is_no_gpu_it_says_so_in_one_line(capsys):
    assert main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no GPU here" in line
    assert "--rehearse" in line


def test_steps_are_replayed_only_where_that_gave_the_same_bits():
    rows = [
        ("a", "cuda with float64", True), ("a", GRAPH, True),
        ("b", "cuda with float64", True), ("b", GRAPH, False), ("c", "cuda with float64", True),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["experiment", "compared", "holds"])
    assert [kind_of_steps(table, name) for name in "abcd"] == ["graph", "eager", "eager", "eager"]


def test_what_fits_is_packed_by_importance(tmp_path):
    folder = tmp_path / "results"
    for seed in range(3):
        place = folder / f"runs/e/seed{seed}"
        place.mkdir(parents=True)
        (place / "run.json").write_bytes(b"r" * 100)
        (place / "model.safetensors").write_bytes(b"w" * 400)
        (place / "samples.npy").write_bytes(b"s" * 10)
    (folder / "huge.csv").write_bytes(b"h" * 2_000)
    left = pack(folder, folder / "pack", most=1_200, largest=1_000)
    packed = {
        str(p.relative_to(folder / "pack")) for p in (folder / "pack").rglob("*") if p.is_file()
    }
    assert packed == {
        LEFT_OUT, *(f"runs/e/seed{seed}/run.json" for seed in range(3)),
        "runs/e/seed0/model.safetensors", "runs/e/seed1/model.safetensors",
    }  # fmt: skip
    assert sorted(map(str, left)) == ["huge.csv", "runs/e/seed2/model.safetensors"]
    again = pack(folder, folder / "pack", most=1_200, largest=1_000)
    assert again == left


def test_a_training_whose_time_is_over_is_closed_where_it_is(digits, tmp_path, monkeypatch):
    """It ends as a finished run of fewer epochs, scored, and can be extended later."""
    asked = []

    def verb(*arguments, deadline=None):
        asked.append(arguments)
        if len(asked) > 1:
            return reference_verb(*arguments)
        # As one that is stopped after its third epoch: a checkpoint is all that there is.
        short = [3 if argument == 50_000 else argument for argument in arguments]
        assert reference_verb(*short)[0] == 0
        (tmp_path / "digits_authors/seed0/run.json").unlink()
        return None, "SIGTERM"

    reference_verb = reference_runs.verb
    monkeypatch.setattr(reference_runs, "verb", verb)
    deadline = time.monotonic() + 1_000
    runs = ReferenceRuns(tmp_path, digits, "cpu", lambda name: "eager", deadline, samples=200)
    (outcome,) = runs.make([Wanted("digits_authors", (0,), epochs=50_000)])
    assert outcome.state == "closed", outcome
    record = json.loads((tmp_path / "digits_authors/seed0/run.json").read_text(encoding="utf-8"))
    assert record["epochs"] == 3
    assert (tmp_path / "digits_authors/seed0/parzen.json").exists()


def test_there_is_no_time_for_what_comes_last(tmp_path):
    runs = ReferenceRuns(
        tmp_path, tmp_path, "cpu", lambda name: "eager", time.monotonic() + 10, 100
    )
    (outcome,) = runs.make([Wanted("digits_authors", (0,))])
    assert outcome.state == "left"


def test_a_run_that_fails_stops_none_of_the_others(tmp_path):
    deadline = time.monotonic() + 1_000
    runs = ReferenceRuns(tmp_path / "runs", tmp_path, "cpu", lambda name: "eager", deadline, 100)
    found = runs.make([Wanted("digits_authors", (0,)), Wanted("no_such", (0,))])
    assert [outcome.state for outcome in found] == ["failed", "failed"]
    assert "does not exist" in found[0].message


def test_make_gpu_is_one_line_where_there_is_no_gpu():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)

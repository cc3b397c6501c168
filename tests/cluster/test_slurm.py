"""The workflow through sbatch: the same bytes, seeds side by side, no time limit that costs any."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from checkouts import make_checkout, run_snakemake

from gan_repro.files import read_json, sha256

DEMO = {
    "experiments": ["digits_authors", "digits_gsn"], "epochs": {"digits_authors": 40},
    "seeds": [0, 1], "columns": ["digits"], "calibration": ["digits"], "samples": 200,
    "figure2": {"a": ["digits_authors"]}, "figure3": "digits_authors",
    "notebook_parameters": None, "notebook_data": "digits", "device": "cpu",
    "checkpoint_seconds": 1,
}  # fmt: skip
TARGETS = ("results/table1.csv", "results/scores.csv", "results/figures/fig2.png")
SLURM = (
    "--workflow-profile", "profiles/slurm", "--slurm-status-command", "squeue",
    "--slurm-no-account", "--slurm-init-seconds-before-status-checks", "5",
)  # fmt: skip


def configure(folder: Path, **changes) -> Path:
    (folder / "mine.yaml").write_text(yaml.safe_dump({**DEMO, **changes}))
    return folder


def finish(folder: Path, *arguments: str) -> None:
    done = run_snakemake(folder, *arguments, "--configfile", "mine.yaml")
    assert done.returncode == 0, (done.stdout + done.stderr)[-4_000:]


def artefacts(folder: Path) -> dict[str, str]:
    """Return the digests of what must not depend on where it was computed."""
    names = ("model.safetensors", "samples.npy", "parzen.json", "table1.csv", "scores.csv")
    paths = [path for name in names for path in (folder / "results").rglob(name)]
    return {str(path.relative_to(folder)): sha256(path) for path in paths}


def most_at_once(process: subprocess.Popen) -> int:
    """Return how many jobs were seen running at the same time until a process ends."""
    most = 0
    while process.poll() is None:
        found = subprocess.run(
            ["squeue", "-h", "-t", "running"], capture_output=True, text=True
        ).stdout
        most = max(most, len(found.splitlines()))
        time.sleep(0.5)
    return most


@pytest.mark.slow
def test_the_demo_through_sbatch_has_the_same_bytes_and_runs_side_by_side(slurm, tmp_path):
    local = configure(make_checkout(tmp_path / "local"))
    finish(local, *TARGETS, "--cores", "1")
    remote = configure(make_checkout(tmp_path / "remote"))
    binary = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{binary}:{os.environ['PATH']}",
        "PYTHONPATH": f"{remote}:{os.environ.get('PYTHONPATH', '')}",
    }
    with open(tmp_path / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [f"{binary}/snakemake", *TARGETS, *SLURM, "--configfile", "mine.yaml"],
            cwd=remote, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        most = most_at_once(process)
    assert process.returncode == 0, (tmp_path / "log").read_text()[-4_000:]
    assert most >= 2
    expected = artefacts(local)
    assert len(expected) > 10
    assert artefacts(remote) == expected


@pytest.mark.slow
def test_a_job_that_its_time_limit_ends_goes_on_in_the_next(slurm, tmp_path):
    one = {"experiments": ["digits_authors"], "seeds": [0], "epochs": {"digits_authors": 1500}}
    target = "results/runs/digits_authors/seed0/trained.sha256"
    remote = configure(make_checkout(tmp_path / "remote"), **one, figure2={})
    limit = ("--set-resources", "train:runtime=1")
    finish(remote, target, *SLURM, *limit)
    attempts = (remote / "logs/train/digits_authors_seed0.log").read_text()
    assert "resumed in epoch" in attempts
    local = configure(make_checkout(tmp_path / "local"), **one, figure2={})
    finish(local, target, "--cores", "1")
    weights = "results/runs/digits_authors/seed0/model.safetensors"
    assert sha256(remote / weights) == sha256(local / weights)
    record = read_json(remote / "results/runs/digits_authors/seed0/run.json")
    assert record["epochs"] == 1500

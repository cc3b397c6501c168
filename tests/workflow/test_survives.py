"""Edits, other settings and kills: the workflow deletes no finished run, and leaves no process."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import yaml
from checkouts import make_checkout, run_snakemake

from gan_repro.files import sha256

FULL = os.environ.get("GAN_REPRO_TORTURE") == "full"
# One kind of model is enough for one kill; many kills are of trainings of several kinds.
EPOCHS = {"digits_authors": 20, "digits_gsn": 6} if FULL else {"digits_authors": 6}
CONFIG = {
    "experiments": list(EPOCHS), "epochs": EPOCHS, "extensions": None,
    "seeds": [0], "columns": ["digits"], "calibration": [], "samples": 50, "figure2": {},
    "figure3": "digits_authors", "notebook_parameters": None, "notebook_data": "digits",
    "device": "cpu", "changed": "refuse", "checkpoint_seconds": 0,
}  # fmt: skip
SETTINGS = {"threads=2": "belongs to another run (threads: 1 → 2)"}
if FULL:
    SETTINGS["device=gpu"] = "gpu"
TARGETS = ("results/scores.csv", "--cores", "1", "--configfile", "mine.yaml")
KEPT = ("model.safetensors", "metrics.csv", "checkpoint.safetensors")


def snakemake(folder: Path, *arguments: str):
    return run_snakemake(folder, *TARGETS, *arguments)


def digests(folder: Path) -> dict[str, str]:
    runs = sorted((folder / "results/runs").glob("*/seed0"))
    return {f"{run.parent.name}/{name}": sha256(run / name) for run in runs for name in KEPT}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A checkout with every run finished."""
    folder = make_checkout(tmp_path_factory.mktemp("finished"))
    (folder / "mine.yaml").write_text(yaml.safe_dump(CONFIG))
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr[-3_000:]
    return folder


@pytest.mark.slow
def test_an_edit_or_another_setting_costs_no_finished_run(finished):
    before = digests(finished)
    assert len(before) == len(EPOCHS) * len(KEPT)
    loop = finished / "gan_repro/training/loop.py"
    text = loop.read_text()
    loop.write_text(text.replace("METRICS_SECONDS = 10.0", "METRICS_SECONDS = 11.0"))
    done = snakemake(finished)
    assert done.returncode != 0
    assert "was written by other code" in done.stderr
    assert digests(finished) == before
    loop.write_text(text)
    for setting, said in SETTINGS.items():
        done = snakemake(finished, "--config", setting)
        assert done.returncode != 0
        assert said in done.stdout + done.stderr
        assert digests(finished) == before
    # As it was: the digests are written again, and nothing else is made.
    done = snakemake(finished)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert digests(finished) == before
    done = snakemake(finished, "--dry-run", "--config", "checkpoint_seconds=9")
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_wrong_value_of_an_experiment_stops_before_any_job(finished):
    path = finished / "config/experiments/digits_authors.yaml"
    text, logs = path.read_text(), sorted((finished / "logs").rglob("*"))
    path.write_text(text.replace("plan: {", "plan: {batch_size: -3, "))
    done = snakemake(finished, "--forceall")
    path.write_text(text)
    assert done.returncode != 0
    assert "plan.batch_size" in done.stdout + done.stderr
    assert sorted((finished / "logs").rglob("*")) == logs


def processes(folder: Path) -> list[str]:
    """Return the commands that run in a folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).resolve() == folder.resolve():
                found.append(" ".join(process.cmdline()))
    return [command for command in found if command]


@pytest.mark.slow
def test_a_killed_workflow_takes_its_jobs_along_and_ends_with_the_same_bytes(
    finished, tmp_path, capsys
):
    folder = make_checkout(tmp_path)
    (folder / "mine.yaml").write_text(yaml.safe_dump(CONFIG))
    binary = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{binary}:{os.environ['PATH']}", "PYTHONPATH": str(folder)
    }  # fmt: skip
    kills = 0
    for number in range(12 if FULL else 1):
        process = subprocess.Popen(
            [f"{binary}/snakemake", *TARGETS],
            cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        limit = time.monotonic() + 60
        while time.monotonic() < limit and process.poll() is None:
            if any("gan_repro" in command for command in processes(folder)):
                break
            time.sleep(0.1)
        time.sleep(0.5 * number % 7)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += process.returncode == -signal.SIGKILL
        limit = time.monotonic() + 20
        while processes(folder) and time.monotonic() < limit:
            time.sleep(0.1)
        assert not processes(folder)
        if number == 0:
            locked = snakemake(folder)
            assert "--unlock" in locked.stdout + locked.stderr
        assert snakemake(folder, "--unlock").returncode == 0
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert kills
    for name, digest in digests(finished).items():
        if name.endswith("model.safetensors"):
            assert sha256(folder / "results/runs" / name.replace("/", "/seed0/")) == digest
    for name in EPOCHS:
        score = f"results/runs/{name}/seed0/parzen.json"
        assert (folder / score).read_bytes() == (finished / score).read_bytes()
    assert not list((folder / "results").rglob(".*.tmp"))
    if FULL:
        with capsys.disabled():
            print(f"\n{kills} kills of the workflow, the same bytes", flush=True)

"""A finished run without its checkpoint, as one that was copied: it stands, and nothing is lost."""

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from children import short, train_here
from harness import run_record

from gan_repro.errors import UserError
from gan_repro.experiments import finished
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.job import Options
from gan_repro.experiments.joint_runs import train_together
from gan_repro.files import sha256
from gan_repro.training.runs import RunFolder

NAME = "digits_authors"


def content(folder: RunFolder) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.path.iterdir() if p.suffix and p.is_file()}


@pytest.fixture
def folder(digits, tmp_path) -> RunFolder:
    train_here(NAME, digits, tmp_path / "run", seconds=100)
    found = RunFolder(tmp_path / "run")
    found.checkpoint.unlink()
    return found


def test_the_same_run_again_is_there_already(digits, folder):
    before = content(folder)
    # Snakemake deletes what it declares before a job starts.
    folder.sums.unlink()
    train_here(NAME, digits, folder.path)
    assert content(folder) == before


@pytest.mark.parametrize(
    ("epochs", "said"),
    [(8, "epochs: 4 → 8"), (2, "epochs: 4 → 2")],
)
def test_another_length_is_refused_and_nothing_is_written_over(digits, folder, epochs, said):
    before = content(folder)
    with pytest.raises(UserError, match=f"without its checkpoint, .*{said}.*--restart"):
        train_here(NAME, digits, folder.path, experiment=short(NAME, epochs))
    assert content(folder) == before


def test_another_experiment_is_refused(digits, folder):
    before = content(folder)
    with pytest.raises(UserError, match="not the one that is asked for"):
        train_here("digits_gsn", digits, folder.path)
    assert content(folder) == before


def test_other_code_is_refused_until_it_is_accepted(digits, folder, monkeypatch):
    before = content(folder)
    monkeypatch.setattr(finished, "library_versions", lambda: {"torch": "9.9"})
    with pytest.raises(UserError, match=r"made by other code \(source\..*--accept-changed-source"):
        train_here(NAME, digits, folder.path)
    train_here(NAME, digits, folder.path, accept_changed_source=True)
    assert content(folder) == before


def test_restart_sets_another_run_aside_and_leaves_the_same_one(digits, folder):
    before = content(folder)
    train_here(NAME, digits, folder.path, restart=True)
    assert content(folder) == before
    train_here(NAME, digits, folder.path, restart=True, experiment=short(NAME, 2), seconds=100)
    assert content(RunFolder(folder.path / "earlier/1")) == before
    assert folder.read_record().epochs == 2


def test_a_record_without_its_weights_is_set_aside_and_the_run_made_again(digits, folder):
    weights = folder.weights.read_bytes()
    folder.weights.unlink()
    before = content(folder)
    train_here(NAME, digits, folder.path, seconds=100)
    assert folder.weights.read_bytes() == weights
    assert content(RunFolder(folder.path / "earlier/1")) == before


def test_damaged_weights_are_not_sealed(digits, folder):
    weights = bytearray(folder.weights.read_bytes())
    weights[-1] ^= 1
    folder.weights.write_bytes(weights)
    with pytest.raises(UserError, match=r"model\.safetensors"):
        train_here(NAME, digits, folder.path)


def test_seeds_that_all_stand_are_not_trained_together_again(digits, tmp_path):
    experiment = load_experiment(NAME)[1].for_epochs(2)[0]

    def train(seeds: list[int]) -> list[int]:
        cpu, options = torch.device("cpu"), Options(checkpoint_seconds=100)
        records = train_together(
            NAME, experiment, seeds, digits / "prepared", tmp_path, cpu, options
        )
        return [record.seed for record in records]

    assert train([0, 1]) == [0, 1]
    folders = [RunFolder(tmp_path / NAME / f"seed{seed}") for seed in (0, 1)]
    for folder in folders:
        folder.checkpoint.unlink()
    before = [content(folder) for folder in folders]
    assert train([0, 1]) == [0, 1]
    with pytest.raises(UserError, match="seed 0 is finished and its checkpoint is gone"):
        train([0, 2])
    assert [content(folder) for folder in folders] == before


def test_another_first_stage_makes_another_run(tmp_path):
    experiment, first = load_experiment("faces_stage2")[1], RunFolder(tmp_path / "first")
    first.path.mkdir()
    first.weights.write_bytes(b"weights")
    record = run_record().model_copy(
        update={
            "config": experiment.model_dump(mode="json"),
            "epochs": experiment.plan.epochs,
            "pretrained_sha256": sha256(first.weights),
        }
    )
    dataset = SimpleNamespace(sha256=record.dataset.sha256)
    job = SimpleNamespace(experiment=experiment, seed=record.seed, dataset=dataset)
    changed = partial(finished._changed, job, record, RunFolder(tmp_path), first)
    assert changed() is None
    first.weights.write_bytes(b"other weights")
    assert "pretrained_sha256" in changed()

"""What a run records, and what it refuses to go on from or to be scored with."""

import numpy as np
import pytest
import torch
from children import short, train_here

from gan_repro.artifacts.cards import write_card
from gan_repro.errors import UserError
from gan_repro.evaluation.samples import origin_of
from gan_repro.experiments import job
from gan_repro.experiments.restored import write_samples
from gan_repro.files import sha256, write_json
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")


@pytest.fixture
def folder(digits, tmp_path) -> RunFolder:
    train_here("digits_authors", digits, tmp_path / "run", seconds=100)
    return RunFolder(tmp_path / "run")


def test_another_version_of_torch_is_refused_until_it_is_accepted(digits, folder, monkeypatch):
    before = sha256(folder.checkpoint)
    monkeypatch.setattr(job, "library_versions", lambda: {"torch": "9.9", "numpy": "9"})
    longer = {"experiment": short("digits_authors", 6)}
    with pytest.raises(UserError, match=r"other code \(numpy: .* → 9\); say --accept|torch: "):
        train_here("digits_authors", digits, folder.path, **longer)
    assert sha256(folder.checkpoint) == before
    train_here("digits_authors", digits, folder.path, accept_changed_source=True, **longer)
    (change,) = folder.read_record().source_changes
    assert change.after["torch"] == "9.9"


def test_samples_of_other_weights_are_not_scored_under_a_runs_name(digits, folder):
    samples = folder.path / "samples.npy"
    write_samples(folder.weights, 20, None, CPU, samples)
    assert origin_of(samples).epochs == 4
    train_here(
        "digits_authors", digits, folder.path, experiment=short("digits_authors", 8), seconds=100
    )
    with pytest.raises(UserError, match="drawn from other weights than model.safetensors; draw"):
        origin_of(samples)
    write_samples(folder.weights, 20, None, CPU, samples)
    assert origin_of(samples).epochs == 8
    np.save(samples, np.zeros((3, 64), np.float32))
    with pytest.raises(UserError, match="is not what samples.drawn.json says was drawn"):
        origin_of(samples)


def test_a_card_does_not_carry_the_score_of_other_samples(folder):
    grid = {
        "sigma": 0.2, "at_edge": False, "valid_ll": 1.0, "test_ll": 1.0, "test_se": 0.1,
        "sigmas": [0.2], "valid_curve": [1.0],
    }  # fmt: skip
    samples = folder.path / "samples.npy"
    write_samples(folder.weights, 20, None, CPU, samples)
    score = {
        "experiment": "digits_authors", "row": "Adversarial nets", "seed": 0,
        "samples_sha256": sha256(samples), "dataset": "digits", "title": "t",
        "dataset_sha256": "0", "fold": 0, "samples": 20, "valid_points": 5, "test_points": 5,
        "grids": {"authors": grid, "fine": grid}, "warnings": [],
    }  # fmt: skip
    write_json(folder.path / "parzen.json", [score])
    assert "1.0 nats" in write_card(folder).read_text()
    other = {name: {**grid, "test_ll": 2.5} for name in ("authors", "fine")}
    drawn = score | {"samples_sha256": sha256(folder.weights), "grids": other, "draw": 1}
    another_subset = drawn | {"draw": 0, "subset": 1}
    write_json(folder.path / "redrawn.json", [drawn, drawn | {"draw": 2}, another_subset])
    assert "on the authors grid: 2.5, 2.5\n" in write_card(folder).read_text()
    write_json(folder.path / "redrawn.json", [drawn | {"samples_sha256": "0"}])
    with pytest.raises(UserError, match="is of other weights than model.safetensors; redraw them"):
        write_card(folder)
    (folder.path / "redrawn.json").unlink()
    digest = sha256(folder.weights)
    kept = folder.weights.rename(folder.path / "elsewhere")
    assert f"not kept here, SHA-256 `{digest}`" in write_card(folder).read_text()
    kept.rename(folder.weights)
    write_samples(folder.weights, 20, 7, CPU, samples)
    with pytest.raises(UserError, match="is of other samples than samples.npy; score them again"):
        write_card(folder)


def test_a_run_that_collapsed_says_so_in_its_record_and_on_its_card(digits, tmp_path):
    experiment = short("digits_gsn")
    model = experiment.model.model_copy(update={"learning_rate": 1e4})
    changed = experiment.model_copy(update={"model": model})
    train_here("digits_gsn", digits, tmp_path, experiment=changed, seconds=100)
    record = RunFolder(tmp_path).read_record()
    assert any("the learning rate is too high" in warning for warning in record.warnings)
    assert "do not trust this model" in write_card(RunFolder(tmp_path)).read_text()

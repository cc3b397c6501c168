"""A folder of results that was touched anywhere does not pass for what it says it is."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from gan_repro.artifacts import tables
from gan_repro.artifacts.cells import read_cells
from gan_repro.artifacts.manifest import write_manifest
from gan_repro.artifacts.verify import verify
from gan_repro.cli import app
from gan_repro.config.schema import to_json
from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.evaluation.parzen import score
from gan_repro.evaluation.scores import Score
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.restored import sample
from gan_repro.experiments.run import train
from gan_repro.files import write_json, write_npy
from gan_repro.theory.checks import Checks
from gan_repro.training.devices import prepare_device
from gan_repro.training.runs import RunFolder, trained_below

TITLE = "digits 8×8 (not MNIST)"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Results of one small run: weights, score, tables, checks, manifest."""
    root, data = tmp_path_factory.mktemp("results"), tmp_path_factory.mktemp("data")
    dataset = read_digits("digits", TITLE, data)
    save(dataset, data / "digits.npz")
    experiment = load_experiment("digits_authors")[1].with_epochs(2)
    plan = experiment.plan.model_copy(update={"validate_every": 1, "validate_samples": 50})
    experiment = experiment.model_copy(update={"plan": plan})
    folder = RunFolder(root / "runs/digits_authors/seed0")
    record = train("digits_authors", experiment, 0, data, folder, prepare_device("cpu"))
    samples = sample(folder.weights, 200)
    write_npy(folder.path / "samples.npy", samples)
    origin = {"experiment": "digits_authors", "row": record.row, "seed": 0, "epochs": 2}
    found = Score(**origin, samples_sha256="0", **to_json(score(samples, dataset)))
    write_json(folder.path / "parzen.json", [to_json(found)])
    cells = read_cells([folder.path / "parzen.json"])
    tables.write_csv(tables.table1(cells, {TITLE: TITLE}), root / "table1.csv")
    tables.write_csv(tables.comparison(cells), root / "table1_comparison.csv")
    tables.write_csv(tables.all_scores(cells), root / "scores.csv")
    checks = Checks("one")
    checks.add(id="a", claim="c", location="l", measured=0.5, relation="<=", bound=1.0)
    checks.add(id="b", claim="c", location="l", measured=0.5, relation="between", bound=(0, 1))
    checks.write(root / "checks/one.json")
    write_manifest([root / "table1.csv", folder.weights], root, root / "manifest.json")
    return root


@pytest.fixture
def results(built, tmp_path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(built, tmp_path / "results")
    return tmp_path / "results"


def change(path: Path, edit) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_what_was_built_agrees_with_itself(results):
    assert verify(results) == []


def test_a_run_that_was_set_aside_is_no_second_one(results):
    run = results / RUN
    shutil.copytree(run, results / "copy")
    shutil.move(results / "copy", run / "earlier/1")
    assert [folder.path for folder in trained_below(results)] == [run]
    assert verify(results) == []


RUN = "runs/digits_authors/seed0"


def test_a_damaged_table_of_epochs_is_one_line(built, tmp_path):
    shutil.copytree(built, tmp_path / "copy")
    (tmp_path / f"copy/{RUN}/metrics.csv").write_text("x\n1\n")
    with pytest.raises(UserError, match=r"metrics\.csv has no column epoch, valid_ll") as caught:
        verify(tmp_path / "copy")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "edit", "expected"),
    [
        (f"{RUN}/run.json", lambda c: c["chosen"].update(epoch=3 - c["chosen"]["epoch"]),
         "run.json keeps epoch"),
        (f"{RUN}/run.json", lambda c: c["chosen"].update(valid_ll=c["chosen"]["valid_ll"] + 1),
         "the validation score of epoch"),
        (f"{RUN}/run.json", lambda c: c.update(epochs=3), "metrics.csv has 2 epochs, run.json 3"),
        (f"{RUN}/run.json", lambda c: c.update(device="another"), "run.json: its SHA-256"),
        (f"{RUN}/parzen.json", lambda c: c[0].update(epochs=9), "parzen.json says 9 epochs"),
        (f"{RUN}/parzen.json", lambda c: c[0].update(experiment="other"), "is of other, seed 0"),
        (f"{RUN}/parzen.json", lambda c: c[0]["grids"]["fine"].update(sigma=0.05),
         "fine grid: σ is not the best"),
        (f"{RUN}/parzen.json", lambda c: c[0]["grids"]["authors"].update(test_ll=99.0),
         "table1.csv: Adversarial nets"),
        ("checks/one.json", lambda c: c["checks"][0].update(measured=2.0),
         "a says holds, but fails"),
        ("checks/one.json", lambda c: c["checks"][1].update(bound=[0.6, 1]), "b says holds, but"),
        ("manifest.json", lambda c: c.update({"table1.csv": "0"}), "table1.csv: its SHA-256"),
        ("manifest.json", lambda c: c.update({"gone.csv": "0"}), "gone.csv: in the manifest, but"),
    ],
)  # fmt: skip
def test_every_change_is_found(results, file, edit, expected):
    change(results / file, edit)
    assert any(expected in line for line in verify(results)), verify(results)


@pytest.mark.parametrize("name", ["table1.csv", "table1_comparison.csv", "scores.csv"])
def test_a_number_changed_by_hand_is_found(results, name):
    table = pd.read_csv(results / name, dtype=str, keep_default_na=False)
    column = {"table1.csv": TITLE, "table1_comparison.csv": "ours", "scores.csv": "se"}[name]
    table.loc[len(table) - 1, column] = "225 ± 2"
    table.to_csv(results / name, index=False)
    assert any(f"{name}: " in line and "225 ± 2" in line for line in verify(results))


def test_weights_that_were_exchanged_are_found(results):
    (results / RUN / "model.safetensors").write_bytes(b"other")
    assert any("model.safetensors: its SHA-256" in line for line in verify(results))


def test_an_empty_folder_is_one_line(tmp_path):
    with pytest.raises(UserError, match="holds no manifest"):
        verify(tmp_path)


def test_the_verb_exits_with_1_on_a_difference(results):
    from typer.testing import CliRunner

    assert CliRunner().invoke(app, ["verify", str(results)]).exit_code == 0
    change(results / "manifest.json", lambda content: content.update({"gone": "0"}))
    done = CliRunner().invoke(app, ["verify", str(results)])
    assert done.exit_code == 1
    assert "gone: in the manifest" in done.output

"""A folder of results that was touched anywhere does not pass for what it says it is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_repro.artifacts import tables
from gan_repro.artifacts.cells import read_cells
from gan_repro.artifacts.manifest import write_manifest
from gan_repro.artifacts.verified_runs import FINISHED
from gan_repro.artifacts.verify import DERIVED, verify
from gan_repro.cli import app
from gan_repro.config.schema import to_json
from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.evaluation.parzen import score
from gan_repro.evaluation.scores import Drawn, Score
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.restored import sample
from gan_repro.experiments.run import train
from gan_repro.files import sha256, write_json, write_npy
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
    digest = sha256(folder.path / "samples.npy")
    drawn = Drawn(weights_sha256=sha256(folder.weights), samples_sha256=digest)
    write_json(folder.path / "samples.drawn.json", to_json(drawn))
    found = Score(**origin, samples_sha256=digest, **to_json(score(samples, dataset)))
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


def holds(lines: list[str], *expected: str) -> None:
    """Assert that lines are one line each, and that each expected text is in exactly one."""
    assert all(line.isprintable() for line in lines), lines
    for text in expected:
        assert sum(text in line for line in lines) == 1, (text, lines)


SPOILED = {
    "empty": b"",
    "latin 1": "Model,model,dataset\nü,ü,ü\n".encode("latin-1"),
    "semicolons": b"Model;model;dataset\n1;2;3\n",
    "open quote": b'Model,model,dataset\n1,2,"3\n4,5,6\n',
    "extra column": b"Model,model,dataset,experiment,id\n1,2,3,4,5,6\n",
    "cut short": b"Model,model,dataset,experiment,id\n1,2,3\n",
    "other columns": b"Model,model,dataset,experiment,id\n1,2,3,4,5\n",
}


@pytest.mark.parametrize("content", SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize("name", DERIVED)
def test_a_damaged_table_is_a_line_and_does_not_hide_the_rest(results, name, content):
    (results / name).write_bytes(content)
    change(results / "checks/one.json", lambda c: c["checks"][0].update(verdict="fails"))
    lines = [line for line in verify(results) if "SHA-256" not in line]
    holds([line for line in lines if "one.json" not in line], name)
    assert any("one.json: a says fails, but holds" in line for line in lines)


def test_tables_that_are_all_damaged_are_a_line_each(results):
    for name in DERIVED:
        (results / name).write_bytes(b"\xff")
    lines = [line for line in verify(results) if "SHA-256" not in line]
    holds(lines, *(f"{name} is not a table" for name in DERIVED))
    # What is judged by the comparison names it as well.
    assert len(lines) == len(DERIVED)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x\n1\n", "metrics.csv has no column epoch, valid_ll"),
        (b"epoch;valid_ll\n1;2\n2;3\n", "metrics.csv has no column epoch, valid_ll"),
        (b"epoch,valid_ll\n1,good\n2,better\n", "metrics.csv is not a table of epochs"),
        (b"epoch,valid_ll\n1,\n2,\n", "metrics.csv is not a table of epochs"),
        (b"epoch,valid_ll\n1,nan\n2,1.0\n", "metrics.csv is not a table of epochs"),
    ],
)
def test_a_damaged_table_of_epochs_is_one_line(results, content, expected):
    (results / RUN / "metrics.csv").write_bytes(content)
    lines = verify(results)
    holds(lines, expected, f"{RUN}: metrics.csv: its SHA-256")
    assert len(lines) == 2


def test_a_byte_order_mark_changes_the_digest_and_no_epoch(results):
    path = results / RUN / "metrics.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert verify(results) == [
        f"{RUN}: metrics.csv: its SHA-256 is not the one it was finished with"
    ]


@pytest.mark.parametrize("content", ["[]", "null", "3", '{"a": 1}', "{"])
def test_a_manifest_of_another_kind_is_one_line(results, content):
    (results / "manifest.json").write_text(content)
    (results / "checks/one.json").write_text("[]")
    holds(verify(results), "manifest.json is not", "one.json")


@pytest.mark.parametrize("name", ["../x.txt", "/etc/hostname", "checks/../../x.txt"])
def test_a_manifest_does_not_lead_outside(results, name):
    (results.parent / "x.txt").write_text("x")
    change(results / "manifest.json", lambda content: content.update({name: "0"}))
    assert verify(results) == [f"{name}: in the manifest, but outside of the folder"]


def test_a_name_that_no_disk_takes_is_one_line(results):
    change(results / "manifest.json", lambda content: content.update({"x" * 5000: "0"}))
    (line,) = verify(results)
    assert "File name too long" in line
    assert len(line) <= 300


def test_tables_have_a_manifest(results):
    (results / "manifest.json").write_text("{}")
    assert verify(results) == ["manifest.json: names nothing"]
    (results / "manifest.json").unlink()
    assert verify(results) == ["no manifest.json beside tables"]


@pytest.mark.parametrize("content", [b"\xff\n", b"garbage\n", b"0  model.safetensors\n"])
def test_a_damaged_seal_is_one_line(results, content):
    (results / RUN / "trained.sha256").write_bytes(content)
    (results / "checks/one.json").write_text("[]")
    lines = verify(results)
    holds(lines, "trained.sha256 is not a list of SHA-256 digests", "one.json")
    assert len(lines) == 2


def test_a_seal_that_names_another_file_misses_it(results):
    seal = results / RUN / "trained.sha256"
    seal.write_text(seal.read_text() + f"{'0' * 64}  extra.json\n")
    assert verify(results) == [f"{RUN}: extra.json: in trained.sha256, but not there"]


def test_an_empty_seal_is_found(results):
    (results / RUN / "trained.sha256").write_bytes(b"")
    holds(verify(results), *(f"trained.sha256 has no digest of {name}" for name in FINISHED))


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("run.json", "no run.json, but model.safetensors, trained.sha256, parzen.json"),
        ("metrics.csv", "no metrics.csv, but run.json"),
        ("trained.sha256", "no trained.sha256, which says what the run was finished with"),
    ],
)
def test_a_part_of_a_run_that_is_gone_is_found(results, gone, expected):
    (results / RUN / gone).unlink()
    assert verify(results) == [f"{RUN}: {expected}"]


def test_weights_need_not_be_kept_and_a_course_alone_needs_no_seal(results):
    manifest = results / "manifest.json"
    change(manifest, lambda content: content.pop(f"{RUN}/model.safetensors"))
    (results / RUN / "model.safetensors").unlink()
    beside = results / "beside/digits_authors/seed0"
    beside.mkdir(parents=True)
    for name in ("run.json", "metrics.csv"):
        shutil.copy(results / RUN / name, beside)
    assert verify(results) == []
    (beside / "scores.json").write_text("[]")
    holds(verify(results), "beside/digits_authors/seed0: no trained.sha256")


def test_scores_of_what_was_not_trained_need_no_run(results):
    for number, place in enumerate((results / "mine", results / "calibration")):
        place.mkdir()
        (content,) = json.loads((results / RUN / "parzen.json").read_text())
        own = {"row": f"r{number}", "experiment": f"e{number}"}
        (place / "parzen.json").write_text(json.dumps([content | own | {"epochs": None}]))
    (results / "calibration/run.json").write_text('{"experiment": "e1", "row": "r1", "seed": 0}')
    assert verify(results) == []


def test_samples_that_are_not_those_drawn_and_scored_are_found(results):
    write_npy(results / RUN / "samples.npy", np.zeros((3, 64), np.float32))
    assert verify(results) == [
        f"{RUN}: samples.npy is not what samples.drawn.json says was drawn",
        f"{RUN}: parzen.json is of other samples than samples.npy",
    ]
    (results / RUN / "samples.npy").unlink()
    assert verify(results) == []
    change(results / RUN / "samples.drawn.json", lambda c: c.update(weights_sha256="0"))
    assert verify(results) == [
        f"{RUN}: samples.drawn.json is of other weights than model.safetensors"
    ]


def test_a_score_without_a_curve_is_one_line(results):
    change(results / RUN / "parzen.json", lambda c: c[0]["grids"]["fine"].update(valid_curve=[]))
    holds(verify(results), "parzen.json has no curve over σ")


def test_a_card_that_is_no_text_is_one_line(results):
    (results / RUN / "card.md").write_bytes(b"\xff")
    holds(verify(results), "card.md is not a model card")
    (results / RUN / "card.md").write_text("SHA-256 of others")
    (results / RUN / "model.safetensors").unlink()
    assert f"{RUN}: card.md is of other weights" in verify(results)


@pytest.mark.parametrize("name", ["REPORT.md", "REPORT.html"])
def test_a_report_that_is_no_text_is_one_line(results, name):
    for page in ("REPORT.md", "REPORT.html"):
        (results / page).write_text("other")
    (results / name).write_bytes(b"\xff")
    lines = verify(results)
    holds(lines, f"{name} is not a page", "is not the report of what is beside it")
    assert len(lines) == 2


def test_a_report_of_a_table_of_words_is_one_line(results):
    (results / "REPORT.md").write_text("other")
    table = pd.read_csv(results / "table1_comparison.csv", dtype=str, keep_default_na=False)
    table.loc[:, ["paper", "ours", "our_se"]] = "many"
    table.to_csv(results / "table1_comparison.csv", index=False)
    assert all(line.isprintable() for line in verify(results))


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

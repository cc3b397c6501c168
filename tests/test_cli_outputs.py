"""Where the command line writes: never over what it reads, nor over what a training made."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_cli import fail, run, short_run, succeed

from gan_repro.errors import Interrupted
from gan_repro.evaluation.growth import Series
from gan_repro.files import read_json
from gan_repro.theory.checks import Checks

RUN = Path("results/runs/digits_authors/seed0")
TITLE = "digits 8×8 (not MNIST)"


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A folder with prepared digits, and one short finished run with samples and a score."""
    folder = short_run(tmp_path_factory.mktemp("trained"), 1)
    succeed("sample", RUN, "--count", 120, cwd=folder)
    succeed("parzen", RUN / "samples.npy", "--dataset", "digits", cwd=folder)
    return folder


@pytest.fixture
def place(trained, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(trained, tmp_path / "place", symlinks=True))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


SCORED = ("parzen", RUN / "samples.npy", "--dataset", "digits")
GROWN = ("parzen", "--from", RUN, "--count", 100)
READ = "is what this reads"
OWN = "is one of a run's own files"


@pytest.mark.parametrize(
    ("arguments", "out", "expected"),
    [
        (SCORED, RUN / "samples.npy", READ),
        (SCORED, f"{RUN}/../seed0/samples.npy", READ),
        (SCORED, "data/prepared/digits.npz", READ),
        (SCORED, RUN / "run.json", OWN),
        (SCORED, RUN / "samples.drawn.json", OWN),
        (GROWN, RUN / "samples.npy", OWN),
        (GROWN, RUN / "trained.sha256", OWN),
        (GROWN, "data/prepared/digits.npz", READ),
        (("grid", RUN / "samples.npy"), RUN / "samples.npy", READ),
        (("grid", RUN / "samples.npy"), RUN / "metrics.csv", OWN),
        (("sample", RUN, "--count", 5), RUN / "model.safetensors", READ),
        (("sample", RUN, "--count", 5), RUN / "checkpoint.safetensors", OWN),
        (("sample", RUN, "--count", 5), RUN / "run.json", OWN),
        (("redraw", RUN, "--draws", 1, "--count", 100), RUN / "metrics.csv", OWN),
        (("scores", RUN / "samples_parzen.json"), RUN / "samples_parzen.json", READ),
        (("scores", RUN / "samples_parzen.json"), RUN / "metrics.csv", OWN),
        (("manifest", RUN / "run.json"), RUN / "run.json", READ),
        (("theory", RUN / "card.ipynb", "--seeds", 1), RUN / "card.ipynb", READ),
        (("mixing", RUN), RUN / "metrics.csv", OWN),
        (("drift", RUN), RUN / "metrics.csv", OWN),
        (("calibrate", "kmeans", "--dataset", "digits", "--count", 50), RUN, "trained run's fold"),
    ],
)
def test_what_is_read_and_what_a_training_made_is_not_overwritten(place, arguments, out, expected):
    before = contents(place)
    assert expected in fail(*arguments, "--out", out, cwd=place)
    assert contents(place) == before


def test_a_name_that_leads_to_an_input_is_that_input(place):
    (place / "link.json").symlink_to(place / RUN / "samples.npy")
    (place / "folder").symlink_to(place / RUN)
    before = contents(place)
    for out in ("link.json", "folder/samples.npy"):
        assert READ in fail(*SCORED, "--out", out, cwd=place)
    (place / "link.npy").symlink_to(place / RUN / "metrics.csv")
    assert OWN in fail("sample", RUN, "--count", 5, "--out", "link.npy", cwd=place)
    os.unlink(place / "link.npy")
    assert contents(place) == before


def test_a_symbolic_link_stays_and_its_file_is_written(place):
    (place / "store").mkdir()
    (place / "s.json").symlink_to("store/real.json")
    for _ in range(2):
        assert "written to store" not in succeed(*SCORED, "--out", "here.json", cwd=place)
        succeed(*SCORED, "--out", "s.json", cwd=place)
        assert (place / "s.json").is_symlink()
        assert read_json(place / "store/real.json")[0]["samples"] == 120
    (place / "loop").symlink_to("loop")
    assert "leads to itself" in fail(*SCORED, "--out", "loop", cwd=place)


@pytest.mark.parametrize(
    ("arguments", "out", "name"),
    [
        (SCORED, "special", "special"),
        (("grid", RUN / "samples.npy"), "special", "special"),
        (("table", RUN / "samples_parzen.json"), "t", "t/table1.csv"),
        (("calibrate", "kmeans", "--dataset", "digits"), "k", "k/samples.npy"),
        (("curves", RUN), "c/curves", "c/curves.pdf"),
        (("curves", RUN), "c/curves.v2", "c/curves.v2.pdf"),
        (("figure3", RUN), "f", "f/fig3.png"),
        (("figure2", "--panel", f"a={RUN}"), "f", "f/fig2a.png"),
    ],
)
def test_a_fifo_is_not_replaced(place, arguments, out, name):
    (place / name).parent.mkdir(exist_ok=True)
    os.mkfifo(place / name)
    assert "no regular file" in fail(*arguments, "--out", out, cwd=place)
    assert (place / name).is_fifo()


def test_a_fifo_and_a_folder_are_refused_before_any_work(place):
    # No real device: where the guard is broken, root would replace it for the whole machine.
    os.mkfifo(place / "fifo")
    assert "no regular file" in fail(*GROWN, "--out", "fifo", cwd=place)
    done = run(*GROWN, "--out", "results", cwd=place)
    assert (done.status, done.out) == (2, "")
    assert "it is a folder; name a file" in done.err


def test_a_figure_needs_a_name(place):
    assert "name a figure in it" in fail("curves", RUN, "--out", ".", cwd=place)


def test_calibration_is_written_again_into_its_own_folder(place):
    words = ("calibrate", "kmeans", "--dataset", "digits", "--count", 50, "--out", "k")
    succeed(*words, cwd=place)
    succeed(*words, cwd=place)
    assert len(np.load(place / "k/samples.npy")) == 50


@pytest.mark.parametrize("name", ["g.safetensors", "g.json", "g"])
def test_growth_is_there_whatever_it_is_called(place, name):
    succeed(*GROWN, "--out", name, cwd=place)
    assert [point["samples"] for point in read_json(place / name)["points"]] == [100]
    assert sorted(path.name for path in place.glob("g*")) == [name]


def test_growth_beside_weights_takes_them_for_no_state(place):
    before = (place / RUN / "model.safetensors").read_bytes()
    succeed(*GROWN, "--out", RUN / "model.json", cwd=place)
    assert (place / RUN / "model.safetensors").read_bytes() == before
    assert len(read_json(place / RUN / "model.json")["points"]) == 1


def test_an_interrupted_growth_goes_on_from_its_state(place, monkeypatch):
    words = ("parzen", "--from", RUN, "--count", 15_000, "--out", "g.safetensors")
    added, save = [], Series._save

    def stop_after_one(series):
        added.append(series.test.count)
        save(series)
        if len(added) == 1:
            raise Interrupted(signal.SIGTERM)

    monkeypatch.setattr(Series, "_save", stop_after_one)
    assert run(*words, cwd=place).status == 143
    assert (place / "g.safetensors.state.safetensors").exists()
    succeed(*words, cwd=place)
    assert added[0] < added[1]
    assert [path.name for path in place.glob("g.*")] == ["g.safetensors"]
    assert read_json(place / "g.safetensors")["points"][-1]["samples"] == 15_000


def test_samples_in_double_precision_are_scored_without_a_word_of_pytorch(place):
    np.save(place / "double.npy", np.random.default_rng(0).random((120, 64)))
    words = [sys.executable, "-m", "gan_repro", "parzen", "double.npy", "--dataset", "digits"]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_column_without_a_score_is_noted(place):
    score = RUN / "samples_parzen.json"
    done = run("table", score, "--column", "MNIST=digits", "--out", "t", cwd=place)
    note = f"note: no score is of 'digits'; there are scores of {TITLE}\n"
    assert (done.status, done.err) == (0, note)
    full = run("table", score, "--column", f"Digits={TITLE}", "--out", "t", cwd=place)
    assert (full.status, full.err) == (0, "")
    column = ("--column", f"Digits={TITLE}", "--column", "T=TFD", "--reason", "T=not public")
    assert run("table", score, *column, "--out", "t", cwd=place).err == ""
    assert run("table", "--out", "t", cwd=place).err == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--column", "=x"], "'=x' is not of the form HEADER=TEXT"),
        (["--column", " =x"], "' =x' is not of the form HEADER=TEXT"),
        (["--column", "A=x", "--reason", "B=why"], "--reason: no column is called 'B'"),
        (["--reason", "=why"], "'=why' is not of the form HEADER=TEXT"),
    ],
)
def test_headers_that_name_no_column_are_refused(tmp_path, words, expected):
    assert expected in fail("table", *words, "--out", tmp_path / "t", cwd=tmp_path)
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("seeds", ["1,1-1,1", "0,0,1", "1-3,2"])
def test_a_seed_named_twice_is_refused(tmp_path, seeds):
    expected = f"--seeds: '{seeds}' names"
    message = fail("theory", "n.ipynb", "--seeds", seeds, cwd=tmp_path)
    assert message.startswith(expected)
    assert message.endswith("more than once; name each seed once")
    words = ("train", "digits_authors", "--device", "cpu", "--together", "--seeds", seeds)
    assert expected in fail(*words, cwd=tmp_path)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["together", "digits_dbn:9999999999"], "seed 9999999999 is not between 0 and 4,294,967"),
        (["together", "digits_dbn:4294967296"], "seed 4294967296 is not between"),
        (["together", "digits_dbn:0", "--epochs", "digits_dbn=0"], "epochs 0 is not between 1 and"),
        (["experiments", "check", "digits_authors", "--epochs", "digits_authors=0"], "epochs 0 is"),
        (["parzen", "--from", RUN, "--draw", 10**30], "'--draw'"),
        (["parzen", "--from", RUN, "--draw", 2**32], "'--draw'"),
    ],
)
def test_numbers_out_of_range_are_refused_before_any_work(trained, words, expected):
    before = contents(trained)
    done = run(*words, cwd=trained)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert expected in done.err
    assert contents(trained) == before


CONCLUDING = (["conclude"], ["report"], ["page"], ["evidence", "--results"])


@pytest.mark.parametrize("words", CONCLUDING)
def test_nothing_is_concluded_from_nothing(place, words):
    (place / "empty").mkdir()
    before = contents(place)
    for folder in ("empty", RUN):
        assert "holds no manifest, no table and no checks" in fail(*words, folder, cwd=place)
    assert contents(place) == before
    assert not list((place / "empty").iterdir())


def test_claims_are_listed_before_anything_is_measured_but_not_in_a_runs_folder(place):
    before = contents(place)
    assert "holds no manifest" in fail("claims", RUN, cwd=place)
    assert contents(place) == before
    (place / "empty").mkdir()
    assert "not checked yet" in succeed("claims", "empty", cwd=place)


def checked(folder: Path) -> Path:
    """A folder of results that has one check and nothing else."""
    found = Checks("01_a")
    found.add(id="c", claim="Small", location="1", measured=0, relation="<", bound=1)
    found.write(folder / "checks/01_a.json")
    return folder


@pytest.mark.parametrize("words", CONCLUDING)
def test_checks_alone_are_enough(tmp_path, words):
    succeed(*words, checked(tmp_path / "results"), cwd=tmp_path)


def test_claims_replace_claims_and_no_other_table(tmp_path):
    results = checked(tmp_path / "results")
    (results / "table1.csv").write_text("Model,MNIST\n")
    assert "among the results" in fail(
        "claims", results, "--out", results / "table1.csv", cwd=tmp_path
    )
    assert (results / "table1.csv").read_text() == "Model,MNIST\n"
    for _ in range(2):
        succeed("claims", results, "--out", results / "mine.csv", cwd=tmp_path)
    (results / "claims.csv").write_text("an older version's\n")
    succeed("claims", results, cwd=tmp_path)
    assert (results / "claims.csv").read_bytes() == (results / "mine.csv").read_bytes()


def heard() -> None:
    """Let a child hear Ctrl-C, also where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_is_answered_in_one_line_while_the_verbs_are_imported(tmp_path):
    # In the place of the first library that takes long.
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", "gan_repro", "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
        preexec_fn=heard,
    )  # fmt: skip
    assert done.returncode == 130
    assert re.fullmatch("gan-repro: SIGINT: stopped; run the same command to go on\n", done.stderr)


def test_whoever_imports_the_verbs_keeps_ctrl_c():
    script = "import signal, gan_repro.cli; print(signal.getsignal(signal.SIGINT))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=heard)
    assert "default_int_handler" in done.stdout

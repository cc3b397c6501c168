"""The command line as a person types it: help, exit status, one line per mistake."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import pytest
import torch
import yaml

from gan_repro.cli import main
from gan_repro.files import read_json

ROOT = Path(__file__).parents[1]
VERBS = ("fetch", "prepare", "train", "sample", "calibrate", "parzen", "table", "compare")


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


def run(*arguments: object, cwd: Path) -> Done:
    """Run gan-repro in a folder, in this process: importing torch anew takes seconds."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["gan-repro", *map(str, arguments)]),
        mock.patch.dict(os.environ, {"COLUMNS": "200"}),
        pytest.raises(SystemExit) as caught,
    ):
        main()
    return Done(caught.value.code or 0, out.getvalue(), err.getvalue())


def succeed(*arguments: object, cwd: Path) -> str:
    done = run(*arguments, cwd=cwd)
    assert done.status == 0, done.err
    return done.out


def fail(*arguments: object, cwd: Path) -> str:
    """Return the one line that a mistake is answered with."""
    done = run(*arguments, cwd=cwd)
    assert done.status == 2
    (line,) = done.err.splitlines()
    return line.removeprefix("gan-repro: ")


def short_run(folder: Path, epochs: int) -> Path:
    """Prepare digits in a folder, train on them for a moment, and return the folder."""
    succeed("fetch", "digits", cwd=folder)
    succeed("prepare", "digits", cwd=folder)
    succeed("train", "digits_authors", "--epochs", epochs, "--device", "cpu", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with prepared digits and one short finished run."""
    return short_run(tmp_path_factory.mktemp("place"), 2)


def test_help_teaches_every_verb(tmp_path):
    overview = succeed("--help", cwd=tmp_path)
    for verb in VERBS:
        assert verb in overview
        text = succeed(verb, "--help", cwd=tmp_path)
        assert f"Example: gan-repro {verb}" in " ".join(text.split())


def test_help_groups_the_verbs_in_the_order_of_the_pipeline(tmp_path):
    overview = succeed("--help", cwd=tmp_path)
    words = ("From mirrors to arrays:", "fetch ", "From an experiment to draws:", "train ")
    places = [overview.index(f"\n{word}" if ":" in word else f"\n  {word}") for word in words]
    assert places == sorted(places)


def test_version_and_module(tmp_path):
    expected = f"gan-repro {version('gan-repro')}\n"
    assert succeed("--version", cwd=tmp_path) == expected
    command = [sys.executable, "-m", "gan_repro", "--version"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == expected


def test_help_imports_nothing_heavy():
    script = "import sys, gan_repro.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert not {"torch", "pandas", "scipy", "matplotlib", "sklearn"} & set(done.stdout.split())


def test_from_training_to_a_table(place):
    run_folder = place / "results/runs/digits_authors/seed0"
    record = read_json(run_folder / "run.json")
    assert record["chosen"]["epoch"] == 2
    assert record["config"]["model"]["learning_rate"]["initial"] == 0.1
    assert {"commit", "versions", "device", "wall_seconds", "dataset", "seed"} <= set(record)
    succeed("sample", run_folder, "--count", 300, cwd=place)
    samples = np.load(run_folder / "samples.npy")
    assert samples.shape == (300, 64)
    assert samples.dtype == np.float32
    out = succeed("parzen", run_folder / "samples.npy", "--dataset", "digits", cwd=place)
    assert "digits 8×8 (not MNIST), fold 0, authors grid:" in out
    score = run_folder / "samples_parzen.json"
    assert read_json(score)[0]["row"] == "Adversarial nets"
    title = "digits 8×8 (not MNIST)"
    succeed("table", score, "--column", f"{title}={title}", "--out", place / "t", cwd=place)
    assert "2 of 120 epochs" in (place / "t/table1_notes.csv").read_text()
    header, *_, last = (place / "t/table1.csv").read_text().splitlines()
    assert header == "Model,digits 8×8 (not MNIST)"
    assert last.startswith("Adversarial nets,")
    assert "stand-in data" in succeed("compare", "--results", place / "t", cwd=place)


def test_sampling_is_reproducible_and_follows_the_seed(place):
    folder = place / "results/runs/digits_authors/seed0"
    contents = []
    for name, options in (("a", ()), ("b", ()), ("c", ("--seed", 7))):
        succeed("sample", folder, "--count", 20, "--out", place / name, *options, cwd=place)
        contents.append((place / name).read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_a_finished_run_trains_again_to_the_same_bytes(place, tmp_path):
    model = place / "results/runs/digits_authors/seed0/model.safetensors"
    arguments = ("digits_authors", "--epochs", 2, "--device", "cpu", "--out", tmp_path / "again")
    succeed("train", *arguments, cwd=place)
    assert (tmp_path / "again/model.safetensors").read_bytes() == model.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["fetch", "minst"], "unknown dataset 'minst' (did you mean 'mnist'?)"),
        (["prepare", "digit"], "did you mean 'digits'?"),
        (["train", "mnist_author"], "did you mean 'mnist_authors'?"),
        (["train", "mnist_authors"], "gan-repro fetch mnist && gan-repro prepare mnist"),
        (["train", "digits_authors", "--device", "gpu7"], "device 'gpu7' is none; say cpu"),
        (["sample", "nowhere"], "nowhere does not exist"),
        (["parzen", "none.npy", "--dataset", "digits"], "none.npy does not exist"),
        (["parzen", "none.npy", "--dataset", "digit"], "did you mean 'digits'?"),
        (["calibrate", "kmean", "--dataset", "digits", "--out", "k"], "did you mean 'kmeans'?"),
        (["compare", "--results", "nowhere"], "run: snakemake --cores 8 table1"),
        (["table", "none.json"], "none.json does not exist"),
        (["table", "none.json", "--column", "MNIST"], "not of the form HEADER=TEXT"),
        (["table", "n.json", "--column", "A=B", "--column", "A=C"], "'A=' is said twice"),
        (["figure2", "--panel", "a=one", "--panel", "a=two"], "'a=' is said twice"),
        (["parzen", "n.npy", "--dataset", "digits", "--count", 200], "--count says nothing"),
        (["parzen", "n.npy", "--dataset", "digits", "--draw", 0], "nothing without --from"),
        (["claims", "nowhere"], "'nowhere' does not exist"),
        (["conclude", "nowhere"], "'nowhere' does not exist"),
        (["report", "nowhere"], "'nowhere' does not exist"),
        (["page", "nowhere"], "'nowhere' does not exist"),
        (["evidence", "--results", "nowhere"], "'nowhere' does not exist"),
        (["manifest", __file__, "--root", "data"], "not below data: /"),
        (["train", "digits_authors", "--pretrained", "data"], "starts from no other run"),
        (["train", "digits_authors", "--seed", 3, "--seeds", "0-1", "--together"], "--seed and"),
        (["train", "digits_authors", "--pretrained", "data", "--seeds", "0-1"], "--pretrained are"),
        (["train", "digits_authors", "--seeds", "0-1"], "--seeds and --together belong together"),
        (["sample"], "sample needs a run's folder"),
        (["sample", "here", "--from", "there"], "once: RUN or --from"),
        (["together", "digits_vae:0", "--epochs", "digits_gsn=1"], "'digits_gsn' is not trained"),
        (["parzen", "--from", "nowhere", "--fold", 0], "--fold says nothing with --from"),
        (["experiments", "check", "mnist_gsn", "--epochs", "mnist_gsn=ten"], "epochs 'ten' is not"),
        (["experiments", "check", "mnist_gsn", "--epochs", f"mnist_gsn={'9' * 5000}"], "at most"),
    ],
)
def test_mistakes_are_one_line_with_status_2(place, arguments, expected):
    assert expected in fail(*arguments, cwd=place)


def test_seeds_are_trained_together_after_a_word_about_their_cost(place, tmp_path):
    options = ("--seeds", "0,2", "--together", "--epochs", 1, "--device", "cpu", "--out", tmp_path)
    lines = succeed("train", "digits_authors", *options, cwd=place).splitlines()
    assert lines[0].startswith("each seed alone: G 97,504")
    for seed in (0, 2):
        record = read_json(tmp_path / f"digits_authors/seed{seed}/run.json")
        assert (record["seed"], record["together"]) == (seed, [0, 2])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_cuda_where_there_is_none_is_one_line(place):
    message = fail("train", "digits_authors", "--device", "cuda", cwd=place)
    assert message == "device 'cuda' is not available on this machine; use --device cpu or auto"


def test_wrong_samples_are_one_line(place):
    np.save(place / "wide.npy", np.zeros((5, 65)))
    message = fail("parzen", "wide.npy", "--dataset", "digits", cwd=place)
    assert "65 values per sample, but digits 8×8 (not MNIST) has 64" in message


def test_other_hyperparameters_are_refused_and_the_checkpoint_stays(place, tmp_path):
    changed = tmp_path / "changed.yaml"
    changed.write_text("extends: digits_authors\nplan: {epochs: 2, batch_size: 50}\n")
    folder = place / "results/runs/digits_authors/seed0"
    before = (folder / "checkpoint.safetensors").read_bytes()
    arguments = ("train", changed, "--out", folder, "--device", "cpu")
    message = fail(*arguments, cwd=place)
    assert "belongs to another run (plan.batch_size: 100 → 50)" in message
    assert (folder / "checkpoint.safetensors").read_bytes() == before
    # In a copy: begun anew, with the old run set aside.
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    succeed("train", changed, "--out", copy, "--device", "cpu", "--restart", cwd=place)
    assert (copy / "earlier/1/checkpoint.safetensors").read_bytes() == before
    assert read_json(copy / "run.json")["config"]["plan"]["batch_size"] == 50


def test_a_shortened_run_says_so_on_its_card_and_in_its_score(place):
    folder = place / "results/runs/digits_authors/seed0"
    assert read_json(folder / "run.json")["recipe_epochs"] == 120
    succeed("card", folder, cwd=place)
    assert "epochs: 2 of the recipe's 120" in (folder / "card.md").read_text()


def test_samples_are_drawn_as_a_grid(place):
    folder = place / "results/runs/digits_authors/seed0"
    succeed("sample", folder, "--count", 20, "--out", place / "few.npy", cwd=place)
    succeed("grid", place / "few.npy", "--rows", 2, "--columns", 5, cwd=place)
    assert (place / "few.png").read_bytes().startswith(b"\x89PNG")
    out = succeed("parzen", place / "few.npy", "--dataset", "digits", cwd=place)
    assert "note: 20 samples" in out


def test_growing_numbers_of_samples_are_scored_and_none_is_stored(place):
    folder = place / "results/runs/digits_authors/seed0"
    out = succeed("parzen", "--from", folder, "--count", 300, cwd=place)
    assert [line.split()[0] for line in out.splitlines()[:3]] == ["100", "200", "300"]
    record = read_json(folder / "growth.json")
    assert [point["samples"] for point in record["points"]] == [100, 200, 300]
    assert record["experiment"] == "digits_authors"
    assert not list(folder.glob("growth*.safetensors"))
    real = ("--from", "training-images", "--dataset", "digits", "--out", place / "real.json")
    succeed("parzen", *real, "--count", 5000, cwd=place)
    assert read_json(place / "real.json")["points"][-1]["samples"] == 1257
    assert "needs an .npy file" in fail("parzen", "--dataset", "digits", cwd=place)


def test_experiments_are_listed_shown_and_compared(place):
    lines = succeed("experiments", cwd=place).splitlines()
    assert len({line.index("digits 8×8") for line in lines if "digits 8×8" in line}) == 1
    assert any(line.startswith("lfw_stage2 ") for line in lines)
    shown = yaml.safe_load(succeed("experiments", "show", "lfw_stage2", cwd=place))
    assert (shown["dataset"], shown["pretrained"]) == ("lfw", "lfw_stage1")
    assert shown["plan"]["batch_size"] == 100
    found = succeed("experiments", "diff", "mnist_authors", "mnist_algorithm1", cwd=place)
    assert "model.recipe.update: simultaneous → alternating" in found
    assert "learning_rate" not in found
    same = succeed("experiments", "diff", "mnist_gsn", "mnist_gsn", cwd=place)
    assert same == "mnist_gsn and mnist_gsn do not differ\n"
    assert "did you mean 'mnist_gsn'" in fail("experiments", "show", "mnist_gns", cwd=place)


def test_a_sign_that_the_output_cannot_show_ends_no_command(tmp_path):
    words = ["-m", "gan_repro", "experiments", "diff", "mnist_authors", "mnist_algorithm1"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "model.recipe.update: simultaneous ? alternating" in done.stdout


def test_the_installed_command_answers_a_mistake_without_a_traceback(tmp_path):
    command = Path(sys.executable).with_name("gan-repro")
    done = subprocess.run([command, "fetch", "minst"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "gan-repro: unknown dataset 'minst' (did you mean 'mnist'?)\n"

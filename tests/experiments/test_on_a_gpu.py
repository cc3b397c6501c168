"""Models trained, scored and extended with ``--device cuda``, on a GPU or on what stands for one.

That no two devices are mixed, that nothing without a deterministic implementation is asked for, and
that a captured training is resumed and goes on to the bytes of an unbroken one.
"""

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch
from pretend_gpu import pretend_gpu

from gan_repro.cli import main
from gan_repro.data.dataset import Dataset, save
from gan_repro.data.embedded import read_digits, read_patches
from gan_repro.files import read_json

# One of each kind of model.
NAMES = ("digits_authors", "digits_conditional", "digits_completion", "digits_gsn", "digits_cae",
         "digits_dbn", "digits_vae")  # fmt: skip
# Extensions of the demo, as short as they can be.
EXTENSIONS = """
extends: digits
only: [class_conditional, learned_inference, completion, semi_supervised, autoencoders]
extensions:
  learned_inference: {options: {steps: 5, images: 8, descent_steps: 3}}
  completion: {options: {images: 20}}
  semi_supervised:
    options: {labels: [50], draws: 2, network_draws: 2, network_steps: 3,
              inference: {hidden: [20], steps: 3, learning_rate: 0.003}}
  autoencoders:
    experiments: {noise_0_3: null}
    options: {images: 20}
"""


def run(*arguments: object) -> int:
    """Run gan-repro in this process, with a GPU; return its status."""
    gpu = contextlib.nullcontext() if torch.cuda.is_available() else pretend_gpu()
    with gpu, mock.patch.object(sys, "argv", ["gan-repro", *map(str, arguments)]):
        try:
            main()
        except SystemExit as end:
            return end.code or 0
        finally:
            torch.use_deterministic_algorithms(False)
    return 0


def trained(name: str, folder: Path, data: Path, epochs: int = 1) -> Path:
    options = ["--epochs", epochs, "--device", "cuda", "--data", data, "--out", folder]
    assert run("train", name, "--seed", 0, *options) == 0
    return folder


def few(dataset: Dataset, folder: Path) -> Path:
    """Prepare a quarter of a dataset's training images: what runs at all is what is asked here."""
    rows = dataset.train[: len(dataset.train) // 4]
    save(replace(dataset, train=rows), folder / f"prepared/{dataset.name}.npz")
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> Path:
    """A data folder with a quarter of the digits."""
    folder = tmp_path_factory.mktemp("digits")
    return few(read_digits("digits", "digits 8×8 (not MNIST)", folder), folder)


@pytest.fixture(scope="module")
def runs(digits, tmp_path_factory) -> Path:
    """A folder of runs of each kind of model, an epoch per layer."""
    folder = tmp_path_factory.mktemp("runs")
    for name in (*NAMES, "digits_gsn_noise_3"):
        trained(name, folder / name / "seed0", digits, 2)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_trained_and_scored(runs, digits, name):
    folder, where = runs / name / "seed0", ("--device", "cuda", "--data", digits)
    record = read_json(folder / "run.json")
    assert record["steps"] == "graph"
    assert run("sample", folder, "--count", 100, "--device", "cuda") == 0
    assert run("parzen", folder / "samples.npy", "--dataset", "digits", *where) == 0
    if name in ("digits_gsn", "digits_cae", "digits_dbn"):
        assert run("mixing", folder, "--chains", 2, "--steps", 16, *where) == 0


def test_scores_grow_with_samples_that_are_drawn_on_the_way(runs, digits, tmp_path):
    where = ("--count", 200, "--device", "cuda", "--data", digits, "--out", tmp_path / "g.json")
    assert run("parzen", "--from", runs / "digits_authors/seed0", *where) == 0


def test_convolutions_are_trained(tmp_path):
    data = few(read_patches("patches", "patches", tmp_path), tmp_path)
    folder = trained("patches_conv", tmp_path / "run", data)
    assert (folder / "model.safetensors").exists()


def test_a_captured_training_goes_on_to_the_bytes_of_an_unbroken_one(digits, tmp_path):
    whole = trained("digits_authors", tmp_path / "whole", digits, 4)
    broken = tmp_path / "broken"
    for epochs in (2, 4):
        trained("digits_authors", broken, digits, epochs)
    first, second = (path / "model.safetensors" for path in (whole, broken))
    assert first.read_bytes() == second.read_bytes()


def test_seeds_are_trained_together(digits, tmp_path):
    where = ("--epochs", 1, "--device", "cuda", "--data", digits, "--out", tmp_path)
    assert run("train", "digits_authors", "--seeds", "0,1", "--together", *where) == 0
    record = read_json(tmp_path / "digits_authors/seed1/run.json")
    assert record["steps"] == "graph"


def test_extensions_are_measured(runs, digits, tmp_path):
    chosen = tmp_path / "short.yaml"
    chosen.write_text(EXTENSIONS, encoding="utf-8")
    where = ("--runs", runs, "--out", tmp_path, "--device", "cuda", "--data", digits)
    assert run("extensions", "measure", "--of", chosen, *where) == 0
    assert len(list(tmp_path.glob("**/*.json"))) == 5

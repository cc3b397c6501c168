"""The committed reference run: whole, consistent, and still worth what its record says."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from gan_repro import parzen
from gan_repro.data.dataset import load
from gan_repro.experiments import sample
from gan_repro.files import read_json, sha256
from gan_repro.runs import RunFolder

ROOT = Path(__file__).parents[1] / "results/reference"
RUN = RunFolder(ROOT / "mnist_authors/seed0")


def test_its_files_agree_with_each_other():
    record, metrics = RUN.read_record(), pd.read_csv(RUN.metrics)
    (score,) = read_json(RUN.path / "parzen.json")
    assert record["experiment"] == score["experiment"] == "mnist_authors"
    assert metrics["epoch"].tolist() == list(range(1, record["epochs"] + 1))
    best = metrics.loc[metrics["valid_ll"].idxmax()]
    assert record["chosen"]["epoch"] == best["epoch"]
    assert record["chosen"]["valid_ll"] == pytest.approx(best["valid_ll"])
    assert RUN.weights.stat().st_size < 12e6


def test_the_manifest_is_of_what_is_there():
    manifest = read_json(ROOT / "manifest.json")
    assert "mnist_authors/seed0/model.safetensors" in manifest
    for name, digest in manifest.items():
        assert sha256(ROOT / name) == digest


@pytest.mark.slow
def test_its_weights_still_score_what_is_recorded(mnist_data):
    (recorded,) = read_json(RUN.path / "parzen.json")
    draws = sample(RUN.weights, recorded["samples"], None, torch.device("cpu"))
    found = parzen.score(draws, load(mnist_data / "prepared/mnist.npz"))
    for grid, expected in recorded["grids"].items():
        assert found["grids"][grid]["sigma"] == expected["sigma"]
        assert found["grids"][grid]["test_ll"] == pytest.approx(expected["test_ll"], abs=0.1)

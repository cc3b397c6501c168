"""A model and a layer are added as docs/architecture.md says: one file and one line each."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gan_repro.files import read_json

ROOT = Path(__file__).parents[2]

# A toy: every pixel is its training mean plus noise that shrinks as training goes on.
MODEL = '''
"""A toy."""

from typing import Literal

import numpy as np
import torch

from gan_repro.training.model import ModelSpec, System, Work


class MeanSpec(ModelSpec):
    kind: Literal["mean"]
    rate: float

    def work(self, pixels, batch):
        return Work({"the mean": pixels}, pixels, pixels, pixels)


class MeanLearner:
    metrics = ("distance",)
    batches_per_step = 1

    def __init__(self, spec, images, seed):
        self.spec, self.mean = spec, torch.full((images.shape[1],), 0.5)

    def step(self, batches, step, epoch):
        (batch,) = batches
        self.mean.lerp_(batch.mean(dim=0), self.spec.rate)
        return (batch - self.mean).square().mean()[None]

    def tensors(self):
        return {"mean": self.mean}

    def rngs(self):
        return {}

    def weights(self):
        return {"mean": self.mean}

    def sample(self, count, seed):
        return sample(self.spec, self.weights(), count, seed, torch.device("cpu"))


def sample(spec, weights, count, seed, device):
    noise = torch.randn(count, len(weights["mean"]), generator=torch.Generator().manual_seed(seed))
    return (weights["mean"] + 0.1 * noise).clamp(0, 1).numpy().astype(np.float32)


SYSTEM = System(MeanSpec, MeanLearner, sample)
'''

LAYER = '''
"""A toy."""

from typing import Literal

from torch import nn

from gan_repro.networks.layer import LayerKind


class Square(nn.Module):
    def forward(self, x):
        return x.square()


class Squares(LayerKind):
    type: Literal["squares"]

    def output_shape(self, shape):
        return shape

    def modules(self, shape, start):
        return [Square()]
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and its configuration, with a prepared dataset."""
    ignore = shutil.ignore_patterns("*.pyc.*")
    for part in ("gan_repro", "config"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    run(tmp_path, "fetch", "digits")
    run(tmp_path, "prepare", "digits")
    return tmp_path


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gan_repro", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(folder: Path, name: str, **content) -> None:
    path = folder / f"config/experiments/{name}.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def edit(path: Path, right: str, wrong: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")


@pytest.mark.slow
def test_a_new_model_is_a_file_and_a_line(checkout):
    (checkout / "gan_repro/baselines/mean.py").write_text(MODEL, encoding="utf-8")
    kinds = checkout / "gan_repro/experiments/kinds.py"
    edit(kinds, '    "dbn":', '    "mean": "gan_repro.baselines.mean",\n    "dbn":')
    write(
        checkout, "digits_mean", title="Mean", row="Mean", dataset="digits",
        plan={"epochs": 3, "batch_size": 100, "validate_samples": 100},
        model={"kind": "mean", "rate": 0.1},
    )  # fmt: skip
    assert "64 parameters" in run(checkout, "cost", "digits_mean")
    assert "Mean" in run(checkout, "experiments")
    assert "kept epoch 3" in run(checkout, "train", "digits_mean")
    folder = "results/runs/digits_mean/seed0"
    assert "resumed" in run(checkout, "train", "digits_mean", "--epochs", "4")
    run(checkout, "sample", folder, "--count", "200")
    run(checkout, "parzen", f"{folder}/samples.npy", "--dataset", "digits")
    run(checkout, "mixing", folder, "--steps", "16")
    assert read_json(checkout / folder / "mixing.json")["independent"] is True
    run(checkout, "card", folder)
    assert re.search(r"^# Mean: digits_mean, seed 0", (checkout / folder / "card.md").read_text())


@pytest.mark.slow
def test_a_new_layer_is_a_file_and_a_line(checkout):
    (checkout / "gan_repro/networks/squares.py").write_text(LAYER, encoding="utf-8")
    specs = checkout / "gan_repro/networks/specs.py"
    line = "from gan_repro.networks.reshape import Reshape\n"
    edit(specs, line, f"{line}from gan_repro.networks.squares import Squares\n")
    edit(specs, "Deconv | Reshape, Field", "Deconv | Reshape | Squares, Field")
    layers = [
        {"type": "relu", "units": 8, "irange": 0.2},
        {"type": "squares"},
        {"type": "sigmoid", "units": 64, "irange": 0.2},
    ]
    model = {"generator": {"layers": layers}}
    plan = {"epochs": 1, "validate_samples": 100}
    write(checkout, "digits_squares", extends="digits_authors", plan=plan, model=model)
    assert "kept epoch 1" in run(checkout, "train", "digits_squares")
    assert "G 1,384 and D" in run(checkout, "cost", "digits_squares")

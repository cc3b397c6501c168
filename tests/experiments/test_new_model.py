"""A model and a layer are added as docs/architecture.md says: one file and one line each."""

import json
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
    run(tmp_path, "fetch digits", "prepare digits")
    return tmp_path


# One process for several commands: each would import torch again.
COMMANDS = """
import json, sys
from gan_repro.cli import main
for words in json.load(sys.stdin):
    sys.argv = ["gan-repro", *words]
    print("$", *words)
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""


def run(folder: Path, *commands: str) -> list[str]:
    """Run commands one after the other; return what each printed."""
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        input=json.dumps([command.split() for command in commands]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return re.split(r"^\$ .*$", done.stdout, flags=re.M)[1:]


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
    folder = "results/runs/digits_mean/seed0"
    cost, listed, trained, longer, *_ = run(
        checkout, "cost digits_mean", "experiments", "train digits_mean",
        "train digits_mean --epochs 4", f"sample {folder} --count 200",
        f"parzen {folder}/samples.npy --dataset digits", f"mixing {folder} --steps 16",
        f"card {folder}",
    )  # fmt: skip
    assert "64 parameters" in cost
    assert "Mean" in listed
    assert "kept epoch 3" in trained
    assert "resumed" in longer
    assert read_json(checkout / folder / "mixing.json")["independent"] is True
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
    trained, cost = run(checkout, "train digits_squares", "cost digits_squares")
    assert "kept epoch 1" in trained
    assert "G 1,384 and D" in cost

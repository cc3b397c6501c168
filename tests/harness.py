"""Trainings that can be killed at any step, for every test of the shared loop."""

import numpy as np
import torch

from gan_repro.data.dataset import Dataset, Fold
from gan_repro.experiments.systems import system
from gan_repro.files import sha256
from gan_repro.training.checkpoint import Checkpoint
from gan_repro.training.loop import Training, Validation
from gan_repro.training.model import ModelSpec
from gan_repro.training.plan import Plan
from gan_repro.training.runs import RunFolder, RunRecord
from gan_repro.training.tensors import save_tensors

IMAGES = torch.rand(70, 64, generator=torch.Generator().manual_seed(0))


class Killed(BaseException):
    """Stands for a signal: nothing in the loop may catch it."""


class Silent:
    """A report that says nothing."""

    def line(self, text: str) -> None:
        """Say nothing."""

    def advance(self, epoch: int, share: float) -> None:
        """Say nothing."""

    def epoch(self, row: dict, epochs: int) -> None:
        """Say nothing."""


def score(samples: np.ndarray) -> Validation:
    """Return a score that depends on every sample."""
    return Validation(float(samples.mean()), 0.2)


def make_training(
    folder, spec: ModelSpec, plan: Plan, seed=5, stop_at=None, fingerprint=None, **options
) -> Training:
    """Return a training on random images; with ``stop_at`` it is killed before that step."""
    learner = system(spec.kind).learner(spec, IMAGES, seed)
    play = learner.step

    def step(batches, number, epoch):
        if number == stop_at:
            raise Killed
        return play(batches, number, epoch)

    learner.step = step
    accept = options.pop("accept_changed_source", False)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", fingerprint or {}, accept)
    options = {"report": Silent(), "checkpoint_seconds": -1.0} | options
    return Training(learner, IMAGES, plan, seed, RunFolder(folder), checkpoint, score, **options)


def finish(run: Training) -> str:
    """Run to the end; return a digest of the weights, the choice and every metric but speed."""
    chosen = run.run()
    rows = [
        {key: value for key, value in row.items() if key != "examples_per_second"}
        for row in run.position.rows
    ]
    save_tensors(run.folder.weights, run.best, [chosen.model_dump(), rows])
    return sha256(run.folder.weights)


def tiny_images(title: str, train: int, valid: int, test: int) -> Dataset:
    """Return random 2×2 images, so many for each purpose."""
    count = train + valid + test
    rows = np.arange(count)
    fold = Fold(valid=rows[train : train + valid], test=rows[train + valid :])
    return Dataset(
        name="digits",
        title=title,
        shape=(2, 2),
        pixels=np.random.default_rng(0).integers(0, 256, (count, 4), dtype=np.uint8),
        labels=rows % 10,
        maximum=255,
        train=rows[:train],
        folds=(fold,),
    )


def run_record(**changes) -> RunRecord:
    """Return a record of a run that nobody made."""
    record = {
        "experiment": "e", "row": "Adversarial nets", "seed": 0,
        "config": {"title": "A net", "row": "Adversarial nets", "dataset": "digits", "choices": []},
        "chosen": {"by": "last", "epoch": 4, "valid_ll": 3.0, "sigma": 0.2}, "epochs": 4,
        "wall_seconds": 1.0, "dataset": {"name": "digits", "title": "tiny", "sha256": "0"},
        "commit": "c", "uncommitted_changes": False, "versions": {"torch": "2"},
        "device": "cpu", "threads": 1, "platform": "p",
    }  # fmt: skip
    return RunRecord(**record | changes)

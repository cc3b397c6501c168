"""The training loop that every model shares: epochs, checkpoints, metrics, choice of epoch."""

import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import pandas as pd
import torch
from pydantic import PositiveInt
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.files import atomic_path
from gan_repro.training.runs import (
    RunFolder,
    first_difference,
    load_tensors,
    save_tensors,
    stream_seed,
)


class Plan(Spec):
    """How long to train, and how the model to keep is chosen.

    Attributes:
        epochs: passes over the training images.
        batch_size: images per minibatch; the last one of an epoch may be smaller.
        select: ``validation`` keeps the epoch with the largest validation Parzen log-likelihood,
            ``last`` the last one.
        validate_every: epochs between validations; the last epoch is always validated.
        validate_samples: draws that a validation scores.
    """

    epochs: PositiveInt
    batch_size: PositiveInt
    select: Literal["validation", "last"] = "validation"
    validate_every: PositiveInt = 10
    validate_samples: PositiveInt = 10_000


class Learner(Protocol):
    """What the loop needs of a model in training; each system of Table 1 is one.

    Attributes:
        metrics: names of what ``step`` returns.
        batches_per_step: minibatches that one step consumes.
    """

    metrics: tuple[str, ...]
    batches_per_step: int

    def step(self, batches: tuple[Tensor, ...], step: int, epoch: int) -> Tensor:
        """Learn from minibatches at a 0-based step of a 1-based epoch; return the metrics."""

    def tensors(self) -> dict[str, Tensor]:
        """Return live references to everything that changes in training, by name."""

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the random generators in use, by name."""

    def weights(self) -> dict[str, Tensor]:
        """Return live references to what sampling needs, by name."""

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) float32 samples."""


class Validation(NamedTuple):
    """Mean validation log-likelihood and the σ that attains it."""

    valid_ll: float
    sigma: float


class Training:
    """One run of a learner over training images, resumable at any step to the same bytes.

    Args:
        learner: the model.
        images: (N, d) training images on the learner's device.
        plan: how long, and what to keep.
        seed: of the run; the order of images is one of its streams.
        folder: where the checkpoint and the metrics go.
        fingerprint: what a checkpoint must have been made from to be resumed.
        validate: scores samples on validation data.
        report: takes one line of progress.
        checkpoint_seconds: least time between two checkpoints.
    """

    def __init__(
        self,
        learner: Learner,
        images: Tensor,
        plan: Plan,
        seed: int,
        folder: RunFolder,
        fingerprint: dict,
        validate: Callable[[np.ndarray], Validation],
        report: Callable[[str], None] = print,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        self.learner, self.images, self.plan, self.seed = learner, images, plan, seed
        self.folder, self.fingerprint, self.validate = folder, fingerprint, validate
        self.report, self.checkpoint_seconds = report, checkpoint_seconds
        self.shuffle = torch.Generator().manual_seed(stream_seed(seed, "shuffle"))
        self.order = torch.zeros(0, dtype=torch.int32)
        self.sums = torch.zeros(len(learner.metrics), dtype=torch.float64, device=images.device)
        self.best: dict[str, Tensor] = {}
        self.position: dict[str, Any] = {
            "epoch": 1, "row": 0, "step": 0, "seconds": 0.0, "total_seconds": 0.0,
            "best": None, "rows": [],
        }  # fmt: skip

    def run(self) -> dict:
        """Train to the end of the plan and return the choice: epoch, valid_ll and sigma.

        Resumes from the folder's checkpoint where there is one.

        Raises:
            UserError: training diverged, or the checkpoint is damaged or of another run.
        """
        if self.folder.checkpoint.exists():
            self._restore()
        self._last_save = self._last_report = self._mark = time.monotonic()
        while self.position["epoch"] <= self.plan.epochs:
            self._epoch()
        if self.position["best"] is None:
            raise UserError(
                f"{self.folder.path}: epoch {self.position['epoch'] - 1} is reached and none was "
                f"validated yet; ask for more than {self.plan.epochs} epochs"
            )
        self._write_metrics()
        self._save()
        return self.position["best"]

    def _epoch(self) -> None:
        state, learner = self.position, self.learner
        if state["row"] == 0:
            self.order = torch.randperm(len(self.images), generator=self.shuffle, dtype=torch.int32)
            self.sums.zero_()
        order = self.order.to(self.images.device)
        stride = self.plan.batch_size * learner.batches_per_step
        while state["row"] < len(order):
            rows = order[state["row"] : state["row"] + stride]
            batches = tuple(self.images[part] for part in rows.split(self.plan.batch_size))
            metrics = learner.step(batches, state["step"], state["epoch"])
            self.sums.add_(metrics, alpha=len(rows))
            state["row"] += len(rows)
            state["step"] += 1
            if time.monotonic() - self._last_save > self.checkpoint_seconds:
                self._save()
        self._finish_epoch()

    def _finish_epoch(self) -> None:
        state = self.position
        self._check_finite()
        epoch, means = state["epoch"], (self.sums / len(self.images)).tolist()
        self._tick()
        row = {"epoch": epoch, **dict(zip(self.learner.metrics, means, strict=True))}
        row["examples_per_second"] = round(len(self.images) / state["seconds"], 1)
        if epoch % self.plan.validate_every == 0 or epoch == self.plan.epochs:
            row |= self._validate(epoch)
        state["rows"].append(row)
        state |= {"epoch": epoch + 1, "row": 0, "seconds": 0.0}
        self._tick()
        state["seconds"] = 0.0
        self._announce(row)

    def _validate(self, epoch: int) -> dict:
        draws = self.learner.sample(
            self.plan.validate_samples, stream_seed(self.seed, f"validation {epoch}")
        )
        found, best = self.validate(draws), self.position["best"]
        if self.plan.select == "last" or best is None or found.valid_ll > best["valid_ll"]:
            self.position["best"] = {"epoch": epoch, **found._asdict()}
            self.best = {n: t.detach().clone() for n, t in self.learner.weights().items()}
        return found._asdict()

    def _tick(self) -> None:
        """Add the time since the last call to the epoch's and the run's clocks."""
        now = time.monotonic()
        elapsed, self._mark = now - self._mark, now
        self.position["seconds"] += elapsed
        self.position["total_seconds"] += elapsed

    def _announce(self, row: dict) -> None:
        """Report an epoch and bring metrics.csv up to date, every ten seconds at most."""
        now = time.monotonic()
        done = row["epoch"] == self.plan.epochs
        if not done and "valid_ll" not in row and now - self._last_report < 10:
            return
        self._last_report = now
        self._write_metrics()
        values = "  ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        self.report(f"epoch {row['epoch']}/{self.plan.epochs}  {values}")

    def _write_metrics(self) -> None:
        """Write one row per epoch, with blanks where nothing was validated."""
        names = ["epoch", *self.learner.metrics, "examples_per_second", *Validation._fields]
        with atomic_path(self.folder.metrics) as temporary:
            pd.DataFrame(self.position["rows"], columns=names).to_csv(temporary, index=False)

    def _check_finite(self) -> None:
        tensors = [self.sums, *self.learner.tensors().values()]
        if not all(bool(tensor.isfinite().all()) for tensor in tensors):
            kept = self.folder.checkpoint
            raise UserError(
                f"{self.folder.path}: training diverged in epoch {self.position['epoch']} (NaN or "
                "infinity in the losses or weights); lower learning_rate. The last good checkpoint "
                f"{f'is {kept}' if kept.exists() else 'is the start: none was due yet'}"
            )

    def _save(self) -> None:
        self._check_finite()
        self._tick()
        tensors = {f"learner.{name}": t for name, t in self.learner.tensors().items()}
        tensors |= {f"best.{name}": t for name, t in self.best.items()}
        tensors |= {f"rng.{name}": g.get_state() for name, g in self._rngs().items()}
        tensors |= {"order": self.order, "sums": self.sums}
        state = {"position": self.position, "fingerprint": self.fingerprint}
        save_tensors(self.folder.checkpoint, tensors, state)
        self._last_save = time.monotonic()

    def _rngs(self) -> dict[str, torch.Generator]:
        return {"shuffle": self.shuffle, **self.learner.rngs()}

    @torch.no_grad()
    def _restore(self) -> None:
        tensors, state = load_tensors(self.folder.checkpoint)
        difference = first_difference(state["fingerprint"], self.fingerprint)
        if difference:
            raise UserError(
                f"{self.folder.checkpoint} belongs to another run ({difference}); restore the "
                "setting, or delete the checkpoint to start again"
            )
        for name, tensor in self.learner.tensors().items():
            tensor.copy_(tensors[f"learner.{name}"])
        for name, generator in self._rngs().items():
            generator.set_state(tensors[f"rng.{name}"])
        device = self.images.device
        self.best = {
            name.removeprefix("best."): tensor.to(device)
            for name, tensor in tensors.items()
            if name.startswith("best.")
        }
        self.order, self.sums = tensors["order"], tensors["sums"].to(device)
        self.position = state["position"]
        self.report(f"resumed in epoch {self.position['epoch']} from {self.folder.checkpoint}")

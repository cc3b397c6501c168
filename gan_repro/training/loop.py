"""The training loop that every model shares: epochs, metrics, validation, choice of epoch."""

import csv
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_repro.errors import UserError
from gan_repro.files import atomic_path
from gan_repro.training.checkpoint import LEARNER, Checkpoint, Position, copy_state
from gan_repro.training.model import Learner
from gan_repro.training.plan import Plan
from gan_repro.training.reports import Lines, Report
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed

METRICS_SECONDS = 10.0


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
        folder: where the metrics go.
        checkpoint: where to resume from, and what to write on the way.
        validate: scores samples on validation data.
        report: takes progress.
        checkpoint_seconds: least time between two checkpoints.
    """

    def __init__(
        self,
        learner: Learner,
        images: Tensor,
        plan: Plan,
        seed: int,
        folder: RunFolder,
        checkpoint: Checkpoint,
        validate: Callable[[np.ndarray], Validation],
        report: Report | None = None,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        self.learner, self.images, self.plan, self.seed = learner, images, plan, seed
        self.folder, self.checkpoint, self.validate = folder, checkpoint, validate
        self.report, self.checkpoint_seconds = report or Lines(), checkpoint_seconds
        self.shuffle = torch.Generator().manual_seed(stream_seed(seed, "shuffle"))
        self.order = torch.zeros(0, dtype=torch.int32)
        self.sums = torch.zeros(len(learner.metrics), dtype=torch.float64, device=images.device)
        self.best: dict[str, Tensor] = {}
        self.position = Position()

    def run(self) -> dict:
        """Train to the end of the plan and return the choice: epoch, valid_ll and sigma.

        Resumes from the checkpoint where there is one; ``best`` holds the chosen weights then.

        Raises:
            UserError: training diverged, the checkpoint is damaged or of another run, or more
                epochs than those of the plan are trained already.
        """
        if self.checkpoint.path.exists():
            self._resume()
        self._last_save = self._last_metrics = self._mark = time.monotonic()
        while self.position.epoch <= self.plan.epochs:
            self._epoch()
        self._save()
        return self._choose()

    def _epoch(self) -> None:
        at, learner = self.position, self.learner
        if at.row == 0:
            self.order = torch.randperm(len(self.images), generator=self.shuffle, dtype=torch.int32)
            self.sums.zero_()
        order = self.order.to(self.images.device)
        stride = self.plan.batch_size * learner.batches_per_step
        while at.row < len(order):
            rows = order[at.row : at.row + stride]
            batches = tuple(self.images[part] for part in rows.split(self.plan.batch_size))
            metrics = learner.step(batches, at.step, at.epoch)
            self.sums.add_(metrics, alpha=len(rows))
            at.row += len(rows)
            at.step += 1
            self.report.advance(at.epoch, at.row / len(order))
            if time.monotonic() - self._last_save > self.checkpoint_seconds:
                self._save()
        self._finish_epoch()

    def _finish_epoch(self) -> None:
        at, means = self.position, (self.sums / len(self.images)).tolist()
        self._check_finite()
        self._tick()
        row = {"epoch": at.epoch, **dict(zip(self.learner.metrics, means, strict=True))}
        row["examples_per_second"] = round(len(self.images) / at.seconds, 1)
        if at.epoch % self.plan.validate_every == 0:
            found = self._validate(at.epoch)
            row |= found._asdict()
            if self._is_better(found):
                at.best = {"epoch": at.epoch, **found._asdict()}
                self.best = self._weights()
        at.rows.append(row)
        at.epoch, at.row = at.epoch + 1, 0
        self._tick()
        at.seconds = 0.0
        if "valid_ll" in row or time.monotonic() - self._last_metrics > METRICS_SECONDS:
            self._write_metrics(at.rows)
        if at.epoch <= self.plan.epochs or "valid_ll" in row:
            self.report.epoch(row, self.plan.epochs)

    def _validate(self, epoch: int) -> Validation:
        stream = stream_seed(self.seed, f"validation {epoch}")
        return self.validate(self.learner.sample(self.plan.validate_samples, stream))

    def _is_better(self, found: Validation) -> bool:
        best = self.position.best
        return self.plan.select == "last" or best is None or found.valid_ll > best["valid_ll"]

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.learner.weights().items()}

    def _choose(self) -> dict:
        """Return the choice; the last epoch takes part, also where no validation was due.

        That validation is left out of the checkpoint, because a longer plan would not have it.
        """
        last, rows, chosen = self.plan.epochs, self.position.rows, self.position.best
        if last % self.plan.validate_every:
            found = self._validate(last)
            rows = [*rows[:-1], rows[-1] | found._asdict()]
            if self._is_better(found):
                chosen, self.best = {"epoch": last, **found._asdict()}, self._weights()
            self.report.epoch(rows[-1], last)
        self._write_metrics(rows)
        return chosen

    def _tick(self) -> None:
        """Add the time since the last call to the epoch's and the run's clocks."""
        now = time.monotonic()
        elapsed, self._mark = now - self._mark, now
        self.position.seconds += elapsed
        self.position.total_seconds += elapsed

    def _write_metrics(self, rows: list[dict]) -> None:
        """Write one row per epoch, with blanks where nothing was validated."""
        self._last_metrics = time.monotonic()
        names = ["epoch", *self.learner.metrics, "examples_per_second", *Validation._fields]
        with atomic_path(self.folder.metrics) as temporary, open(temporary, "w") as handle:
            writer = csv.DictWriter(handle, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _check_finite(self) -> None:
        tensors = [self.sums, *self.learner.tensors().values()]
        if not all(bool(tensor.isfinite().all()) for tensor in tensors):
            kept = self.checkpoint.path
            raise UserError(
                f"{self.folder.path}: training diverged in epoch {self.position.epoch} (NaN or "
                "infinity in the losses or weights); lower learning_rate. The last good checkpoint "
                f"{f'is {kept}' if kept.exists() else 'is the start: none was due yet'}"
            )

    def _save(self) -> None:
        self._check_finite()
        self._tick()
        tensors = {f"{LEARNER}{name}": t for name, t in self.learner.tensors().items()}
        tensors |= {f"best.{name}": t for name, t in self.best.items()}
        tensors |= {"order": self.order, "sums": self.sums}
        self.checkpoint.write(tensors, self._rngs(), self.position)
        self._last_save = time.monotonic()

    def _rngs(self) -> dict[str, torch.Generator]:
        return {"shuffle": self.shuffle, **self.learner.rngs()}

    def _resume(self) -> None:
        tensors, self.position = self.checkpoint.read(self._rngs())
        done = self.position.epoch - 1 + bool(self.position.row)
        if done > self.plan.epochs:
            raise UserError(
                f"{self.folder.path} is in epoch {done} already; ask for {done} epochs or more, or "
                "train into another folder (--out)"
            )
        state = {n.removeprefix(LEARNER): t for n, t in tensors.items() if n.startswith(LEARNER)}
        copy_state(self.learner.tensors(), state, self.checkpoint.path)
        device = self.images.device
        self.best = {
            name.removeprefix("best."): tensor.to(device)
            for name, tensor in tensors.items()
            if name.startswith("best.")
        }
        self.order, self.sums = tensors["order"], tensors["sums"].to(device)
        self.report.line(f"resumed in epoch {self.position.epoch} from {self.checkpoint.path}")

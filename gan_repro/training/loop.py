"""The training loop that every model shares: epochs, metrics, validation, choice of epoch."""

import csv
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_repro.config.process import Stop, noticing_signals
from gan_repro.errors import Interrupted, UserError, reading
from gan_repro.files import atomic_path
from gan_repro.training.checkpoint import (
    LEARNER,
    NO_CHECKPOINT,
    Best,
    Checkpoint,
    Position,
    copy_state,
)
from gan_repro.training.model import Learner
from gan_repro.training.plan import Plan
from gan_repro.training.reports import Lines, Report
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed
from gan_repro.training.tensors import ADVICE, check_like

METRICS_SECONDS = 10.0
CHECKPOINT_SECONDS = 60.0


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
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
    ) -> None:
        self.learner, self.images, self.plan, self.seed = learner, images, plan, seed
        self.folder, self.checkpoint, self.validate = folder, checkpoint, validate
        self.report, self.checkpoint_seconds = report or Lines(), checkpoint_seconds
        self.shuffle = torch.Generator().manual_seed(stream_seed(seed, "shuffle"))
        self.order = torch.zeros(0, dtype=torch.int32)
        self.sums = torch.zeros(len(learner.metrics), dtype=torch.float64, device=images.device)
        self.best: dict[str, Tensor] = {}
        self.position, self.stop = Position(), Stop()

    def run(self) -> Best:
        """Train to the end of the plan and return the choice; ``best`` holds its weights then.

        Resumes from the checkpoint where there is one. A signal ends the training after the step
        that is under way, or within a validation.

        Raises:
            UserError: training diverged, the checkpoint is damaged or of another run, or more
                epochs than those of the plan are trained already.
            Interrupted: a signal came; a checkpoint is saved.
        """
        if self.checkpoint.path.exists():
            self._resume()
        self._last_save = self._last_metrics = self._mark = time.monotonic()
        with noticing_signals() as self.stop:
            try:
                if self.position.epoch <= self.plan.epochs:
                    self._epochs()
                return self._choose()
            except Interrupted:
                self._save()
                raise Interrupted(self.stop.number, f"saved in {self._where()}") from None

    def _epochs(self) -> None:
        while self.position.epoch <= self.plan.epochs:
            self._epoch()
        self._save()

    def _where(self) -> str:
        at = self.position
        return f"epoch {at.epoch}, {at.row} of {len(self.images)} images, {self.checkpoint.path}"

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
            self.stop.answer()
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
                at.best = Best(epoch=at.epoch, **found._asdict())
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
        with self.stop.immediate():
            return self.validate(self.learner.sample(self.plan.validate_samples, stream))

    def _is_better(self, found: Validation) -> bool:
        best = self.position.best
        return self.plan.select == "last" or best is None or found.valid_ll > best.valid_ll

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.learner.weights().items()}

    def _choose(self) -> Best:
        """Return the choice; the last epoch takes part, also where no validation was due.

        That validation is left out of the checkpoint, because a longer plan would not have it.
        """
        last, rows, chosen = self.plan.epochs, self.position.rows, self.position.best
        if last % self.plan.validate_every:
            found = self._validate(last)
            rows = [*rows[:-1], rows[-1] | found._asdict()]
            if self._is_better(found):
                chosen, self.best = Best(epoch=last, **found._asdict()), self._weights()
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
        with atomic_path(self.folder.metrics) as temporary, open(temporary, "w") as handle:
            writer = csv.DictWriter(handle, self._columns(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _columns(self) -> list[str]:
        return ["epoch", *self.learner.metrics, "examples_per_second", *Validation._fields]

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
        self.checkpoint.write(self._tensors(self.best), self._rngs(), self.position)
        self._last_save = time.monotonic()

    def _tensors(self, best: Mapping[str, Tensor]) -> dict[str, Tensor]:
        tensors = {f"{LEARNER}{name}": t for name, t in self.learner.tensors().items()}
        tensors |= {f"best.{name}": t for name, t in best.items()}
        return tensors | {"order": self.order, "sums": self.sums}

    def _check(self, tensors: Mapping[str, Tensor]) -> None:
        """Raise UserError where a checkpoint's tensors are not this training's."""
        with reading(self.checkpoint.path, NO_CHECKPOINT, ADVICE):
            self.position.check(self._columns(), len(self.images), self.plan.validate_every)
        self.order = torch.arange(len(self.images), dtype=torch.int32)
        best = self.learner.weights() if self.position.best else {}
        check_like(self.checkpoint.path, tensors, self._tensors(best))
        if not torch.equal(tensors["order"].sort().values, self.order):
            raise UserError(f"{self.checkpoint.path}: its order of images is not one; {ADVICE}")

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
        self._check(tensors)
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

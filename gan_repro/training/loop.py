"""The training loop that every model shares: epochs, metrics, validation, choice of epoch."""

import csv
import time
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from gan_repro.config.process import Stop
from gan_repro.errors import UserError, reading
from gan_repro.files import atomic_path
from gan_repro.training.checkpoint import (
    LEARNER,
    NO_CHECKPOINT,
    Best,
    Checkpoint,
    Position,
    Validation,
    copy_state,
)
from gan_repro.training.lockstep import march
from gan_repro.training.model import Learner
from gan_repro.training.plan import Plan
from gan_repro.training.reports import Lines, Report
from gan_repro.training.rows import Images, shuffled
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed
from gan_repro.training.steps import choose_steps
from gan_repro.training.tensors import ADVICE, check_like

METRICS_SECONDS = 10.0
CHECKPOINT_SECONDS = 60.0


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
        steps: how they are taken, as `choose_steps` knows it.
    """

    def __init__(
        self,
        learner: Learner,
        images: Images,
        plan: Plan,
        seed: int,
        folder: RunFolder,
        checkpoint: Checkpoint,
        validate: Callable[[np.ndarray], Validation],
        report: Report | None = None,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        steps: str = "auto",
    ) -> None:
        self.learner, self.images, self.plan, self.seed = learner, images, plan, seed
        self.folder, self.checkpoint, self.validate = folder, checkpoint, validate
        self.report, self.checkpoint_seconds = report or Lines(), checkpoint_seconds
        self.kind_of_steps = steps
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
        kind = choose_steps(self.kind_of_steps, self.learner, self.images)
        steps = kind(self.learner, self.images, self.sums, self.plan.batch_size)
        (chosen,) = march([self], steps, self.save, self.checkpoint_seconds)
        return chosen

    @property
    def over(self) -> bool:
        """Whether every epoch of the plan is trained."""
        return self.position.epoch > self.plan.epochs

    def resume(self) -> None:
        """Go on from the checkpoint where there is one, and start the clocks."""
        if self.checkpoint.path.exists():
            self._resume()
        self._last_metrics = self._mark = time.monotonic()

    def where(self) -> str:
        """Say where the training is, and where that is saved."""
        at = self.position
        return f"epoch {at.epoch}, {at.row} of {len(self.images)} images, {self.checkpoint.path}"

    def begin_epoch(self) -> None:
        """Choose the order of images, unless the epoch is under way."""
        if self.position.row == 0:
            self.order = shuffled(self.images, self.shuffle)
            self.sums.zero_()

    def advance(self, count: int) -> None:
        """Take note of a step that has used so many images of the epoch."""
        at = self.position
        at.row += count
        at.step += 1
        self.report.advance(at.epoch, at.row / len(self.images))

    def due(self) -> Validation | None:
        """Return the validation that the end of an epoch is due, if any; it changes nothing."""
        epoch = self.position.epoch
        # Before a score is computed from weights that are no numbers.
        self._check_finite()
        self._tick()
        return self._validate(epoch) if epoch % self.plan.validate_every == 0 else None

    def finish_epoch(self, found: Validation | None) -> None:
        """Take note of an epoch's metrics, which are read here, and of its validation."""
        at, means = self.position, (self.sums / len(self.images)).tolist()
        row = {"epoch": at.epoch, **dict(zip(self.learner.metrics, means, strict=True))}
        row["examples_per_second"] = round(len(self.images) / at.seconds, 1)
        if found:
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

    def missing(self) -> Validation | None:
        """Return the validation of the last epoch, where none was due; it changes nothing."""
        last = self.plan.epochs
        return self._validate(last) if last % self.plan.validate_every else None

    def choose(self, found: Validation | None) -> Best:
        """Return the choice; the last epoch takes part, with the validation that was `missing`.

        That validation is left out of the checkpoint, because a longer plan would not have it.
        """
        last, rows, chosen = self.plan.epochs, self.position.rows, self.position.best
        if found:
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
        with (
            atomic_path(self.folder.metrics) as temporary,
            open(temporary, "w", encoding="utf-8") as handle,
        ):
            writer = csv.DictWriter(handle, self._columns(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _columns(self) -> list[str]:
        return ["epoch", *self.learner.metrics, "examples_per_second", *Validation._fields]

    def _check_finite(self) -> None:
        tensors = [t for t in self.learner.tensors().values() if t.is_floating_point()]
        # One answer of the device for all of them.
        if not torch.stack([t.isfinite().all() for t in (self.sums, *tensors)]).all():
            kept = self.checkpoint.path
            raise UserError(
                f"{self.folder.path}: training diverged in epoch {self.position.epoch} (NaN or "
                "infinity in the losses or weights); lower learning_rate. The last good checkpoint "
                f"{f'is {kept}' if kept.exists() else 'is the start: none was due yet'}"
            )

    def save(self) -> None:
        """Write the checkpoint, unless something in it is not finite."""
        self._check_finite()
        self._tick()
        self.checkpoint.write(self._tensors(self.best), self._rngs(), self.position)

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
        self.order = tensors["order"]
        self.sums.copy_(tensors["sums"])
        self.report.line(f"resumed in epoch {self.position.epoch} from {self.checkpoint.path}")

"""Runs that take their steps together, to the end of their plan; one run is the usual case."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from torch import Tensor

from gan_repro.config.process import Stop, noticing_signals
from gan_repro.errors import Interrupted, UserError
from gan_repro.training.checkpoint import Best, Position, Validation
from gan_repro.training.steps import HostSteps


class Run(Protocol):
    """What is asked of each run.

    Attributes:
        position: where it is.
        order: of the images of its epoch.
        over: whether every epoch is trained.
        stop: the wish to stop that a signal expresses.
    """

    position: Position
    order: Tensor
    over: bool
    stop: Stop

    def resume(self) -> None:
        """Go on from a checkpoint where there is one."""

    def where(self) -> str:
        """Say where the run is."""

    def begin_epoch(self) -> None:
        """Choose the order of images, unless the epoch is under way."""

    def advance(self, count: int) -> None:
        """Take note of a step with so many images."""

    def due(self) -> Validation | None:
        """Return the validation that is due; it changes nothing, and a signal may end it."""

    def finish_epoch(self, found: Validation | None) -> None:
        """Take note of an epoch's metrics and of its validation."""

    def missing(self) -> Validation | None:
        """Return the validation of the last epoch that was not due, as `due` does."""

    def choose(self, found: Validation | None) -> Best:
        """Return the epoch that is kept."""


def march(
    runs: Sequence[Run], steps: HostSteps, save: Callable[[], None], checkpoint_seconds: float
) -> list[Best]:
    """Train runs to the end of their plan, step by step at once; return what each of them keeps.

    A signal ends them after the step that is under way, or within a validation.

    Args:
        runs: all at the same position, or all with checkpoints of the same position.
        steps: takes one step of all runs.
        save: writes their checkpoints.
        checkpoint_seconds: least time between two of them.

    Raises:
        UserError: the runs are at different places, and whatever a run raises.
        Interrupted: a signal came; everything is saved.
    """
    for run in runs:
        run.resume()
    if len({(run.position.epoch, run.position.row) for run in runs}) > 1:
        raise UserError("runs to be trained together are at different places; say --restart")
    with noticing_signals() as stop:
        for run in runs:
            run.stop = stop
        try:
            if not runs[0].over:
                _epochs(runs, steps, save, checkpoint_seconds)
            found = [run.missing() for run in runs]
            return [run.choose(validation) for run, validation in zip(runs, found, strict=True)]
        except Interrupted:
            save()
            raise Interrupted(stop.number, f"saved in {runs[0].where()}") from None


def _epochs(
    runs: Sequence[Run], steps: HostSteps, save: Callable[[], None], checkpoint_seconds: float
) -> None:
    last_save = time.monotonic()
    while not runs[0].over:
        for run in runs:
            run.begin_epoch()
        at = runs[0].position
        steps.begin([run.order for run in runs], at)
        while at.row < len(runs[0].order):
            count = steps.take(at)
            for run in runs:
                run.advance(count)
            runs[0].stop.answer()
            if time.monotonic() - last_save > checkpoint_seconds:
                save()
                last_save = time.monotonic()
        # All validations first: a signal among them finds every run in the same place.
        for run, found in zip(runs, [run.due() for run in runs], strict=True):
            run.finish_epoch(found)
    save()

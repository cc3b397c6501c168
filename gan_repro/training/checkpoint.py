"""The checkpoint: everything that an interrupted training needs to end with the same bytes."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError, reading
from gan_repro.training.runs import SourceChange
from gan_repro.training.tensors import load_tensors, save_tensors

# The part of a fingerprint that a user may accept to have changed.
SOURCE = "source"
# What the names of a learner's tensors begin with.
LEARNER = "learner."
NO_CHECKPOINT = "is no checkpoint of this training"
WAYS_OUT = (
    "say --accept-changed-source to go on from it, which is recorded, or --restart to begin anew, "
    "which sets it aside"
)


class Validation(NamedTuple):
    """Mean validation log-likelihood and the σ that attains it."""

    valid_ll: float
    sigma: float


class Best(Spec):
    """The epoch whose model is kept, its validation score in nats, and the σ of that score."""

    epoch: PositiveInt
    valid_ll: float
    sigma: float


class Position(BaseModel):
    """Where a training is, and what it has seen so far.

    Attributes:
        epoch: 1-based, the one that is under way.
        row: training images of its permutation that were used.
        step: steps since the start.
        seconds: spent in this epoch.
        total_seconds: spent since the start.
        best: the model to keep, among those at the interval.
        rows: of metrics.csv.
        source_changes: sources that were accepted in the place of those before.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    epoch: PositiveInt = 1
    row: NonNegativeInt = 0
    step: NonNegativeInt = 0
    seconds: NonNegativeFloat = 0.0
    total_seconds: NonNegativeFloat = 0.0
    best: Best | None = None
    rows: list[dict[str, int | float]] = []
    source_changes: list[SourceChange] = []

    def check(self, columns: Iterable[str], images: int, validate_every: int) -> None:
        """Raise ValueError where this is no position of a training.

        Args:
            columns: of metrics.csv.
            images: that an epoch has.
            validate_every: epochs between validations.
        """
        done = self.epoch - 1
        if [row.get("epoch") for row in self.rows] != list(range(1, done + 1)):
            raise ValueError(f"its rows are not those of epochs 1 to {done}")
        if any(set(row) - set(columns) for row in self.rows):
            raise ValueError("its rows have other columns than metrics.csv")
        if self.row > images or (self.best is None) != (done < validate_every):
            raise ValueError("it is not where it says it is")


class State(Spec):
    """What a checkpoint holds besides tensors: where it is, and what it belongs to."""

    position: Position
    fingerprint: dict[str, Any]


class Checkpoint:
    """One safetensors file that belongs to one fingerprint.

    Args:
        path: of the file.
        fingerprint: what decides the bytes of the training; a checkpoint of another is refused.
        accept_changed_source: go on where nothing but the sources or libraries differ.
    """

    def __init__(
        self, path: Path, fingerprint: Mapping[str, Any], accept_changed_source: bool = False
    ) -> None:
        self.path, self.fingerprint = path, dict(fingerprint)
        self.accept_changed_source = accept_changed_source

    def write(
        self,
        tensors: Mapping[str, Tensor],
        rngs: Mapping[str, torch.Generator],
        position: Position,
    ) -> None:
        """Write tensors, the states of random generators, and the position, atomically."""
        states = {f"rng.{name}": rng.get_state() for name, rng in rngs.items()}
        state = {"position": position.model_dump(mode="json"), "fingerprint": self.fingerprint}
        save_tensors(self.path, {**tensors, **states}, state)

    def read(self, rngs: Mapping[str, torch.Generator]) -> tuple[dict[str, Tensor], Position]:
        """Set the random generators to their states; return the tensors and the position.

        Raises:
            UserError: the file is damaged, or belongs to another fingerprint.
        """
        tensors, state = self._load()
        self._compare(state)
        with reading(self.path, NO_CHECKPOINT, "move it away to start again"):
            for name, rng in rngs.items():
                rng.set_state(tensors.pop(f"rng.{name}"))
        return tensors, state.position

    def difference(self) -> str | None:
        """Return the first thing that the file's training had otherwise, or None.

        Raises:
            UserError: the file is damaged.
        """
        return first_difference(self._load()[1].fingerprint, self.fingerprint)

    def _load(self) -> tuple[dict[str, Tensor], State]:
        tensors, state = load_tensors(self.path)
        with reading(self.path, NO_CHECKPOINT, "move it away to start again"):
            return tensors, State(**state)

    def _compare(self, state: State) -> None:
        old, position = state.fingerprint, state.position
        settings = [{k: v for k, v in f.items() if k != SOURCE} for f in (old, self.fingerprint)]
        if changed := first_difference(*settings):
            raise UserError(
                f"{self.path} belongs to another run ({changed}); restore the setting, or say "
                "--restart to begin anew, which sets it aside"
            )
        before, after = old.get(SOURCE, {}), self.fingerprint.get(SOURCE, {})
        if before == after:
            return
        if not self.accept_changed_source:
            changed = first_difference(before, after)
            raise UserError(f"{self.path} was written by other code ({changed}); {WAYS_OUT}")
        change = SourceChange(epoch=position.epoch, before=before, after=after)
        position.source_changes.append(change)


def last_state(path: Path) -> dict[str, Tensor]:
    """Return what a learner had learned when a checkpoint was written, by name."""
    tensors, _ = load_tensors(path)
    return {
        name.removeprefix(LEARNER): tensor
        for name, tensor in tensors.items()
        if name.startswith(LEARNER)
    }


@torch.no_grad()
def copy_state(own: Mapping[str, Tensor], given: Mapping[str, Tensor], path: Path) -> None:
    """Copy a state into a learner's tensors; raises UserError where it is of another model."""
    if {n: t.shape for n, t in own.items()} != {n: t.shape for n, t in given.items()}:
        raise UserError(f"{path} is of another model than this one; it cannot go on from there")
    for name, tensor in own.items():
        tensor.copy_(given[name])


def first_difference(old: Any, new: Any, place: str = "") -> str | None:
    """Return `place: old → new` of the first difference between two JSON values, or None."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [
            (f"{place}.{key}".strip("."), old.get(key), new.get(key)) for key in {**old, **new}
        ]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{place}.{i}", a, b) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    else:
        return None if old == new else f"{place}: {_short(old)} → {_short(new)}"
    found = (first_difference(a, b, where) for where, a, b in pairs)
    return next((difference for difference in found if difference), None)


def _short(value: Any) -> str:
    text = "not set" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"

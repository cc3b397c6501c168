"""The record of an extension, `results/extensions/NAME.json`: numbers with their intervals.

Whoever states a number of Table 2's evidence or of Section 7 reads it here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, PositiveInt

from gan_repro.config.schema import Spec, read_record, to_json
from gan_repro.data.arrays import read_npz
from gan_repro.errors import UserError, suggest
from gan_repro.files import write_json
from gan_repro.theory.estimates import Estimate, mean

# How many repetitions an `average` needs at least.
Several = Annotated[int, Field(ge=2)]
# Numbers of things of which there is one at least.
Numbers = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class Measure(Spec):
    """One number.

    Attributes:
        value: the number.
        low: lower end of its 95 % interval, where it has one.
        high: the upper end.
        unit: nats, ms, …; nothing for a ratio.
        repeats: independent repetitions behind the interval.
        of: what is repeated: test images, label draws, chains, seeds, …
    """

    value: float
    low: float | None = None
    high: float | None = None
    unit: str = ""
    repeats: int | None = None
    of: str = ""

    def estimate(self) -> Estimate:
        """Return value and interval as a check takes them; raises ValueError without interval."""
        if self.low is None or self.high is None or self.repeats is None:
            raise ValueError(f"{self.value} has no interval")
        return Estimate(self.value, self.low, self.high, self.repeats)


class Record(Spec):
    """What one extension measured.

    Attributes:
        name: of the extension.
        about: where the paper has it.
        dataset: title of the data.
        runs: what was trained for it, ``experiment seedK`` each.
        cpu_seconds: that measuring took, in one process.
        measures: name → number.
        series: name → the points of a curve.
    """

    name: str
    about: str
    dataset: str
    runs: tuple[str, ...]
    cpu_seconds: float
    measures: dict[str, Measure]
    series: dict[str, tuple[float, ...]] = Field(default_factory=dict)

    def __getitem__(self, name: str) -> Measure:
        """Return a number by its name; raises UserError where there is none."""
        if name not in self.measures:
            raise UserError(f"{self.name}.json measures no '{name}'{suggest(name, self.measures)}")
        return self.measures[name]

    def matching(self, prefix: str) -> dict[str, Measure]:
        """Return the numbers under a prefix, ``prefix/…``, by the rest of their names."""
        start = f"{prefix}/"
        return {n.removeprefix(start): m for n, m in self.measures.items() if n.startswith(start)}


def exact(value: float, unit: str = "") -> Measure:
    """Return a number in which nothing is random."""
    return Measure(value=float(value), unit=unit)


def of_estimate(found: Estimate, of: str, unit: str = "") -> Measure:
    """Return an estimate as a measure; ``of`` says what its repetitions are."""
    return Measure(
        value=found.value, low=found.low, high=found.high, unit=unit, repeats=found.seeds, of=of
    )


def average(values: ArrayLike, of: str, unit: str = "") -> Measure:
    """Return the mean of (n,) independent values with its Student interval, n at least 2."""
    return of_estimate(mean(np.asarray(values, dtype=float)), of, unit)


def spread(values: ArrayLike, of: str, unit: str = "") -> Measure:
    """Return the mean of a few values, with the smallest and the largest in place of an interval.

    For a number of seeds so small that an interval would say more about their number.
    """
    values = np.asarray(values, dtype=float)
    low, high = float(values.min()), float(values.max())
    return Measure(
        value=float(values.mean()), low=low, high=high, unit=unit, repeats=len(values),
        of=f"{of}: mean, smallest, largest",
    )  # fmt: skip


def series(points: Iterable[float]) -> tuple[float, ...]:
    """Return the points of a curve as they are recorded."""
    return tuple(float(point) for point in points)


def write(path: Path, record: Record) -> None:
    """Write a record atomically."""
    write_json(path, to_json(record))


def read(path: Path) -> Record:
    """Read a record; raises UserError where it is missing or damaged."""
    return read_record(path, Record)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the images beside a record; raises UserError where they are missing or damaged."""
    return read_npz(path, "measure the extension again")

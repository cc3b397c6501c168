"""The checks that end every notebook: one row per statement of the paper, measured and judged.

A row can be audited: its verdict follows from what was measured, the relation and the bound. Where
the measurement is an estimate, every value of its 95 % interval must satisfy the relation.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gan_repro.files import write_json
from gan_repro.theory.estimates import Estimate

if TYPE_CHECKING:
    import pandas as pd

Bound = float | tuple[float, float]
Relation = Literal["<", "<=", "=", ">=", ">", "between"]
Verdict = Literal["holds", "fails"]

RELATIONS: dict[Relation, Callable[[float, Bound], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    "=": lambda value, bound: value == bound,
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "between": lambda value, bound: bound[0] <= value <= bound[1],
}
SIGNS = {"<": "<", "<=": "≤", "=": "=", ">=": "≥", ">": ">"}


def judge(
    measured: float | None,
    relation: Relation,
    bound: Bound,
    interval: tuple[float, float] | None = None,
) -> Verdict:
    """Return whether a measurement, and each end of its interval, has the relation to the bound.

    Nothing measured (null in the file, where the number was not finite) never holds.
    """
    values = [measured, *(interval or ())]
    holds = all(value is not None and RELATIONS[relation](value, bound) for value in values)
    return "holds" if holds else "fails"


@dataclass(frozen=True)
class Check:
    """One statement of the paper and what was measured about it.

    Attributes:
        id: stable name within the notebook.
        claim: the statement, in the paper's terms.
        location: where the paper says it.
        measured: the number; None where it was not finite.
        relation: what the number must be to ``bound``.
        bound: a number, or the two ends of ``between``.
        seeds: independent repetitions behind the number; None where nothing is random, or where
            the number is the worst of all that were tried.
        interval: 95 % confidence interval of an estimate.
        verdict: what `judge` says of the row.
    """

    id: str
    claim: str
    location: str
    measured: float | None
    relation: Relation
    bound: Bound
    seeds: int | None
    interval: tuple[float, float] | None
    verdict: Verdict

    @property
    def condition(self) -> str:
        """The relation and the bound as they are read: ``≤ 0.01``, ``0.9 to 1.1``."""
        if self.relation == "between":
            return f"{_short(self.bound[0])} to {_short(self.bound[1])}"
        return f"{SIGNS[self.relation]} {_short(self.bound)}"

    @property
    def sentence(self) -> str:
        """What was claimed and what was measured, in one line."""
        span = f" [{', '.join(map(_short, self.interval))}]" if self.interval else ""
        return (
            f"{self.id}: {self.claim} ({self.location}); "
            f"measured {_short(self.measured)}{span}, must be {self.condition}"
        )


class CheckError(AssertionError):
    """At least one check failed; the message names each of them."""


class Checks:
    """The checks of one notebook, in the order in which they were added."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[Check] = []

    def add(
        self,
        *,
        id: str,
        claim: str,
        location: str,
        measured: float | Estimate,
        relation: Relation,
        bound: Bound,
        seeds: int | None = None,
    ) -> None:
        """Record one check with its verdict; an Estimate brings seeds and interval.

        ``location`` says where the paper makes the claim, for example ``"Proposition 1, eq. 2"``.
        Raises ValueError for an id used twice.
        """
        if any(row.id == id for row in self.rows):
            raise ValueError(f"check {id!r} was already added to {self.name!r}")
        interval = None
        if isinstance(measured, Estimate):
            interval, seeds = (float(measured.low), float(measured.high)), measured.seeds
            measured = measured.value
        value = float(measured) if math.isfinite(measured) else None
        if interval and not all(map(math.isfinite, interval)):
            interval = None
        limits = tuple(map(float, bound)) if relation == "between" else float(bound)
        verdict = judge(value, relation, limits, interval)
        self.rows.append(
            Check(id, claim, location, value, relation, limits, seeds, interval, verdict)
        )

    def table(self) -> "pd.DataFrame":
        """Return the checks as they are read, with one row each."""
        # Notebooks have it; what executes and lists them need not wait for it.
        import pandas as pd

        return pd.DataFrame(
            {
                "check": row.id,
                "claim": row.claim,
                "in the paper": row.location,
                "measured": _short(row.measured),
                "must be": row.condition,
                "repeats": "" if row.seeds is None else str(row.seeds),
                "95 % interval": "–".join(map(_short, row.interval)) if row.interval else "",
                "verdict": row.verdict,
            }
            for row in self.rows
        )

    def write(self, path: Path) -> None:
        """Write the checks as JSON, atomically."""
        write_json(Path(path), {"name": self.name, "checks": [asdict(row) for row in self.rows]})

    def require(self) -> None:
        """Raise CheckError if a check failed, and ValueError if there are none."""
        if not self.rows:
            raise ValueError(f"{self.name}: no checks were recorded")
        failed = [row for row in self.rows if row.verdict == "fails"]
        if failed:
            head = f"{self.name}: {len(failed)} of {len(self.rows)} checks failed"
            raise CheckError("\n".join([head, *(f"  {row.sentence}" for row in failed)]))


def _short(value: float | None) -> str:
    """Return a number with three digits, or what stands for one that is not finite."""
    return "not finite" if value is None else f"{value:.3g}".replace("-", "−")

"""The checks that end every notebook: one row per statement of the paper, measured and judged."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from gan_repro.files import write_json


@dataclass(frozen=True)
class Check:
    """One statement of the paper and what was measured about it."""

    id: str
    claim: str
    location: str
    measured: float | None
    tolerance: float
    verdict: str


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
        measured: float,
        tolerance: float,
        passed: bool | None = None,
    ) -> bool:
        """Record one check and return whether it holds.

        ``claim`` is in the paper's terms and ``location`` says where it stands, for example
        ``"Proposition 1, eq. 2"``. Without ``passed`` the check holds when
        ``abs(measured) <= tolerance``. A measurement that is not finite is stored as null and
        never holds. Raises ValueError for an id used twice.
        """
        if any(row.id == id for row in self.rows):
            raise ValueError(f"check {id!r} was already added to {self.name!r}")
        value = float(measured)
        holds = abs(value) <= tolerance if passed is None else bool(passed)
        holds = holds and math.isfinite(value)
        stored = value if math.isfinite(value) else None
        verdict = "holds" if holds else "fails"
        self.rows.append(Check(id, claim, location, stored, float(tolerance), verdict))
        return holds

    def table(self) -> pd.DataFrame:
        """Return the checks as a table with one row each."""
        return pd.DataFrame([asdict(row) for row in self.rows])

    def write(self, path: Path) -> None:
        """Write the checks as JSON, atomically."""
        write_json(Path(path), {"name": self.name, "checks": [asdict(row) for row in self.rows]})

    def require(self) -> None:
        """Raise CheckError if there are no checks or any of them failed."""
        if not self.rows:
            raise CheckError(f"{self.name}: no checks were recorded")
        failed = [row for row in self.rows if row.verdict == "fails"]
        if failed:
            lines = [
                f"  {row.id}: {row.claim} ({row.location}); "
                f"measured {row.measured}, tolerance {row.tolerance}"
                for row in failed
            ]
            head = f"{self.name}: {len(failed)} of {len(self.rows)} checks failed"
            raise CheckError("\n".join([head, *lines]))

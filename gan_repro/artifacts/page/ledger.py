"""The claims of the paper and what became of each: the rows of claims.csv, counted and marked."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from gan_repro.artifacts.claims.verdicts import TABLE, Row
from gan_repro.artifacts.lines import Rows, read_rows


class Mark(NamedTuple):
    """How a verdict looks: a sign that is read without colour, and a tone beside it."""

    sign: str
    tone: str


# In the order in which they are counted.
MARKS = {
    "confirmed": Mark("✓", "good"),
    "refined": Mark("≈", "partly"),
    "not reproduced": Mark("✗", "bad"),
    "not testable here": Mark("–", "open"),
    "not checked yet": Mark("…", "open"),
    "check failed": Mark("!", "bad"),
}
# What measurements say of Table 2's cells, in the same signs.
EVIDENCE_MARKS = {
    "supports": MARKS["confirmed"],
    "refines": MARKS["refined"],
    "contradicts": MARKS["not reproduced"],
    "a check failed": MARKS["check failed"],
    "not measured": MARKS["not checked yet"],
}
UNKNOWN = Mark("?", "open")


class Count(NamedTuple):
    """How many claims have a verdict."""

    verdict: str
    claims: int


# Verdicts that are no adjective.
IN_A_SENTENCE = {"check failed": "with a failed check"}


def mark(verdict: str) -> Mark:
    """Return how a verdict of a claim or of a cell of Table 2 looks."""
    return (MARKS | EVIDENCE_MARKS).get(verdict, UNKNOWN)


def read_ledger(results: Path) -> Rows:
    """Return the rows of claims.csv.

    Raises:
        UserError: it is missing or damaged.
    """
    return read_rows(results / TABLE, Row._fields)


def counts(rows: Rows) -> list[Count]:
    """Return how many rows have each verdict, the known ones first; those of none are left out."""
    found = Counter(row["verdict"] for row in rows)
    order = [*MARKS, *sorted(found.keys() - MARKS.keys())]
    return [Count(verdict, found[verdict]) for verdict in order if found[verdict]]


def outcome(rows: Rows) -> str:
    """Say in one sentence what became of the claims."""
    found = [f"{c.claims} {IN_A_SENTENCE.get(c.verdict, c.verdict)}" for c in counts(rows)]
    first, *others = found or ["none"]
    said = ", ".join([first.replace(" ", " are ", 1), *others[:-1]])
    last = f" and {others[-1]}" if others else ""
    return f"Of {len(rows)} checkable statements of the paper, {said}{last}."


def choices(rows: Rows, column: str) -> list[str]:
    """Return the different values of a column, in the order of their first rows."""
    return list(dict.fromkeys(row[column] for row in rows if row[column]))

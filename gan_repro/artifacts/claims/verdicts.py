"""`claims.csv`: the verdict on every statement of the paper, and what it rests on."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gan_repro.artifacts.claims.findings import Finding, find
from gan_repro.artifacts.claims.ledger import VERDICTS, Claim, Verdict, ledger
from gan_repro.artifacts.tables import write_csv

TABLE = "claims.csv"
# What references are of, by their first word.
NAMES = {
    "table1": "a score of {} on {}", "order": "all four scores on {}",
    "second": "all four scores on {}", "table2": "cell '{}' of Table 2's evidence",
    "panel": "panel {} of Figure 2", "figure2": "panel {} of Figure 2",
    "figure3": "the lines of Figure 3", "mixing": "how {} mixes", "chains": "how {} mixes",
    "means": "how {} mixes",
}  # fmt: skip
# So many missing references are named.
SHOWN = 3
# Of several findings the weightiest decides, from here on down.
GRAVITY: tuple[Verdict, ...] = (
    "check failed", "not reproduced", "not checked yet", "refined", "confirmed",
)  # fmt: skip


class Row(NamedTuple):
    """One line of claims.csv; the numbers are those of the first finding.

    Attributes:
        nips, arxiv: the place in each text; empty where the statement is not there.
        low, high: ends of a 95 % interval.
        relation, bound: what the number must be; the ends of ``between`` as `0.5 to 2`.
        why: what was found, or why nothing was.
        evidence: references, separated by `;`.
        artefact: the file of the first finding, relative to the results.
    """

    id: str
    section: str
    nips: str
    arxiv: str
    kind: str
    statement: str
    verdict: Verdict
    measured: float | None
    low: float | None
    high: float | None
    relation: str
    bound: str
    seeds: int | None
    why: str
    evidence: str
    artefact: str


def judge_all(found: Mapping[str, Finding]) -> Iterator[Row]:
    """Yield the row of every statement of the ledger."""
    for name, claim in ledger().items():
        yield judge(name, claim, found)


def judge(name: str, claim: Claim, found: Mapping[str, Finding]) -> Row:
    """Return the row of one statement.

    A statement is no better than the weightiest of its findings; one that is missing leaves it
    unchecked, unless something else has already failed or contradicted it.
    """
    there = {ref: found[ref] for ref in claim.evidence if ref in found}
    missing = [ref for ref in claim.evidence if ref not in there]
    verdict = _verdict(claim, there.values(), missing)
    deciding = [finding for finding in there.values() if finding.verdict == verdict]
    first = next(iter(there.values()), None)
    shown = deciding[0] if deciding and verdict in ("check failed", "not reproduced") else first
    if verdict == "not testable here":
        shown = None
    return Row(
        id=name,
        section=claim.section,
        nips=claim.where.nips,
        arxiv=claim.where.arxiv,
        kind=claim.kind,
        statement=claim.statement,
        verdict=verdict,
        **_numbers(shown),
        why=_why(claim, verdict, deciding or [*there.values()], missing),
        evidence="; ".join(_named(claim, there)),
        artefact=shown.artefact if shown else "",
    )


def _verdict(claim: Claim, found: Iterable[Finding], missing: Iterable[str]) -> Verdict:
    words = {finding.verdict for finding in found} | ({"not checked yet"} if missing else set())
    worst = next((word for word in GRAVITY if word in words), "not checked yet")
    if worst == "not checked yet" and claim.untestable:
        return "not testable here"
    holds = worst in ("confirmed", "refined")
    return min(worst, claim.verdict, key=GRAVITY.index) if holds else worst


def _numbers(shown: Finding | None) -> dict:
    names = ("measured", "low", "high", "relation", "bound", "seeds")
    empty = Finding("not checked yet", "", "")
    return {name: getattr(shown or empty, name) for name in names}


def _why(claim: Claim, verdict: Verdict, deciding: list[Finding], missing: list[str]) -> str:
    said = "; ".join(dict.fromkeys(finding.said for finding in deciding))
    if verdict == "not testable here":
        return claim.untestable or ""
    if verdict == "not checked yet":
        gaps = f"These results lack {_listed(missing)}" if missing else ""
        unchecked = [f.said for f in deciding if f.verdict == "not checked yet"]
        return "; ".join(dict.fromkeys(filter(None, [gaps, *unchecked])))
    if verdict == claim.verdict and claim.found:
        return claim.found
    return said if verdict != "confirmed" else deciding[0].said


def _listed(references: list[str]) -> str:
    words = list(dict.fromkeys(map(_in_words, references)))
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _in_words(reference: str) -> str:
    """Return what a reference refers to, as it is read: ``a score of DBN on MNIST``."""
    family, *rest = reference.split("/")
    if family.isdecimal():
        return f"check '{rest[0]}' of notebook {family}"
    return NAMES.get(family, reference).format(*rest)


def _named(claim: Claim, there: Mapping[str, Finding]) -> list[str]:
    """Return the references of a statement, each with those of the checks behind it."""
    found = [[ref, *(there[ref].checks if ref in there else ())] for ref in claim.evidence]
    return list(dict.fromkeys(name for names in found for name in names))


def read_claims(results: Path) -> list[Row]:
    """Return the row of every statement, from what is in a folder of results."""
    return list(judge_all(find(results)))


def write_claims(rows: Iterable[Row], out: Path) -> None:
    """Write ``claims.csv``."""
    write_csv(frame(rows), out)


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return the rows as a table; counts of seeds stay whole numbers beside empty cells."""
    return pd.DataFrame(list(rows), columns=Row._fields).astype({"seeds": "Int64"})


def counts(rows: Iterable[Row]) -> dict[Verdict, int]:
    """Return how many statements have each verdict, in a fixed order, without zeros."""
    words = [row.verdict for row in rows]
    return {word: words.count(word) for word in VERDICTS if word in words}

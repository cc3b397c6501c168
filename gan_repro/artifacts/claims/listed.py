"""The ledger as it is read on a terminal."""

import textwrap
from collections.abc import Iterable, Sequence

from gan_repro.artifacts.claims.verdicts import Row, counts
from gan_repro.errors import UserError


def chosen(rows: Iterable[Row], **wanted: Sequence[str] | None) -> list[Row]:
    """Return the rows whose fields are among the wanted words; None wants all.

    Raises:
        UserError: no row has such a word.
    """
    rows = list(rows)
    for field, words in wanted.items():
        known = list(dict.fromkeys(getattr(row, field) for row in rows))
        unknown = [word for word in words or () if word not in known]
        if unknown:
            there = ", ".join(known)
            raise UserError(f"no statement with {field} '{unknown[0]}' (there are: {there})")
        rows = [row for row in rows if words is None or getattr(row, field) in words]
    return rows


def listing(rows: Sequence[Row], width: int) -> str:
    """Return counts, then each statement with its verdict, its number and what was found."""
    found = ", ".join(f"{number} {word}" for word, number in counts(rows).items())
    return "\n\n".join([f"{len(rows)} statements: {found}", *(_entry(row, width) for row in rows)])


def _entry(row: Row, width: int) -> str:
    place = row.nips if row.nips == row.arxiv else _places(row)
    head = f"{row.verdict.upper()}  {row.id}  ({place})"
    lines = [row.statement, _number(row), row.why]
    body = [
        textwrap.fill(line, width, initial_indent="  ", subsequent_indent="  ")
        for line in lines
        if line
    ]
    return "\n".join([head, *body])


def _places(row: Row) -> str:
    named = {"NIPS": row.nips, "arXiv": row.arxiv}
    return "; ".join(f"{text}: {place}" for text, place in named.items() if place)


def _number(row: Row) -> str:
    if row.measured is None:
        return ""
    interval = "" if row.low is None else f" ({row.low:.4g} to {row.high:.4g})"
    seeds = "" if row.seeds is None else f", {row.seeds} repetitions"
    relation = "" if row.relation == "between" else f"{row.relation} "
    return f"measured {row.measured:.4g}{interval}, must be {relation}{row.bound}{seeds}"

"""What the page shows, section by section: each part is read on its own, or is a gap."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gan_repro.artifacts.page import exhibits, ledger, origins, table_one, table_two, theorem
from gan_repro.artifacts.page.reading import Gap, part
from gan_repro.paper import TABLE_2_COLUMNS
from gan_repro.training.runs import RunRecord

# Reads a part of the page: its name, and what reads it from the folder of results.
Read = Callable[[str, Callable[[Path], Any]], Any]

# Key, name in the list of contents, title.
SECTIONS = (
    ("verdict", "Verdict", "The verdict"),
    ("table-1", "Table 1", "Table 1"),
    ("scores", "Scores", "What moves a score"),
    ("figures", "Figures", "Figures 1, 2 and 3"),
    ("curves", "Curves", "Learning curves"),
    ("theorem-1", "Theorem 1", "Theorem 1 by hand"),
    ("table-2", "Table 2", "Table 2, with evidence"),
    ("claims", "Claims", "The claims, one by one"),
    ("notebooks", "Notebooks", "Notebooks"),
    ("provenance", "Provenance", "Provenance"),
    ("durations", "Durations", "How long it took, and on what"),
)


def contents(results: Path, benchmarks: Path) -> dict[str, Any]:
    """Return what the templates name, from a folder of results and the measurements of its jobs."""

    def read(what: str, reader: Callable[[Path], Any]) -> Any:
        return part(what, results, partial(reader, results))

    runs = read("The records of trainings", origins.records)
    durations = part("How long each step took", results, partial(origins.durations, benchmarks))
    return {
        "sections": SECTIONS,
        **_claims(read),
        **_table_1(read),
        **_figures(results, read, runs),
        **_theorem_1(),
        **_table_2(read),
        **_origins(read, runs),
        "durations": durations,
    }


def _claims(read: Read) -> dict[str, Any]:
    claims, checks = (
        read("The claims ledger", ledger.read_ledger),
        read("The checks", exhibits.checks),
    )
    rows = [] if isinstance(claims, Gap) else claims
    known = {} if isinstance(checks, Gap) else checks
    return {
        "claims": claims,
        "outcome": ledger.outcome(rows),
        "counts": ledger.counts(rows),
        "choices": {name: ledger.choices(rows, name) for name in ("verdict", "section", "kind")},
        "verdicts": checks,
        "held": sum(verdict == "holds" for verdicts in known.values() for verdict in verdicts),
        "checks": sum(map(len, known.values())),
        "notebooks": read("Notebooks", partial(exhibits.notebooks, verdicts=known)),
    }


def _table_1(read: Read) -> dict[str, Any]:
    scores = read("The scores", table_one.scores)
    scored = [] if isinstance(scores, Gap) else scores
    return {
        "sentence": read("Table 1", table_one.sentence),
        "printed": read("Table 1", table_one.printed),
        "scores": scores,
        "compared": any(row.paper for _, rows in scored for row in rows),
        "drawn": any(row.draws for _, rows in scored for row in rows),
        "datasets": [title for title, _ in scored],
    }


def _figures(results: Path, read: Read, runs: list[RunRecord] | Gap) -> dict[str, Any]:
    trained = [] if isinstance(runs, Gap) else runs
    titles = {record.dataset.name: record.dataset.title for record in trained}
    return {
        "figures": exhibits.figures(results),
        "panels": read("The panels of Figure 2", exhibits.panels),
        "dependences": read("What scores depend on", exhibits.dependences),
        "curves": read("Learning curves", partial(exhibits.curves, titles=titles)),
        "game": read("The recorded game", exhibits.game),
    }


def _theorem_1() -> dict[str, Any]:
    mixture = theorem.components()
    return {
        "components": mixture,
        "sliders": theorem.sliders(mixture),
        "states": theorem.states(mixture),
    }


def _table_2(read: Read) -> dict[str, Any]:
    evidence = read("The evidence", table_two.with_evidence)
    return {
        "columns": TABLE_2_COLUMNS,
        "table2": table_two.cells() if isinstance(evidence, Gap) else evidence,
        "evidence": evidence,
    }


def _origins(read: Read, runs: list[RunRecord] | Gap) -> dict[str, Any]:
    return {
        "runs": runs,
        "facts": {} if isinstance(runs, Gap) else origins.facts(runs),
        "measurements": read("The records of extensions", origins.measurements),
        "manifest": read("The manifest", origins.manifest),
    }

"""Table 2 with evidence: what supports, refines or contradicts each of its cells, as measured.

A cell's verdict is the word beside it here only while every check under its name holds, in the
notebook that was executed last; otherwise the row says what is missing or what failed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from gan_repro.artifacts.tables import write_csv
from gan_repro.config.schema import Spec, read_record
from gan_repro.extensions.records import Record
from gan_repro.paper import TABLE_2_ARXIV, TABLE_2_COLUMNS, TABLE_2_NIPS
from gan_repro.theory.checks import Check

TABLE, NOTEBOOK = "table2_evidence.csv", "11_table_2"
NOT_MEASURED = "not measured"
FAILED = "a check failed"


class Cell(NamedTuple):
    """One cell of Table 2.

    Attributes:
        id: also that of its first check; the others are called ``id: …``.
        row: the operation.
        column: of the four models.
        word: what its checks say about the paper's words where they hold.
        record: the extension that measured it.
        version: of the text.
    """

    id: str
    row: str
    column: int
    word: Literal["supports", "refines", "contradicts"]
    record: str
    version: Literal["nips", "arxiv"] = "nips"

    @property
    def words(self) -> str:
        """The paper's words."""
        table = TABLE_2_NIPS if self.version == "nips" else TABLE_2_ARXIV
        return table[self.row][self.column]


CELLS = (
    Cell("training-directed", "Training", 0, "supports", "directed"),
    Cell("training-undirected", "Training", 1, "supports", "undirected"),
    Cell("training-autoencoders", "Training", 2, "supports", "autoencoders"),
    Cell("training-adversarial", "Training", 3, "supports", "synchronised"),
    Cell("inference-directed", "Inference", 0, "supports", "directed"),
    Cell("inference-undirected", "Inference", 1, "supports", "undirected"),
    Cell("inference-autoencoders", "Inference", 2, "supports", "autoencoders"),
    Cell("inference-adversarial", "Inference", 3, "refines", "learned_inference"),
    Cell("sampling-directed", "Sampling", 0, "supports", "sampling_cost"),
    Cell("sampling-undirected", "Sampling", 1, "supports", "sampling_cost"),
    Cell("sampling-autoencoders", "Sampling", 2, "supports", "sampling_cost"),
    Cell("sampling-adversarial", "Sampling", 3, "supports", "sampling_cost"),
    Cell("density-directed", "Evaluating p(x)", 0, "refines", "directed"),
    Cell("density-undirected", "Evaluating p(x)", 1, "supports", "undirected"),
    Cell("density-autoencoders", "Evaluating p(x)", 2, "refines", "adversarial_density"),
    Cell("density-adversarial", "Evaluating p(x)", 3, "refines", "adversarial_density"),
    Cell("design-directed", "Model design", 0, "supports", "differentiable"),
    Cell("design-undirected", "Model design", 1, "supports", "undirected"),
    Cell("design-autoencoders", "Model design", 2, "supports", "differentiable"),
    Cell("design-adversarial", "Model design", 3, "refines", "differentiable"),
    Cell("design-directed-arxiv", "Model design", 0, "contradicts", "directed", "arxiv"),
)


class NotebookChecks(Spec):
    """`checks/NOTEBOOK.json`."""

    name: str
    checks: tuple[Check, ...]


def read_checks(folder: Path) -> dict[str, tuple[Check, ...]]:
    """Return notebook → its checks, of every notebook that was executed, in reading order.

    Raises:
        UserError: a file is damaged.
    """
    paths = sorted(folder.glob("*.json"))
    return {path.stem: read_record(path, NotebookChecks).checks for path in paths}


class Row(NamedTuple):
    """One line of table2_evidence.csv; numbers are those of the first check."""

    id: str
    row: str
    column: str
    version: str
    paper: str
    verdict: str
    finding: str
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    must_be: str = ""
    repeats: int | None = None
    checks: str = ""
    experiments: str = ""
    artefact: str = ""


def checks_of(cell: Cell, checks: Iterable[Check]) -> list[Check]:
    """Return the checks under a cell's name, the one with its number first."""
    found = [check for check in checks if check.id.split(": ")[0] == cell.id]
    return sorted(found, key=lambda check: check.id != cell.id)


def evidence(checks: Iterable[Check], records: dict[str, Record]) -> Iterator[Row]:
    """Yield the row of every cell.

    Args:
        checks: of the executed notebook.
        records: name → record of the extensions that were measured.
    """
    checks = list(checks)
    for cell in CELLS:
        about = (cell.id, cell.row, TABLE_2_COLUMNS[cell.column], cell.version, cell.words)
        found, record = checks_of(cell, checks), records.get(cell.record)
        if record is None or not found:
            missing = f"extensions/{cell.record}.json" if record is None else f"{NOTEBOOK}.json"
            yield Row(*about, NOT_MEASURED, f"{missing} has nothing of it")
            continue
        first, failed = found[0], [check for check in found if check.verdict == "fails"]
        low, high = first.interval or (None, None)
        yield Row(
            *about,
            verdict=FAILED if failed else cell.word,
            finding="; ".join(check.claim for check in failed or found),
            measured=first.measured,
            low=low,
            high=high,
            must_be=first.condition,
            repeats=first.seeds,
            checks="; ".join(check.id for check in found),
            experiments="; ".join(record.runs),
            artefact=f"extensions/{cell.record}.json",
        )


def read_evidence(results: Path) -> list[Row]:
    """Return the row of every cell, from the records and checks in a folder of results."""
    checks = read_checks(results / "checks").get(NOTEBOOK, ())
    paths = {cell.record: results / "extensions" / f"{cell.record}.json" for cell in CELLS}
    records = {name: read_record(p, Record) for name, p in paths.items() if p.exists()}
    return list(evidence(checks, records))


def write_evidence(results: Path) -> list[Row]:
    """Write ``table2_evidence.csv`` into a folder of results; return its rows."""
    rows = read_evidence(results)
    write_csv(pd.DataFrame(rows), results / TABLE)
    return rows

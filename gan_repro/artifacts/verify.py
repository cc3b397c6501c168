"""Whether a folder of results agrees with itself: everything derived is derived again."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from gan_repro.artifacts import drift_table, evidence, tables
from gan_repro.artifacts.agreement import differ, told
from gan_repro.artifacts.cells import Cell, read_cells
from gan_repro.artifacts.claims import verdicts
from gan_repro.artifacts.lines import read_frame
from gan_repro.artifacts.report import document
from gan_repro.artifacts.report.facts import gather
from gan_repro.artifacts.verified_runs import runs
from gan_repro.config.schema import read_record
from gan_repro.errors import UserError, reading
from gan_repro.files import sha256
from gan_repro.theory.checks import judge
from gan_repro.training.runs import files_below

MANIFEST = "manifest.json"
AGAIN = "run the step that writes it again"


def verify(root: Path) -> list[str]:
    """Return what does not agree in a folder of results, one line each; nothing where all does.

    A file that cannot be read is a line as well, and the others are compared all the same.

    Raises:
        UserError: the folder holds nothing that can be verified.
    """
    if not any((root / name).exists() for name in (MANIFEST, "table1.csv", "checks")):
        raise UserError(f"{root} holds no manifest, no table and no checks; build them first")
    tabulated = [derived_table(root, name) for name in DERIVED]
    parts = (digests(root), runs(root), *tabulated, derived_report(root), checks(root))
    # Two parts may end at the same file.
    return list(dict.fromkeys(line for part in parts for line in told(part)))


def digests(root: Path) -> Iterator[str]:
    """Compare every file of the manifest with its SHA-256; tables must have a manifest."""
    manifest = root / MANIFEST
    entries = read_record(manifest, dict[str, str]) if manifest.exists() else {}
    if not entries and any((root / name).exists() for name in DERIVED):
        yield f"{MANIFEST}: names nothing" if manifest.exists() else f"no {MANIFEST} beside tables"
    for name, digest in entries.items():
        yield from told(_entry(root, name, digest))


def _entry(root: Path, name: str, digest: str) -> Iterator[str]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        yield f"{name}: in the manifest, but outside of the folder"
    elif not (root / name).is_file():
        yield f"{name}: in the manifest, but not there"
    elif sha256(root / name) != digest:
        yield f"{name}: its SHA-256 is not the manifest's"


def derived_table(root: Path, name: str) -> Iterator[str]:
    """Build a table again from what lies below, and compare; nothing where it is not there.

    Raises:
        UserError: the table is damaged, or something that it is built from.
    """
    path, kind = root / name, DERIVED[name]
    if not path.exists():
        return
    found = read_frame(path, kind.columns)
    with reading(path, "cannot be built again", "check what lies beside it"):
        expected = kind.build(root, found)
        differences = [] if expected is None else list(differ(name, found, expected))
    yield from differences


def derived_report(root: Path) -> Iterator[str]:
    """Write the report again, and compare.

    Raises:
        UserError: it is damaged, or something that it is written from.
    """
    if not (root / document.MARKDOWN).exists():
        return
    with reading(root / document.MARKDOWN, "cannot be written again", "check what it says"):
        text = document.markdown(gather(root))
        pages = {document.MARKDOWN: text, document.PRINT: document.page(text, root)}
    for name, again in pages.items():
        yield from told(_page(root / name, again))


def _page(path: Path, again: str) -> Iterator[str]:
    with reading(path, "is not a page", AGAIN):
        found = path.read_text(encoding="utf-8")
    if found != again:
        yield f"{path.name}: is not the report of what is beside it"


def checks(root: Path) -> Iterator[str]:
    """Judge every check again by what was measured, its relation and its bound."""
    for path in sorted((root / "checks").glob("*.json")):
        yield from told(_checks(path))


def _checks(path: Path) -> Iterator[str]:
    for check in read_record(path, evidence.NotebookChecks).checks:
        with reading(path, f"has no bound that {check.id} can be held against", AGAIN):
            verdict = judge(check.measured, check.relation, check.bound, check.interval)
        if verdict != check.verdict:
            yield f"{path.name}: {check.id} says {check.verdict}, but {verdict}"


class Derived(NamedTuple):
    """A table that is built from what lies below it.

    Attributes:
        columns: that it must have to be read.
        build: from the folder and the table that was found; None where nothing is there to
            build it from.
    """

    columns: tuple[str, ...]
    build: Callable[[Path, pd.DataFrame], pd.DataFrame | None]


def _cells(root: Path) -> list[Cell]:
    return read_cells(files_below(root, "parzen.json"))


def _table1(root: Path, found: pd.DataFrame) -> pd.DataFrame | None:
    columns = {head: head for head in found.columns if head != "Model"}
    cells = _cells(root)
    return tables.table1(cells, columns) if cells else None


def _comparison(root: Path, found: pd.DataFrame) -> pd.DataFrame | None:
    cells = _cells(root)
    return tables.comparison(_those(cells, found)) if cells else None


def _scores(root: Path, found: pd.DataFrame) -> pd.DataFrame | None:
    cells = _cells(root)
    return tables.all_scores(_those(cells, found)) if cells else None


def _those(cells: list[Cell], table: pd.DataFrame) -> list[Cell]:
    """Return the cells that a table lists, in its order, each once."""
    known = {(cell.row, cell.dataset): cell for cell in cells}
    keys = dict.fromkeys(zip(table["model"], table["dataset"], strict=True))
    return [known[key] for key in keys if key in known]


def _drift(root: Path, found: pd.DataFrame) -> pd.DataFrame:
    points = drift_table.read_points(files_below(root, "drift.json"))
    # Each experiment's points are together, and experiments in the order of the configuration.
    order = {name: number for number, name in enumerate(dict.fromkeys(found["experiment"]))}
    points = sorted(points, key=lambda point: order.get(point.experiment, len(order)))
    return drift_table.table(points)


def _evidence(root: Path, _: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(evidence.read_evidence(root))


def _claims(root: Path, _: pd.DataFrame) -> pd.DataFrame:
    return verdicts.frame(verdicts.read_claims(root))


DERIVED = {
    "table1.csv": Derived(("Model",), _table1),
    "table1_comparison.csv": Derived(("model", "dataset"), _comparison),
    "scores.csv": Derived(("model", "dataset"), _scores),
    "drift.csv": Derived(("experiment",), _drift),
    evidence.TABLE: Derived(("id",), _evidence),
    verdicts.TABLE: Derived(("id",), _claims),
}

"""Whether a folder of results agrees with itself: everything derived is derived again."""

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from gan_repro.artifacts import drift_table, evidence, tables
from gan_repro.artifacts.cards import sealed
from gan_repro.artifacts.cells import Cell, read_cells
from gan_repro.artifacts.claims import verdicts
from gan_repro.artifacts.lines import read_rows
from gan_repro.artifacts.report import document
from gan_repro.artifacts.report.facts import gather
from gan_repro.errors import UserError
from gan_repro.evaluation.scores import read_scores
from gan_repro.files import read_json, sha256
from gan_repro.theory.checks import judge
from gan_repro.training.runs import RunFolder, RunRecord, files_below, trained_below


def verify(root: Path) -> list[str]:
    """Return what does not agree in a folder of results, one line each; nothing where all does.

    Raises:
        UserError: the folder holds nothing that can be verified.
    """
    tabulated = (derived_tables(root), derived_evidence(root), derived_claims(root))
    parts = (digests(root), runs(root), *tabulated, derived_report(root), checks(root))
    found = [list(part) for part in parts]
    if not any((root / name).exists() for name in ("manifest.json", "table1.csv", "checks")):
        raise UserError(f"{root} holds no manifest, no table and no checks; build them first")
    return [line for part in found for line in part]


def digests(root: Path) -> Iterator[str]:
    """Compare every file of the manifest with its SHA-256."""
    manifest = root / "manifest.json"
    for name, digest in (read_json(manifest) if manifest.exists() else {}).items():
        if not (root / name).is_file():
            yield f"{name}: in the manifest, but not there"
        elif sha256(root / name) != digest:
            yield f"{name}: its SHA-256 is not the manifest's"


def runs(root: Path) -> Iterator[str]:
    """Compare each run's record with its metrics, its digests, its scores and its card."""
    for folder in trained_below(root):
        about = folder.read_record()
        for problem in (*_training(folder, about), *_scores(folder, about)):
            yield f"{folder.path.relative_to(root)}: {problem}"


def _training(folder: RunFolder, record: RunRecord) -> Iterator[str]:
    metrics = read_rows(folder.metrics, ("epoch", "valid_ll"))
    if [row["epoch"] for row in metrics] != [str(n) for n in range(1, record.epochs + 1)]:
        yield f"metrics.csv has {len(metrics)} epochs, run.json {record.epochs}"
        return
    scored = dict(folder.validations())
    expected = max(scored, key=scored.get) if record.chosen.by == "validation" else max(scored)
    if record.chosen.epoch != expected:
        yield f"run.json keeps epoch {record.chosen.epoch}, metrics.csv says {expected}"
    elif abs(scored[expected] - record.chosen.valid_ll) > 1e-6:
        yield f"the validation score of epoch {expected} differs between metrics.csv and run.json"
    for name, digest in sealed(folder).items():
        if (folder.path / name).exists() and sha256(folder.path / name) != digest:
            yield f"{name}: its SHA-256 is not the one it was finished with"


def _scores(folder: RunFolder, record: RunRecord) -> Iterator[str]:
    scores, card = folder.path / "parzen.json", folder.path / "card.md"
    for score in read_scores(scores) if scores.exists() else ():
        if (score.experiment, score.seed) != (record.experiment, record.seed):
            yield f"parzen.json is of {score.experiment}, seed {score.seed}"
        if score.epochs != record.epochs:
            yield f"parzen.json says {score.epochs} epochs, run.json {record.epochs}"
        for name, grid in score.grids.items():
            best = max(grid.valid_curve)
            if grid.sigmas[grid.valid_curve.index(best)] != grid.sigma:
                yield f"parzen.json, {name} grid: σ is not the best on validation images"
    there = card.exists() and folder.weights.exists()
    if there and sha256(folder.weights) not in card.read_text(encoding="utf-8"):
        yield "card.md is of other weights"


def derived_tables(root: Path) -> Iterator[str]:
    """Build the tables again from the scores below, and compare."""
    paths = files_below(root, "parzen.json")
    if not paths or not (root / "table1.csv").exists():
        return
    table = _read(root / "table1.csv")
    columns = {head: head for head in table.columns if head != "Model"}
    cells = read_cells(paths)
    yield from _differ("table1.csv", table, tables.table1(cells, columns))
    for name, build in (
        ("table1_comparison.csv", tables.comparison), ("scores.csv", tables.all_scores),
    ):  # fmt: skip
        if (root / name).exists():
            found = _read(root / name)
            yield from _differ(name, found, build(_those(cells, found)))
    if (root / "drift.csv").exists():
        found = _read(root / "drift.csv")
        points = drift_table.read_points(files_below(root, "drift.json"))
        # Each experiment's points are together, and experiments in the order of the configuration.
        order = {name: number for number, name in enumerate(dict.fromkeys(found["experiment"]))}
        points = sorted(points, key=lambda point: order.get(point.experiment, len(order)))
        yield from _differ("drift.csv", found, drift_table.table(points))


def derived_evidence(root: Path) -> Iterator[str]:
    """Build the evidence for Table 2 again from records and checks, and compare."""
    if (root / evidence.TABLE).exists():
        expected = pd.DataFrame(evidence.read_evidence(root))
        yield from _differ(evidence.TABLE, _read(root / evidence.TABLE), expected)


def derived_claims(root: Path) -> Iterator[str]:
    """Judge every statement of the paper again, and compare."""
    table = root / verdicts.TABLE
    if table.exists():
        expected = verdicts.frame(verdicts.read_claims(root))
        yield from _differ(verdicts.TABLE, _read(table), expected)


def derived_report(root: Path) -> Iterator[str]:
    """Write the report again, and compare."""
    if not (root / document.MARKDOWN).exists():
        return
    text = document.markdown(gather(root))
    for name, again in ((document.MARKDOWN, text), (document.PRINT, document.page(text, root))):
        if (root / name).read_text(encoding="utf-8") != again:
            yield f"{name}: is not the report of what is beside it"


def _those(cells: list[Cell], table: pd.DataFrame) -> list[Cell]:
    """Return the cells that a table lists, in its order."""
    known = {(cell.row, cell.dataset): cell for cell in cells}
    keys = zip(table["model"], table["dataset"], strict=True)
    return [known[key] for key in keys if key in known]


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _differ(name: str, found: pd.DataFrame, expected: pd.DataFrame) -> Iterator[str]:
    again = pd.read_csv(io.StringIO(expected.to_csv(index=False)), dtype=str, keep_default_na=False)
    if list(found.columns) != list(again.columns) or len(found) != len(again):
        yield f"{name}: {len(found)} rows, but its scores give {len(again)}"
        return
    for row, column in zip(*(found != again).to_numpy().nonzero(), strict=True):
        where, what = found.iat[row, 0], found.columns[column]
        yield f"{name}: {where}, {what}: {found.iat[row, column]}, but its scores give " + str(
            again.iat[row, column]
        )


def checks(root: Path) -> Iterator[str]:
    """Judge every check again by what was measured, its relation and its bound."""
    for name, found in evidence.read_checks(root / "checks").items():
        for check in found:
            verdict = judge(check.measured, check.relation, check.bound, check.interval)
            if verdict != check.verdict:
                yield f"{name}.json: {check.id} says {check.verdict}, but {verdict}"

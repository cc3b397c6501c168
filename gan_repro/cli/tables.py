"""table, scores, compare, card, index, manifest, page, verify: from numbers to what is read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan_repro.cli.app import Results, app, pairs, say
from gan_repro.cli.outputs import folder_of_results, output, output_folder
from gan_repro.errors import UserError, suggest

if TYPE_CHECKING:
    from gan_repro.artifacts.cells import Cell


@app.command(epilog="Example: gan-repro mixing-table results/runs/*/seed0/mixing.json")
def mixing_table(
    records: Annotated[list[Path], typer.Argument(help="mixing.json files.")],
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results"),
) -> None:
    """Build mixing.csv and figures/mixing.{png,pdf}: every chain beside independent draws."""
    from gan_repro.artifacts import mixing_table as artifacts
    from gan_repro.artifacts.style import save_figure
    from gan_repro.artifacts.tables import write_csv

    output_folder(out, "mixing.csv", "figures/mixing.png", "figures/mixing.pdf")
    found = artifacts.read_records(records)
    write_csv(artifacts.table(found), out / "mixing.csv")
    save_figure(artifacts.figure(found), out / "figures" / "mixing")
    say(f"mixing.csv and figures/mixing.png of {len(found)} runs in {out}")


@app.command(epilog="Example: gan-repro drift-table results/runs/*/seed0/drift.json")
def drift_table(
    records: Annotated[list[Path], typer.Argument(help="drift.json files.")],
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results"),
) -> None:
    """Build drift.csv and figures/drift.{png,pdf}: what chains owe to their first images."""
    from gan_repro.artifacts import drift_table as artifacts
    from gan_repro.artifacts.style import save_figure
    from gan_repro.artifacts.tables import write_csv

    output_folder(out, "drift.csv", "figures/drift.png", "figures/drift.pdf")
    points = artifacts.read_points(records)
    write_csv(artifacts.table(points), out / "drift.csv")
    save_figure(artifacts.figure(points), out / "figures" / "drift")
    say(f"drift.csv and figures/drift.png of {len(records)} runs in {out}")


@app.command(epilog="Example: gan-repro table results/runs/*/seed*/parzen.json")
def table(
    scores: Annotated[list[Path] | None, typer.Argument(help="parzen JSON files.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="HEADER=TITLE of a dataset; repeat for more.")
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option(help="HEADER=why a column is empty; repeat for more.")
    ] = None,
    expect: Annotated[
        list[str] | None, typer.Option(help="Experiment that should have a score; repeat for more.")
    ] = None,
    logs: Annotated[Path, typer.Option(help="Where to look for the reason if it has none.")] = Path(
        "logs"
    ),
    out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("results"),
) -> None:
    """Build table1.csv, its comparison with the paper, its notes, and table2.csv from scores."""
    from gan_repro.artifacts import tables
    from gan_repro.artifacts.cells import read_cells
    from gan_repro.config.gaps import find_gaps

    columns, reasons = pairs(column or ["MNIST=MNIST", "TFD=TFD"]), pairs(reason or [])
    for header in reasons:
        if header not in columns:
            raise UserError(f"--reason: no column is called '{header}'{suggest(header, columns)}")
    cells = read_cells(scores or [])
    gaps = find_gaps(expect or [], [cell.experiment for cell in cells], logs)
    files = {
        "table1": tables.table1(cells, columns),
        "table1_paper": tables.paper_table1(),
        "table1_comparison": tables.comparison(cells),
        "table1_notes": tables.notes(cells, columns, reasons, gaps),
        "table2": tables.table2("nips"),
        "table2_arxiv": tables.table2("arxiv"),
    }
    output_folder(out, *(f"{name}.csv" for name in files))
    for name, content in files.items():
        tables.write_csv(content, out / f"{name}.csv")
    say(f"{', '.join(f'{name}.csv' for name in files)} in {out}")
    _note_empty([title for head, title in columns.items() if head not in reasons], cells)


def _note_empty(titles: list[str], cells: "list[Cell]") -> None:
    """Say on standard error which columns have no score, where there are scores of others."""
    known = dict.fromkeys(cell.dataset for cell in cells)
    missing = [f"'{title}'" for title in titles if title not in known]
    if missing and known:
        print(
            f"note: no score is of {' or '.join(missing)}; there are scores of {', '.join(known)}",
            file=sys.stderr,
        )


@app.command(epilog="Example: gan-repro scores results/runs/*/seed*/parzen.json")
def scores(
    records: Annotated[list[Path], typer.Argument(help="parzen JSON files.")],
    out: Annotated[Path, typer.Option(help="Where to write.")] = Path("results/scores.csv"),
) -> None:
    """List every score, of the table's datasets and of any other, in scores.csv."""
    from gan_repro.artifacts.cells import read_cells
    from gan_repro.artifacts.tables import all_scores, write_csv

    beside = [path.with_name(name) for path in records for name in ("redrawn.json", "drift.json")]
    target = output(out, [*records, *beside])
    cells = read_cells(records)
    write_csv(all_scores(cells), target)
    say(f"{len(cells)} scores in {target}")


@app.command(epilog="Example: gan-repro compare --results results/demo")
def compare(
    results: Annotated[Path, typer.Option(help="Folder with the tables.")] = Path("results"),
) -> None:
    """Print Table 1 beside the paper's, how many checks hold, and where to look."""
    from gan_repro.artifacts.summary import summary

    say(summary(results))


@app.command(epilog="Example: gan-repro index results/notebooks")
def index(
    notebooks: Annotated[Path, typer.Argument(help="Folder of the executed notebooks' pages.")],
    checks: Annotated[
        Path | None, typer.Option(help="Folder of their checks. [checks beside it]")
    ] = None,
) -> None:
    """Write the page that lists the notebooks, with how many of their checks hold."""
    from gan_repro.artifacts.pages import write_index
    from gan_repro.artifacts.summary import check_verdicts

    verdicts = check_verdicts(checks or notebooks.with_name("checks"))
    say(f"written to {write_index(notebooks, verdicts)}")


@app.command(epilog="Example: gan-repro manifest results/table1.csv --out results/manifest.json")
def manifest(
    files: Annotated[list[Path], typer.Argument(help="Artefacts.")],
    root: Annotated[Path, typer.Option(help="Paths are relative to it.")] = Path("results"),
    out: Annotated[Path, typer.Option()] = Path("results/manifest.json"),
) -> None:
    """Write the SHA-256 of each artefact."""
    from gan_repro.artifacts.manifest import write_manifest

    target = output(out, files)
    say(f"{len(write_manifest(files, root, target))} artefacts in {target}")


@app.command(epilog="Example: gan-repro page results/demo")
def page(
    folder: Results = Path("results"),
    benchmarks: Annotated[
        Path | None, typer.Option(help="How long each job took. [benchmarks in the folder]")
    ] = None,
) -> None:
    """Write index.html: verdict, tables, figures, claims and durations in one file to open."""
    from gan_repro.artifacts.page.document import write_page

    say(f"written to {write_page(folder_of_results(folder), benchmarks)}")


@app.command(epilog="Example: gan-repro card results/runs/mnist_authors/seed0")
def card(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
) -> None:
    """Write the model card of each run: data, recipe, seed, scores so far, digest."""
    from gan_repro.artifacts.cards import write_card
    from gan_repro.training.runs import RunFolder

    for run in runs:
        say(f"written to {write_card(RunFolder(run))}")


@app.command(epilog="Example: gan-repro verify results/reference")
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of results, such as results/demo.")],
) -> None:
    """Derive digests, tables, choices and checks of a folder again; exit 1 on any difference."""
    from gan_repro.artifacts.verify import verify as differences

    found = differences(folder)
    for line in found:
        say(line)
    if found:
        raise typer.Exit(1)
    say(f"{folder} agrees with itself: digests, runs, tables and checks")

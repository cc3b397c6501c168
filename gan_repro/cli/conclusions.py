"""evidence, claims, report and conclude: from checks, records and scores to verdicts."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from gan_repro.cli.app import Results, app, say
from gan_repro.cli.outputs import folder_of_results, output
from gan_repro.errors import UserError


@app.command(epilog="Example: gan-repro evidence --results results/demo")
def evidence(
    results: Annotated[
        Path,
        typer.Option(help="Folder with checks/ and extensions/.", exists=True, file_okay=False),
    ] = Path("results"),
) -> None:
    """Build table2_evidence.csv: what supports, refines or contradicts each cell of Table 2."""
    from gan_repro.artifacts.evidence import write_evidence

    rows = write_evidence(folder_of_results(results))
    counts = ", ".join(
        f"{sum(row.verdict == verdict for row in rows)} {verdict}"
        for verdict in dict.fromkeys(row.verdict for row in rows)
    )
    say(f"{len(rows)} cells in {results / 'table2_evidence.csv'}: {counts}")


@app.command(epilog="Example: gan-repro claims results/demo --verdict refined --section 4.2")
def claims(
    results: Results = Path("results"),
    verdict: Annotated[
        list[str] | None, typer.Option(help="Only those with this verdict; repeat for more.")
    ] = None,
    section: Annotated[
        list[str] | None, typer.Option(help="Only those of this section; repeat for more.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only those of this kind; repeat for more.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the table. [claims.csv among the results]")
    ] = None,
) -> None:
    """Judge every statement of the paper by what was measured: write claims.csv, and print it."""
    from gan_repro.artifacts.claims import listed, verdicts

    target = output(out or results / verdicts.TABLE)
    folder_of_results(results, listing=True)
    if target.name != verdicts.TABLE:
        _refuse_other_table(target, results, verdicts.Row._fields)
    rows = verdicts.read_claims(results)
    shown = listed.chosen(rows, verdict=verdict, section=section, kind=kind)
    verdicts.write_claims(rows, target)
    say(listed.listing(shown, min(shutil.get_terminal_size().columns, 100)))


def _refuse_other_table(out: Path, results: Path, fields: tuple[str, ...]) -> None:
    """Raise UserError where a file among the results is there that no list of claims was."""
    if not out.is_file() or results.resolve() not in out.resolve().parents:
        return
    with open(out, encoding="utf-8", errors="replace", newline="") as file:
        if file.readline(1_000).rstrip("\r\n") != ",".join(fields):
            raise UserError(f"--out: {out} is among the results that this reads; write elsewhere")


@app.command(epilog="Example: gan-repro report results/demo")
def report(results: Results = Path("results")) -> None:
    """Write REPORT.md and, for printing, REPORT.html, in the form of reproducibility reports."""
    from gan_repro.artifacts.report.document import write_report

    for path in write_report(folder_of_results(results)):
        say(f"written to {path}")


@app.command(epilog="Example: gan-repro conclude results/demo")
def conclude(results: Results = Path("results")) -> None:
    """Write all that follows from results: table2_evidence.csv, claims.csv and the report."""
    from gan_repro.artifacts.claims import verdicts
    from gan_repro.artifacts.evidence import write_evidence
    from gan_repro.artifacts.report.document import write_report

    write_evidence(folder_of_results(results))
    rows = verdicts.read_claims(results)
    verdicts.write_claims(rows, results / verdicts.TABLE)
    write_report(results)
    found = ", ".join(f"{number} {word}" for word, number in verdicts.counts(rows).items())
    say(f"{len(rows)} statements of the paper: {found}")

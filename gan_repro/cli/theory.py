"""theory and checks: whether the theory holds, at other seeds and in a folder of results."""

from pathlib import Path
from typing import Annotated

import typer

from gan_repro.cli.app import app, say, seeds_of
from gan_repro.cli.outputs import output
from gan_repro.errors import UserError


@app.command(epilog="Example: gan-repro theory --seeds 101-106")
def theory(
    seeds: Annotated[str, typer.Option(help="As 101-106 or 1,5,9.")],
    notebooks: Annotated[
        list[Path] | None, typer.Argument(help="Notebooks. [those of notebooks/ that have a seed]")
    ] = None,
    parameters: Annotated[
        str | None, typer.Option(help="Sizes, such as config/notebooks.yaml. [the notebooks' own]")
    ] = None,
    dataset: Annotated[
        Path, typer.Option(help="Prepared dataset for the notebooks that score images.")
    ] = Path("data/prepared/digits.npz"),
    out: Annotated[Path | None, typer.Option(help="CSV with a row for each check.")] = None,
) -> None:
    """Run the notebooks at other seeds; count how often each check holds. Exits 1 if one fails."""
    from gan_repro.artifacts import reruns
    from gan_repro.artifacts.tables import write_csv
    from gan_repro.config.outputs import ON_RECORDS
    from gan_repro.config.selection import notebook_parameters

    own = sorted(path for path in Path("notebooks").glob("*.ipynb") if path.stem not in ON_RECORDS)
    chosen = notebooks or own
    if not chosen:
        raise UserError("no notebooks in notebooks/; run this where the repository is, or name one")
    read = [*chosen, dataset, *([Path(parameters)] if parameters else [])]
    target = output(out, read) if out else None
    sizes = notebook_parameters(parameters, chosen[0].parent)
    found = []
    for name, seed, checks in reruns.rerun_all(chosen, seeds_of(seeds), sizes, dataset):
        found.append((name, seed, checks))
        failed = [row["id"] for row in checks if row["verdict"] != "holds"]
        held = f"{len(checks) - len(failed)} of {len(checks)} hold"
        say(f"{name}, seed {seed}: {held}{', not ' if failed else ''}{', '.join(failed)}")
    table = reruns.tally(found)
    say("\n" + reruns.summary(table))
    if target:
        write_csv(table, target)
    if (table["held"] < table["of"]).any():
        raise typer.Exit(1)


@app.command(epilog="Example: gan-repro checks results/demo")
def checks(
    results: Annotated[Path, typer.Argument(help="Folder of results.")] = Path("results"),
) -> None:
    """List the checks of executed notebooks that do not hold. Exits 1 if there are any."""
    from gan_repro.artifacts.evidence import read_checks

    found = read_checks(results / "checks")
    if not found:
        raise UserError(f"{results / 'checks'} holds no checks; run: snakemake --cores 8 theory")
    failed = {name: [c for c in rows if c.verdict == "fails"] for name, rows in found.items()}
    for name, rows in failed.items():
        if rows:
            say(f"{name}: {len(rows)} of {len(found[name])} checks fail")
        for row in rows:
            say(f"  {row.sentence}")
    if any(failed.values()):
        raise typer.Exit(1)
    say(f"all {sum(map(len, found.values()))} checks hold")

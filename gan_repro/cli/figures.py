"""curves, factors, figure2, figure3, growth and grid: what is looked at."""

from pathlib import Path
from typing import Annotated

import typer

from gan_repro.cli.app import Data, Device, Out, Threads, app, pairs, say
from gan_repro.cli.outputs import output, output_folder
from gan_repro.errors import UserError


@app.command(epilog="Example: gan-repro curves results/runs/mnist_authors/seed* --out curves")
def curves(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option(help="Figure, without a suffix.")],
) -> None:
    """Draw the learning curves of runs: validation score, D(x) and D(G(z)) by epoch."""
    from gan_repro.artifacts.curves import draw_curves
    from gan_repro.artifacts.style import figure_paths

    if not out.name:
        raise UserError(f"--out: {out} is a folder; name a figure in it, without a suffix")
    for path in figure_paths(out):
        output(path)
    paths = draw_curves(runs, out)
    say(f"written to {' and '.join(map(str, paths))}")


@app.command(epilog="Example: gan-repro factors runs/mnist_authors/seed0 runs/mnist_minimax/seed0")
def factors(
    recipe: Annotated[Path, typer.Argument(help="Folder of the run that all are held against.")],
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs with one factor changed.")],
    out: Annotated[Path, typer.Option(help="Folder for the table and figures/.")] = Path("results"),
) -> None:
    """Compare runs with one factor changed with their recipe, at the same epochs."""
    from gan_repro.artifacts.factors import draw, read_course, table
    from gan_repro.artifacts.style import save_figure
    from gan_repro.artifacts.tables import write_csv

    output_folder(out, "factors.csv", "figures/factors.png", "figures/factors.pdf")
    base, others = read_course(recipe), [read_course(run) for run in runs]
    found = table(base, others)
    write_csv(found, out / "factors.csv")
    save_figure(draw(base, others), out / "figures/factors")
    say(f"factors.csv and figures/factors.png of {len(others)} runs in {out}")
    for title in found.loc[found["difference"].isna(), "model"]:
        say(f"note: {title} has too few validations at the recipe's epochs to be compared")


@app.command(epilog="Example: gan-repro figure2 --panel a=results/runs/mnist_authors/seed0")
def figure2(
    panel: Annotated[list[str], typer.Option(help="LETTER=RUN_FOLDER; repeat for more.")],
    out: Annotated[Path, typer.Option(help="Folder for figures.")] = Path("results/figures"),
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw Figure 2: samples and nearest training images; and how near, as a table."""
    from gan_repro.artifacts.figures import draw_figure2
    from gan_repro.training.devices import prepare_device

    runs = {letter: Path(folder) for letter, folder in pairs(panel).items()}
    names = ["fig2", *(f"fig2{letter}" for letter in runs)]
    files = [f"{name}.{kind}" for name in names for kind in ("png", "pdf")]
    output_folder(out, "fig2_distances.csv", *files)
    for path in draw_figure2(runs, data / "prepared", out, prepare_device(device, threads)):
        say(f"written to {path}")


@app.command(epilog="Example: gan-repro figure3 results/runs/mnist_authors/seed0")
def figure3(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    out: Annotated[Path, typer.Option(help="Folder for figures.")] = Path("results/figures"),
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw Figure 3: straight lines in z between fair draws from the prior."""
    from gan_repro.artifacts.figures import draw_figure3
    from gan_repro.training.devices import prepare_device

    output_folder(out, "fig3_distances.csv", "fig3.png", "fig3.pdf")
    for path in draw_figure3(run, data / "prepared", out, prepare_device(device, threads)):
        say(f"written to {path}")


@app.command(epilog="Example: gan-repro growth results/runs/*/seed0/growth.json")
def growth(
    records: Annotated[list[Path], typer.Argument(help="growth.json files of one dataset.")],
    out: Annotated[Path, typer.Option(help="Folder for the table and figures/.")] = Path("results"),
) -> None:
    """Draw scores against the number of samples, and what a standard error says of σ."""
    from gan_repro.artifacts.growth_figures import draw_errors, draw_growth, read_growth, table
    from gan_repro.artifacts.printed_figure import draw_printed
    from gan_repro.artifacts.style import save_figure
    from gan_repro.artifacts.tables import write_csv

    figures = {"growth": draw_growth, "errors": draw_errors, "printed": draw_printed}
    files = [f"figures/{name}.{kind}" for name in figures for kind in ("png", "pdf")]
    output_folder(out, "growth.csv", *files)
    found = read_growth(records)
    title = found[0].title
    write_csv(table(found), out / "growth.csv")
    for name, draw in figures.items():
        save_figure(draw(found, title), out / f"figures/{name}")
    say(f"growth.csv and figures {', '.join(figures)} of {len(found)} series in {out}")


@app.command(epilog="Example: gan-repro grid samples.npy --rows 10 --columns 10")
def grid(
    samples: Annotated[Path, typer.Argument(help="(n, pixels) floats, as .npy.")],
    rows: Annotated[int, typer.Option(min=1, max=100)] = 10,
    columns: Annotated[int, typer.Option(min=1, max=100)] = 10,
    out: Out = None,
) -> None:
    """Draw the first samples of a file as one PNG."""
    from gan_repro.artifacts.grids import draw_grid
    from gan_repro.evaluation.samples import open_samples

    target = output(out or samples.with_suffix(".png"), [samples])
    say(f"written to {draw_grid(open_samples(samples), rows, columns, target)}")

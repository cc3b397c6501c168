"""Where each second of a pipeline goes: a bar for every job that Snakemake has timed.

    python -m benchmarks.jobs results/demo

Reads benchmarks/**/*.tsv of a folder of results, writes jobs.csv and jobs.png into it. The light
part of a bar is time that a job waited: for another one on its core, or for the disk.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from gan_repro.artifacts.style import BLUE, GREEN, ORANGE, PURPLE, save_figure, use_style
from gan_repro.errors import UserError
from gan_repro.files import write_text

COLOURS = {"train": BLUE, "notebooks": GREEN, "extensions": ORANGE}


def jobs(folder: Path) -> pd.DataFrame:
    """Return a row per job, longest first: stage, name, wall seconds and CPU seconds.

    Raises:
        UserError: nothing was timed there.
    """
    root = folder / "benchmarks"
    rows = []
    for path in sorted(root.rglob("*.tsv")):
        timed = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        stage = path.parent.relative_to(root).parts[0]
        rows.append((stage, path.stem, float(timed["s"]), float(timed["cpu_time"])))
    if not rows:
        raise UserError(f"{root} holds no timings; run the pipeline first")
    table = pd.DataFrame(rows, columns=["stage", "job", "seconds", "cpu_seconds"])
    # A job shorter than the interval of measurement has no CPU time.
    table["cpu_seconds"] = table["cpu_seconds"].fillna(table["seconds"])
    return table.sort_values("seconds", ascending=False, ignore_index=True)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the jobs, longest first."""
    use_style()
    figure, axes = plt.subplots(figsize=(6.5, 0.19 * len(table) + 1.0))
    places = range(len(table))[::-1]
    colours = [COLOURS.get(stage, PURPLE) for stage in table["stage"]]
    axes.barh(places, table["seconds"], color=colours, alpha=0.3, height=0.75)
    axes.barh(places, table[["seconds", "cpu_seconds"]].min(axis=1), color=colours, height=0.75)
    names = table["stage"] + ": " + table["job"].str.replace("_", " ")
    axes.set_yticks(places, names, fontsize=6.5)
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel("seconds of a job (dark: computing, light: waiting)", fontsize=8)
    for stage, part in table.groupby("stage", sort=False):
        total = f"{stage}: {part['seconds'].sum():.0f} s in {len(part)}"
        axes.barh([0], [0], color=COLOURS.get(stage, PURPLE), label=total)
    axes.legend(loc="lower right", fontsize=8)
    save_figure(figure, path)


def main(arguments: list[str] | None = None) -> None:
    """Read a folder of results; write its jobs as a table and a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    table = jobs(folder)
    write_text(folder / "jobs.csv", table.to_csv(index=False))
    draw(table, folder / "jobs.png")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()

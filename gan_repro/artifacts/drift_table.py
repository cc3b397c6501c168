"""What chains owe to the images they start at: their score against how far they have moved."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from gan_repro.artifacts.style import looks, use_style
from gan_repro.config.schema import read_record
from gan_repro.evaluation.drift import DriftPoint
from gan_repro.paper import TABLE_1

# Letters stay legible where a line crosses them.
HALO = (withStroke(linewidth=2.5, foreground="white"),)


def read_points(paths: Iterable[Path]) -> list[DriftPoint]:
    """Read drift.json files."""
    return [point for path in paths for point in read_record(path, list[DriftPoint])]


def table(points: Iterable[DriftPoint]) -> pd.DataFrame:
    """Return one line per run and burn-in: displacement, and test log-likelihood in nats."""
    return pd.DataFrame(
        [
            {
                "model": point.row,
                "dataset": point.title,
                "experiment": point.experiment,
                "seed": point.seed,
                "chains": point.chains,
                "samples": point.samples,
                "burn_in": point.burn_in,
                "displacement": round(point.displacement, 3),
                "test_ll": round(point.grids["authors"].test_ll, 1),
                "se": round(point.grids["authors"].test_se, 2),
                "sigma": round(point.grids["authors"].sigma, 3),
                "test_ll_fine_grid": round(point.grids["fine"].test_ll, 1),
            }
            for point in points
        ]
    )


def figure(points: Iterable[DriftPoint]) -> Figure:
    """Draw score against displacement, a panel per dataset, with the paper's values as levels."""
    use_style()
    lines = table(points)
    look = looks(lines["model"].unique())
    titles = lines["dataset"].unique()
    drawn, axes = plt.subplots(1, len(titles), figsize=(6.5, 3.2), squeeze=False)
    for axis, title in zip(axes[0], titles, strict=True):
        _draw(axis, lines[lines["dataset"] == title], look)
        axis.set(title=title)
    axes[0, 0].set(ylabel="test log-likelihood (nats)")
    drawn.supxlabel(
        "distance from the first image, in distances between two images\n"
        "(labels: transitions of burn-in; dotted: the paper's values;\n"
        "bars: ± 1 SE over test images, of the first fold where there are several)",
        fontsize=9,
    )
    handles = [plt.Line2D([], [], label=row, **line) for row, line in look.items()]
    drawn.legend(handles=handles, handlelength=3.5, loc="outside upper center", ncols=len(look))
    return drawn


def _draw(axis: Axes, lines: pd.DataFrame, look: dict[str, dict]) -> None:
    """Draw the runs of one dataset."""
    for (row, _, _), run in lines.groupby(["model", "experiment", "seed"], sort=False):
        axis.errorbar(
            run["displacement"], run["test_ll"], yerr=run["se"], elinewidth=1, **look[row]
        )
        for _, point in run.iterrows():
            label = f"{point['burn_in']:,}"
            place = (point["displacement"], point["test_ll"])
            axis.annotate(
                label, place, (5, 5), textcoords="offset points", fontsize=8, path_effects=HALO
            )
    for row, title in lines[["model", "dataset"]].drop_duplicates().itertuples(index=False):
        published = TABLE_1.get(row, {}).get(title)
        if published:
            axis.axhline(published.mean, color=look[row]["color"], linewidth=0.8, linestyle=":")
    axis.margins(x=0.15, y=0.1)

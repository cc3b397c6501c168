"""What chains owe to the images they start at: their score against how far they have moved."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from gan_repro.artifacts.once import read_once
from gan_repro.artifacts.style import looks, use_style
from gan_repro.config.schema import read_record
from gan_repro.evaluation.drift import DriftPoint
from gan_repro.paper import TABLE_1

# Letters stay legible where a line crosses them.
HALO = (withStroke(linewidth=2.5, foreground="white"),)
# Where a point is drawn, and which part of a panel is too near for two labels.
PLACE, NEAR = ["displacement", "test_ll"], 0.05


def read_points(paths: Iterable[Path]) -> list[DriftPoint]:
    """Read drift.json files.

    Raises:
        UserError: one is damaged, or there twice.
    """
    files = read_once(paths, lambda path: read_record(path, list[DriftPoint]), _about)
    return [point for points in files for point in points]


def _about(points: Sequence[DriftPoint]) -> tuple:
    return tuple(dict.fromkeys((p.experiment, p.seed, p.dataset, p.epochs) for p in points))


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
        _label(axis, run, [NEAR * np.ptp(lines[name]) for name in PLACE])
    for row, title in lines[["model", "dataset"]].drop_duplicates().itertuples(index=False):
        published = TABLE_1.get(row, {}).get(title)
        if published:
            axis.axhline(published.mean, color=look[row]["color"], linewidth=0.8, linestyle=":")
    axis.margins(x=0.15, y=0.1)


def _label(axis: Axes, run: pd.DataFrame, near: Sequence[float]) -> None:
    """Write burn-ins beside their points; points that would share a place share a label."""
    groups: list[pd.DataFrame] = []
    for number in range(len(run)):
        point = run.iloc[[number]]
        if groups and (abs(point[PLACE].values - groups[-1][PLACE].values[-1]) < near).all():
            groups[-1] = pd.concat([groups[-1], point])
        else:
            groups.append(point)
    for group in groups:
        ends = dict.fromkeys(f"{burn_in:,}" for burn_in in group["burn_in"].iloc[[0, -1]])
        axis.annotate(
            " to ".join(ends), group[PLACE].values[0], (5, 5), textcoords="offset points",
            fontsize=8, path_effects=HALO,
        )  # fmt: skip

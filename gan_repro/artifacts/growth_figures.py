"""The score against the number of samples, and what a printed standard error says of σ.

Table 1's numbers depend on how many samples the window was fitted to, which the paper does not say.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_repro.artifacts.style import BLACK, GREY, looks, use_style
from gan_repro.config.schema import read_record
from gan_repro.evaluation.growth import Growth, GrowthPoint
from gan_repro.evaluation.parzen import AUTHORS_GRID, FINE_GRID
from gan_repro.paper import TABLE_1

GRIDS = {"authors": AUTHORS_GRID, "fine": FINE_GRID}
# What the authors' script draws.
USUAL = 10_000
# σ as a marker: whoever sees the score sees which bandwidth won.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
# What tells several series of one model apart.
REPEATS = ({}, {"linestyle": "--"}, {"linestyle": ":"}, {"linestyle": "-."})


def read_growth(paths: Iterable[Path]) -> list[Growth]:
    """Read growth.json files; raises UserError where one is damaged."""
    return [read_record(path, Growth) for path in paths]


def label(record: Growth) -> str:
    """Return how a record is named in figures: its row, and how long it was trained."""
    return record.row if record.epochs is None else f"{record.row}, {record.epochs:,} epochs"


def table(records: Iterable[Growth]) -> pd.DataFrame:
    """Return one line per record and number of samples, with both grids, in nats."""
    return pd.DataFrame([_line(record, point) for record in records for point in record.points])


def _line(record: Growth, point: GrowthPoint) -> dict:
    line = {
        "model": record.row,
        "dataset": record.title,
        "experiment": record.experiment,
        "epochs": record.epochs,
        "seed": record.seed,
        "draw": record.draw,
        "samples": point.samples,
    }
    for name, grid in GRIDS.items():
        best = point.chosen(record.sigmas, grid)
        line |= {
            f"sigma_{name}": round(record.sigmas[best], 4),
            f"valid_ll_{name}": round(point.valid_ll[best], 2),
            f"test_ll_{name}": round(point.test_ll[best], 2),
            f"test_se_{name}": round(point.test_se[best], 3),
        }
    return line


def draw_growth(records: Sequence[Growth], title: str) -> Figure:
    """Draw the score on the authors' grid against the number of samples, for one dataset.

    Markers say which σ was chosen. Where the paper has numbers, they are on the right.
    """
    use_style()
    figure, axes = plt.subplots(figsize=(6.5, 4.2))
    shown = [record for record in records if record.title == title]
    sigmas = sorted({_best(r, p)[0] for r in shown for p in r.points})
    marks = dict(zip(sigmas, MARKERS, strict=False))
    for record, line in zip(shown, _lines(shown), strict=True):
        lines = [_best(record, point) for point in record.points]
        counts = [point.samples for point in record.points]
        axes.plot(counts, [test for _, test, _ in lines], label=label(record), **line)
        for count, (sigma, test, _) in zip(counts, lines, strict=True):
            axes.plot(count, test, marks[sigma], color=line["color"], ms=4)
    _draw_published(axes, title)
    axes.axvline(USUAL, color=GREY, lw=0.6, ls=":")
    axes.set(xscale="log", xlabel="samples", ylabel="test log-likelihood (nats)", title=title)
    handles, _ = axes.get_legend_handles_labels()
    handles += [
        plt.Line2D([], [], color=BLACK, ls="", marker=mark, ms=4, label=f"σ = {sigma:.3g}")
        for sigma, mark in marks.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, handlelength=3)
    return figure


def _best(record: Growth, point: GrowthPoint) -> tuple[float, float, float]:
    """Return σ of the authors' grid, the test score under it, and its standard error."""
    best = point.chosen(record.sigmas, AUTHORS_GRID)
    return record.sigmas[best], point.test_ll[best], point.test_se[best]


def _lines(records: Sequence[Growth]) -> list[dict]:
    """Return the look of each record: its model's, in another style where that is taken."""
    seen: dict[str, int] = {}
    lines = []
    for record in records:
        repeat = REPEATS[seen.get(record.row, 0) % len(REPEATS)]
        seen[record.row] = seen.get(record.row, 0) + 1
        lines.append(looks([record.row])[record.row] | {"marker": ""} | repeat)
    return lines


def _draw_published(axes: Axes, title: str) -> None:
    """Draw the paper's values, labelled in turn above and below their lines."""
    published = {row: columns[title] for row, columns in TABLE_1.items() if title in columns}
    for number, row in enumerate(sorted(published, key=lambda row: -published[row].mean)):
        mean, (offset, side) = published[row].mean, ((-1, "top") if number % 2 else (1, "bottom"))
        axes.axhline(mean, color=looks([row])[row]["color"], lw=0.6, alpha=0.6)
        axes.annotate(
            f"paper, {row}: {published[row]}", (0, mean), (2, offset),
            ("axes fraction", "data"), "offset points", ha="left", va=side, fontsize=6,
        )  # fmt: skip


def draw_errors(records: Sequence[Growth], title: str) -> Figure:
    """Draw mean and standard error against σ at 10,000 samples, with the paper's errors.

    The error over test images is nearly a function of σ alone, so a printed error says which σ
    was chosen.
    """
    use_style()
    figure, (mean, error) = plt.subplots(1, 2, figsize=(6.5, 3.4))
    shown = [r for r in records if r.title == title and USUAL in [p.samples for p in r.points]]
    for record, line in zip(shown, _lines(shown), strict=True):
        point = next(p for p in record.points if p.samples == USUAL)
        inside = np.array(record.sigmas) <= 0.4
        sigmas = np.array(record.sigmas)[inside]
        mean.plot(sigmas, np.array(point.test_ll)[inside], label=label(record), **line)
        error.plot(sigmas, np.array(point.test_se)[inside], **line)
    _draw_published_errors(error, title)
    for axes in (mean, error):
        for sigma in AUTHORS_GRID[:6]:
            axes.axvline(sigma, color=GREY, lw=0.4, ls=":")
        axes.set(xlabel="σ", xlim=(0.09, 0.4))
    top = max((max(line.get_ydata()) for line in mean.get_lines()[: len(shown)]), default=0)
    mean.set(ylabel="test log-likelihood (nats)", ylim=(top - 250, top + 20))
    error.set(ylabel="standard error (nats)", ylim=(0, 5))
    caption = "dotted: the authors' grid; horizontal: the errors that the paper prints"
    figure.suptitle(f"{title}, {USUAL:,} samples; {caption}", fontsize=9)
    figure.legend(loc="outside lower center", ncols=2, handlelength=3)
    return figure


def _draw_published_errors(axes: Axes, title: str) -> None:
    """Draw the standard errors that the paper prints; models with the same share a line."""
    rows: dict[float, list[str]] = {}
    for row, columns in TABLE_1.items():
        if title in columns:
            rows.setdefault(columns[title].se, []).append(row)
    for error, models in rows.items():
        axes.axhline(error, color=looks(models[-1:])[models[-1]]["color"], lw=0.6)
        text = f"{', '.join(models)}: ± {error:g}"
        axes.text(0.4, error, text, ha="right", va="bottom", fontsize=7)

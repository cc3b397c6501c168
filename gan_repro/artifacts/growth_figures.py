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

from gan_repro.artifacts.once import read_once
from gan_repro.artifacts.style import BLACK, GREY, looks, use_style
from gan_repro.config.schema import read_record
from gan_repro.errors import UserError
from gan_repro.evaluation.growth import Growth, GrowthPoint
from gan_repro.evaluation.parzen import AUTHORS_GRID, GRIDS
from gan_repro.paper import TABLE_1, Estimate

# What the authors' script draws.
USUAL = 10_000
# σ as a marker: whoever sees the score sees which bandwidth won.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
# What tells several series of one model apart.
REPEATS = ({}, {"linestyle": "--"}, {"linestyle": ":"}, {"linestyle": "-."})


def read_growth(paths: Iterable[Path]) -> list[Growth]:
    """Read growth.json files of one dataset.

    Raises:
        UserError: one is damaged or there twice, or they are of several datasets.
    """
    found = read_once(paths, lambda path: read_record(path, Growth), _about)
    titles = list(dict.fromkeys(record.title for record in found))
    if len(titles) > 1:
        raise UserError(
            f"the growth records are of {' and of '.join(titles)}, but a figure is of one dataset; "
            "draw those of each by themselves (--out)"
        )
    return found


def _about(record: Growth) -> tuple:
    return record.experiment, record.seed, record.dataset, record.draw, record.epochs


def label(record: Growth, shown: Sequence[Growth]) -> str:
    """Return how a record is named in a figure: its row, and how long it was trained.

    That is said of a training cut short, and where another one of the row is shown.
    """
    short = f" of {record.recipe_epochs:,}" if record.recipe_epochs else ""
    alone = sum(other.row == record.row for other in shown) == 1
    if record.epochs is None or (alone and not short):
        return record.row
    return f"{record.row}, {record.epochs:,}{short} epochs"


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
    for name, grid in _grids(record).items():
        best = point.chosen(record.sigmas, grid)
        line |= {
            f"sigma_{name}": round(record.sigmas[best], 4),
            f"valid_ll_{name}": round(point.valid_ll[best], 2),
            f"test_ll_{name}": round(point.test_ll[best], 2),
            f"test_se_{name}": round(point.test_se[best], 3),
        }
    return line


def _grids(record: Growth) -> dict[str, np.ndarray]:
    """Return the grids that the record's σ are of: those of images, or of normalised ones."""
    for grids in GRIDS.values():
        if np.isin(np.concatenate(list(grids.values())), record.sigmas).all():
            return grids
    raise UserError(f"the growth of {record.experiment} has other grids of σ; measure it again")


def draw_growth(records: Sequence[Growth], title: str) -> Figure:
    """Draw the score on the authors' grid against the number of samples, for one dataset.

    Markers say which σ was chosen. Where the paper has numbers, they are level lines.
    """
    use_style()
    figure, axes = plt.subplots(figsize=(6.5, 4.2))
    shown = [record for record in records if record.title == title]
    sigmas = sorted({chosen(r, p)[0] for r in shown for p in r.points})
    marks = dict(zip(sigmas, MARKERS, strict=False))
    for record, line in zip(shown, line_looks(shown), strict=True):
        lines = [chosen(record, point) for point in record.points]
        counts = [point.samples for point in record.points]
        axes.plot(counts, [test for _, test, _ in lines], label=label(record, shown), **line)
        for count, (sigma, test, _) in zip(counts, lines, strict=True):
            axes.plot(count, test, marks[sigma], color=line["color"], ms=4)
    _draw_published(axes, title)
    if max(point.samples for record in shown for point in record.points) >= USUAL:
        axes.axvline(USUAL, color=GREY, lw=0.6, ls=":")
    axes.set(xscale="log", xlabel="samples", ylabel="test log-likelihood (nats)", title=title)
    models, _ = axes.get_legend_handles_labels()
    bandwidths = [
        plt.Line2D([], [], color=BLACK, ls="", marker=mark, ms=4, label=f"σ = {sigma:.3g}")
        for sigma, mark in marks.items()
    ]
    axes.legend(handles=bandwidths, loc="lower right", handlelength=1)
    figure.legend(handles=models, loc="outside lower center", ncols=2, handlelength=3)
    return figure


def chosen(record: Growth, point: GrowthPoint) -> tuple[float, float, float]:
    """Return σ of the authors' grid, the test score under it, and its standard error."""
    best = point.chosen(record.sigmas, AUTHORS_GRID)
    return record.sigmas[best], point.test_ll[best], point.test_se[best]


def line_looks(records: Sequence[Growth]) -> list[dict]:
    """Return the look of each record: its model's, in another style where that is taken."""
    seen: dict[str, int] = {}
    lines = []
    for record in records:
        repeat = REPEATS[seen.get(record.row, 0) % len(REPEATS)]
        seen[record.row] = seen.get(record.row, 0) + 1
        lines.append(looks([record.row])[record.row] | {"marker": ""} | repeat)
    return lines


def _published(title: str) -> dict[str, Estimate]:
    """Return what the paper prints for a dataset, by row."""
    return {row: columns[title] for row, columns in TABLE_1.items() if title in columns}


def _draw_published(axes: Axes, title: str) -> None:
    """Draw the paper's values, labelled in turn above and below their lines."""
    published = _published(title)
    for number, row in enumerate(sorted(published, key=lambda row: -published[row].mean)):
        mean, (offset, side) = published[row].mean, ((-1, "top") if number % 2 else (1, "bottom"))
        axes.axhline(mean, color=looks([row])[row]["color"], lw=0.6, alpha=0.6)
        axes.annotate(
            f"paper, {row}: {published[row]}", (0, mean), (2, offset),
            ("axes fraction", "data"), "offset points", ha="left", va=side, fontsize=6,
        )  # fmt: skip


def draw_errors(records: Sequence[Growth], title: str) -> Figure:
    """Draw mean and standard error against σ, with the paper's errors.

    The error over test images is nearly a function of σ alone, so a printed error says which σ
    was chosen. All are of 10,000 samples, or of the most that some model has.
    """
    use_style()
    figure, (mean, error) = plt.subplots(1, 2, figsize=(6.5, 3.4))
    samples, shown = _at_one_number([record for record in records if record.title == title])
    records = [record for record, _ in shown]
    for (record, point), line in zip(shown, line_looks(records), strict=True):
        inside = np.array(record.sigmas) <= 0.4
        sigmas = np.array(record.sigmas)[inside]
        own = label(record, records)
        mean.plot(sigmas, np.array(point.test_ll)[inside], label=own, **line)
        error.plot(sigmas, np.array(point.test_se)[inside], **line)
    _draw_published_errors(error, title)
    for axes in (mean, error):
        for sigma in AUTHORS_GRID[:6]:
            axes.axvline(sigma, color=GREY, lw=0.4, ls=":")
        axes.set(xlabel="σ", xlim=(0.09, 0.4))
    _limit(mean, error, shown)
    printed = "; horizontal: the errors that the paper prints" if _published(title) else ""
    caption = f"dotted: the authors' grid{printed}"
    figure.suptitle(f"{title}, {samples:,} samples; {caption}", fontsize=9)
    figure.legend(loc="outside lower center", ncols=2, handlelength=3)
    return figure


def _at_one_number(records: Sequence[Growth]) -> tuple[int, list[tuple[Growth, GrowthPoint]]]:
    """Return a number of samples, and the records that have it with that point."""
    numbers = {point.samples for record in records for point in record.points}
    number = USUAL if USUAL in numbers else max(numbers)
    found = [(r, point) for r in records for point in r.points if point.samples == number]
    return number, found


def _limit(mean: Axes, error: Axes, shown: Sequence[tuple[Growth, GrowthPoint]]) -> None:
    """Show every curve down to as far below its maximum as the maxima lie apart."""
    best = [max(point.test_ll) for _, point in shown]
    room = max(max(best) - min(best), 1.0)
    mean.set(ylabel="test log-likelihood (nats)")
    mean.set(ylim=(min(best) - room, max(best) + 0.1 * room))
    errors = [chosen(record, point)[2] for record, point in shown]
    error.set(ylabel="standard error (nats)", ylim=(0, 1.8 * max(errors)))


def _draw_published_errors(axes: Axes, title: str) -> None:
    """Draw the standard errors that the paper prints; models with the same share a line."""
    rows: dict[float, list[str]] = {}
    for row, printed in _published(title).items():
        rows.setdefault(printed.se, []).append(row)
    for error, models in rows.items():
        axes.axhline(error, color=looks(models[-1:])[models[-1]]["color"], lw=0.6)
        text = f"{', '.join(models)}: ± {error:g}"
        axes.text(0.4, error, text, ha="right", va="bottom", fontsize=7)

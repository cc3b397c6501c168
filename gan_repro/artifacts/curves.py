"""Learning curves: how the validation score and the two players' probabilities move in training."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETDOWNBASE
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from gan_repro.artifacts.lines import read_frame
from gan_repro.artifacts.style import GREY, looks, save_figure, use_style
from gan_repro.errors import UserError, reading
from gan_repro.training.runs import RunFolder

# Inches, of the axes with the name of the data above them.
HEIGHT = 2.65
LEGEND_COLUMNS = 3
# On a line with a value of every epoch.
MARKS = 5
# Mean D(x) and mean D(G(z)), in the metrics of adversarial nets.
PLAYERS = ("d_real", "d_fake")
# So many times longer than the shortest run, the longest would leave it no room.
MUCH = 20


def draw_curves(runs: Sequence[Path], out: Path) -> list[Path]:
    """Draw the learning curves of runs that share a dataset; the seeds of a model look alike.

    Left: validation Parzen log-likelihood (nats), with an arrow where a line leaves the axis for
    scores below it. Then mean D(x) and mean D(G(z)), for adversarial nets. A run that goes on from
    another one that is drawn begins where that ends. Writes ``out`` with .png and with .pdf and
    returns both paths.

    Raises:
        UserError: a run has no record or no metrics, or they are damaged.
    """
    for run in runs:
        if not (run / "metrics.csv").exists():
            raise UserError(f"{run} has no metrics.csv; train it first")
    records = {run: RunFolder(run).read_record() for run in runs}
    ends = {record.experiment: record.epochs for record in records.values()}
    groups: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for run, record in records.items():
        key = record.config["title"], record.config["row"]
        metrics = _metrics(run / "metrics.csv")
        metrics["epoch"] += ends.get(record.config.get("pretrained"), 0)
        groups.setdefault(key, []).append(metrics)
    data = dict.fromkeys(record.dataset.title for record in records.values())
    return save_figure(_draw(groups, "; ".join(data)), out)


def _metrics(path: Path) -> pd.DataFrame:
    """Return the columns that are drawn, as numbers; a score is missing where none was taken."""
    texts = read_frame(path, ("epoch", "valid_ll"))
    players = [name for name in PLAYERS if name in texts]
    with reading(path, "is not a table of epochs", "train the run again"):
        if texts.empty or len(players) == 1:
            raise ValueError("epochs or a player are missing")
        if texts["epoch"].duplicated().any():
            raise ValueError("an epoch is there twice")
        numbers = texts[["valid_ll", *players]].replace("", "nan").astype(float)
        if np.isinf(numbers).any(axis=None):
            raise ValueError("a value is not finite")
        return numbers.assign(epoch=texts["epoch"].astype(int))


def _draw(groups: Mapping[tuple[str, str], Sequence[pd.DataFrame]], data: str) -> Figure:
    """Draw (title, row) → metrics of each seed, under the name of the data."""
    use_style()
    size = (6.5, HEIGHT + 0.2 * -(-len(groups) // LEGEND_COLUMNS))
    figure, axes = plt.subplots(1, 3, figsize=size, layout="constrained", width_ratios=(3, 2, 2))
    look = looks(row for _, row in groups)
    for (title, row), tables in groups.items():
        line = look[row] | {"lw": 0.9, "ms": 2.5}
        for number, table in enumerate(tables):
            valid = table.dropna(subset="valid_ll")
            label = title if number == 0 else None
            axes[0].plot(valid["epoch"], valid["valid_ll"], label=label, **line)
            if PLAYERS[0] in table:
                quiet = line | {"markevery": max(1, len(table) // MARKS)}
                axes[1].plot(table["epoch"], table[PLAYERS[0]], **quiet)
                axes[2].plot(table["epoch"], table[PLAYERS[1]], **quiet)
    _label(axes[0], "validation log-likelihood", "nats")
    _label(axes[1], "mean $D(x)$")
    _label(axes[2], "mean $D(G(z))$")
    lengths = [table["epoch"].max() for tables in groups.values() for table in tables]
    if max(lengths) > MUCH * min(lengths):
        _leave_room_for_short_runs(axes)
    _show_the_last_nine_tenths(axes[0])
    for players in axes[1:]:
        players.set_ylim(0, 1)
        players.axhline(0.5, color=GREY, lw=0.6)
        if len(players.get_lines()) == 1:
            players.text(0.5, 0.6, "no discriminator", ha="center", transform=players.transAxes)
    figure.suptitle(data)
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=LEGEND_COLUMNS,
        handlelength=3,
    )
    return figure


def _label(axes: Axes, name: str, unit: str = "") -> None:
    axes.set(title=name, xlabel="epoch", ylabel=unit)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _leave_room_for_short_runs(panels: Iterable[Axes]) -> None:
    for axes in panels:
        axes.set(xscale="log", xlabel="epoch (logarithmic)")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda epoch, _: f"{epoch:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _show_the_last_nine_tenths(axes: Axes) -> None:
    """Cut the first scores, which are far below the rest and would flatten it, and mark them."""
    lines = axes.get_lines()
    heights = sorted(height for line in lines for height in line.get_ydata())
    if not heights:
        return
    low, high = heights[len(heights) // 10], heights[-1]
    bottom = low - 0.1 * (high - low) - 1
    axes.set_ylim(bottom, high + 0.1 * (high - low) + 1)
    for line in lines:
        points = list(zip(*line.get_data(), strict=True))
        # The last of some that lie below, one after the other.
        below = [
            x for (x, y), (_, later) in zip(points, [*points[1:], (0, high)], strict=True)
            if y < bottom <= later
        ]  # fmt: skip
        if not below:
            continue
        axes.plot(
            below, [bottom] * len(below), ls="", marker=CARETDOWNBASE, ms=5, clip_on=False,
            color=line.get_color(),
        )  # fmt: skip

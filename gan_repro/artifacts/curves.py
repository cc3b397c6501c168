"""Learning curves: how the validation score and the two players' probabilities move in training."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_repro.artifacts.style import PALETTE, save_figure, use_style
from gan_repro.errors import UserError
from gan_repro.files import read_json

# Inches, of the axes alone.
HEIGHT = 2.4
LEGEND_COLUMNS = 3


def draw_curves(runs: Sequence[Path], out: Path) -> list[Path]:
    """Draw the learning curves of runs that share a dataset, one colour per experiment.

    Left: validation Parzen log-likelihood (nats). Right: mean D(x) and D(G(z)), for adversarial
    nets. Seeds are thin lines. Writes ``out`` with .png and with .pdf and returns both paths.

    Raises:
        UserError: a run has no record or no metrics.
    """
    groups: dict[str, list[pd.DataFrame]] = {}
    for run in runs:
        if not (run / "metrics.csv").exists():
            raise UserError(f"{run} has no metrics.csv; train it first")
        title = read_json(run / "run.json")["config"]["title"]
        groups.setdefault(title, []).append(pd.read_csv(run / "metrics.csv"))
    return save_figure(_draw(groups), out)


def _draw(groups: Mapping[str, Sequence[pd.DataFrame]]) -> Figure:
    use_style()
    size = (6.5, HEIGHT + 0.2 * -(-len(groups) // LEGEND_COLUMNS))
    figure, (score, players) = plt.subplots(1, 2, figsize=size, layout="constrained")
    for colour, (title, tables) in zip(PALETTE, groups.items(), strict=False):
        for number, table in enumerate(tables):
            label = title if number == 0 else None
            valid = table.dropna(subset="valid_ll")
            line = {"color": colour, "lw": 0.9, "marker": "o", "ms": 2}
            score.plot(valid["epoch"], valid["valid_ll"], label=label, **line)
            if "d_real" in table:
                players.plot(table["epoch"], table["d_real"], color=colour, lw=0.9)
                players.plot(table["epoch"], table["d_fake"], color=colour, lw=0.9, ls="--")
    _label(score, "validation log-likelihood (nats)")
    _label(players, "mean probability")
    _show_the_last_nine_tenths(score)
    players.set_ylim(0, 1)
    players.plot([], [], color="0.3", label="D(x)")
    players.plot([], [], color="0.3", ls="--", label="D(G(z))")
    players.legend(loc="upper right")
    names = score.get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", ncols=LEGEND_COLUMNS)
    return figure


def _label(axes: Axes, name: str) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)


def _show_the_last_nine_tenths(axes: Axes) -> None:
    """Cut the first scores, which are far below the rest and would flatten it."""
    heights = sorted(height for line in axes.get_lines() for height in line.get_ydata())
    if heights:
        low, high = heights[len(heights) // 10], heights[-1]
        axes.set_ylim(low - 0.1 * (high - low) - 1, high + 0.1 * (high - low) + 1)

"""One look for every figure: the Okabe-Ito palette, legible at print size."""

import sys
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from cycler import cycler
from matplotlib.figure import Figure

from gan_repro.files import atomic_path

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#767676"

# The roles of the paper's Figure 1: data black and dotted, generator green, discriminator blue.
DATA = {"color": BLACK, "linestyle": ":", "linewidth": 2.0}
GENERATOR = {"color": GREEN, "linestyle": "-", "linewidth": 1.8}
DISCRIMINATOR = {"color": BLUE, "linestyle": "--", "linewidth": 1.8}

PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)

DASHED, DOTTED, DASH_DOT, LONG = (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (8, 2))

# Every model looks the same in every figure, with and without colour: (colour, line, marker) by
# the row that its results are printed in.
MODELS = {
    "DBN": (VERMILION, "-", "s"),
    "DBN (persistent chains)": (VERMILION, DASHED, "s"),
    "Stacked CAE": (PURPLE, DASH_DOT, "D"),
    "Deep GSN": (BLUE, DASHED, "^"),
    "VAE": (BLACK, DASHED, "8"),
    "Adversarial nets": (GREEN, "-", "o"),
    "Adversarial nets (Algorithm 1, −log D)": (ORANGE, DASHED, "v"),
    "Adversarial nets (Algorithm 1, minimax)": (SKY, DOTTED, "P"),
    "Adversarial nets (then annealed)": (GREEN, DOTTED, "d"),
    "Adversarial nets (alternating updates)": (BLUE, "-", "v"),
    "Adversarial nets (D's loss without ½)": (PURPLE, "-", "^"),
    "Adversarial nets (minimax loss)": (SKY, LONG, "p"),
    "Adversarial nets (no dropout in D)": (VERMILION, DOTTED, "H"),
    "Adversarial nets (Gaussian z)": (ORANGE, LONG, ">"),
    "Adversarial nets (stage 1)": (ORANGE, DASHED, "<"),
    "Adversarial nets (narrow)": (GREEN, LONG, "o"),
    "Adversarial nets (narrow, stage 1)": (ORANGE, DOTTED, "<"),
    "Adversarial nets (fully connected)": (GREEN, DASHED, "X"),
    "Adversarial nets (convolutional)": (SKY, "-", "P"),
    "Adversarial nets (narrow, fully connected)": (GREEN, DASH_DOT, "X"),
    "Adversarial nets (narrow, convolutional)": (SKY, DASH_DOT, "P"),
    "Training images as samples": (BLACK, "-", "*"),
    "k-means centroids": (GREY, DASHED, "h"),
}
# For rows that are not the project's, each other than those before it.
STRANGERS = ((BLACK, DOTTED, "."), (GREY, DASH_DOT, "."), (YELLOW, "-", "."))


def looks(rows: Iterable[str]) -> dict[str, dict]:
    """Return how each row's lines are drawn, as keywords of `plot`."""
    strangers = cycle(STRANGERS)
    found = {}
    for row in rows:
        colour, line, marker = MODELS.get(row) or next(strangers)
        found[row] = {"color": colour, "linestyle": line, "marker": marker}
    return found


SUFFIXES = (".png", ".pdf")
STYLE = {
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": 10,
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "figure.figsize": (6.5, 2.8),
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "image.cmap": "viridis",
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "savefig.bbox": "tight",
    "savefig.dpi": 300,
    "svg.hashsalt": "gan-repro",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


def use_style() -> None:
    """Apply the project's style to every figure and table shown from now on.

    Figures are at most 6.5 inches wide, the text width of a page, so sizes are points in print.
    """
    mpl.rcParams.update(STYLE)
    _draw_vectors()
    # The tables of checks hold whole sentences.
    pd.set_option("display.max_colwidth", None)


def _draw_vectors() -> None:
    """Let a notebook show its figures as SVG: sharp at any size, and without a date."""
    if "ipykernel" in sys.modules:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})


def figure_paths(path: Path) -> list[Path]:
    """Return the two files of a figure.

    One of their suffixes may be in ``path`` already; any other dot is part of the name.
    """
    stem = path.with_suffix("") if path.suffix in SUFFIXES else path
    return [stem.with_name(f"{stem.name}{suffix}") for suffix in SUFFIXES]


def save_figure(figure: Figure, path: Path) -> list[Path]:
    """Write a figure as ``path`` with .png (300 dpi) and with .pdf, atomically; return both paths.

    No dates are written into the files, so the same figure gives the same bytes.
    """
    paths = figure_paths(path)
    for target in paths:
        kind = target.suffix[1:]
        stamp = {"CreationDate": None} if kind == "pdf" else {}
        with atomic_path(target) as temporary:
            figure.savefig(temporary, format=kind, metadata=stamp)
    plt.close(figure)
    return paths

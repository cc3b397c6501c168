"""Which nets, numbers of samples and bandwidths print what the paper prints of adversarial nets."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_repro.artifacts.growth_figures import USUAL, chosen, label, line_looks
from gan_repro.artifacts.style import BLACK, GREY, use_style
from gan_repro.evaluation.growth import Growth
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.paper import TABLE_1, Estimate

ROW = "Adversarial nets"
IMAGES = "Training images as samples"
# The authors' grid about the σ that validation images choose of 10,000 samples.
SIGMAS = AUTHORS_GRID[1:4]
THIN, BROAD = 1.0, {"linestyle": "-", "linewidth": 4.0, "alpha": 0.35}


def prints_as(error: float, printed: float) -> bool:
    """Return whether a standard error, rounded as the paper rounds it, is the one it prints."""
    decimals = len(f"{printed:g}".partition(".")[2])
    return f"{error:.{decimals}f}" == f"{printed:.{decimals}f}"


def draw_printed(records: Sequence[Growth], title: str) -> Figure:
    """Draw scores at three σ of the authors' grid against the number of samples, for one dataset.

    Shown are adversarial nets and real images. A line is broad where its standard error is the
    one that Table 1 prints, and has a dot where validation images choose that σ: a broad line that
    crosses the paper's score reproduces both.
    """
    use_style()
    figure, panels = plt.subplots(1, len(SIGMAS), figsize=(6.5, 3.4), sharex=True, sharey=True)
    shown = [r for r in records if r.title == title and (r.row == IMAGES or ROW in r.row)]
    published = TABLE_1[ROW].get(title)
    for axes, sigma in zip(panels, SIGMAS, strict=True):
        for record, line in zip(shown, line_looks(shown), strict=True):
            line = line | {"label": label(record, shown)}
            _draw_series(axes, record, sigma, line, published)
        if published:
            axes.axhline(published.mean, color=GREY, lw=0.6)
            axes.axvline(USUAL, color=GREY, lw=0.6, ls=":")
        axes.set(xscale="log", xlabel="samples", title=f"σ = {sigma:.3g}")
    best = [chosen(record, point)[1] for record in shown for point in record.points]
    if best:
        room = 0.05 * (max(best) - min(best))
        panels[0].set(ylim=(min(best) - room, max(best) + room))
    panels[0].set(ylabel="test log-likelihood (nats)")
    figure.suptitle(title, fontsize=9)
    _explain(figure, panels, published)
    return figure


def _draw_series(
    axes: Axes, record: Growth, sigma: float, line: dict, published: Estimate | None
) -> None:
    """Draw one record at one σ: broad where the printed error fits, with dots where σ is chosen."""
    place = record.sigmas.index(sigma)
    samples = np.array([point.samples for point in record.points])
    scores = np.array([point.test_ll[place] for point in record.points])
    errors = [point.test_se[place] for point in record.points]
    fits = np.array([bool(published) and prints_as(e, published.se) for e in errors], dtype=bool)
    taken = np.array([chosen(record, point)[0] == sigma for point in record.points])
    axes.plot(samples, scores, **line | {"linewidth": THIN})
    axes.plot(samples, np.where(fits, scores, np.nan), **line | BROAD | {"label": None})
    axes.plot(samples[taken], scores[taken], "o", color=line["color"], ms=3)


def _explain(figure: Figure, panels: Sequence[Axes], published: Estimate | None) -> None:
    """Say what lines, dots and the level line are."""
    models, _ = panels[0].get_legend_handles_labels()
    dot = {"color": BLACK, "linestyle": "", "marker": "o", "markersize": 3}
    signs = [plt.Line2D([], [], **dot, label="validation images choose this σ")]
    if published:
        panels[0].annotate(
            f"paper: {published}", (0, published.mean), (2, 1),
            ("axes fraction", "data"), "offset points", ha="left", va="bottom", fontsize=7,
        )  # fmt: skip
        text = f"its error prints as ± {published.se:g}"
        signs.append(plt.Line2D([], [], color=BLACK, **BROAD, label=text))
    figure.legend(handles=[*models, *signs], loc="outside lower center", ncols=2, handlelength=3)

"""The paper's Figure 1, drawn from a recorded run: panels for print and an animation."""

import re
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from gan_repro.artifacts.style import DATA, DISCRIMINATOR, GENERATOR
from gan_repro.theory.games.figure1_run import CELL, P_DATA, State, X, Z

WINDOW = (-1.6, 1.6)
# Heights of the two horizontal lines of the paper's figure, below the densities.
X_LINE, Z_LINE = -0.22, -0.62
TOP = 1.6
ICONS = {
    "minus": "−",
    "fast-backward": "⏮",
    "step-backward": "⇤",
    "play fa-flip-horizontal": "◀",
    "pause": "⏸",
    "play": "▶",
    "step-forward": "⇥",
    "fast-forward": "⏭",
    "plus": "+",
}
ARROWS = np.linspace(0, len(Z) - 1, 17).round().astype(int)


def draw_state(axis: Axes, state: State) -> None:
    """Draw p_data, p_g, D, the lines of x and z, and the arrows x = G(z) between them."""
    axis.plot(X, P_DATA / CELL, **DATA, label=r"$p_{data}(x)$")
    axis.plot(X, state.p_g / CELL, **GENERATOR, label=r"$p_g(x)$")
    axis.plot(X, state.d, **DISCRIMINATOR, label=r"$D(x)$")
    axis.hlines([X_LINE, Z_LINE], *WINDOW, color="black", linewidth=0.8)
    start = Z[ARROWS] / Z[-1] * 0.95 * WINDOW[1]
    for z, x in zip(start, state.x[ARROWS], strict=True):
        axis.annotate(
            "",
            (x, X_LINE),
            (z, Z_LINE),
            arrowprops={"arrowstyle": "-|>", "linewidth": 0.5, "mutation_scale": 5, "color": "0.3"},
        )
    axis.text(WINDOW[0], X_LINE + 0.03, "$x$", ha="left", va="bottom")
    axis.text(WINDOW[0], Z_LINE + 0.03, "$z$", ha="left", va="bottom")
    axis.set(xlim=WINDOW, ylim=(Z_LINE - 0.06, TOP), yticks=[0, 0.5, 1], xticks=[])
    axis.spines["bottom"].set_visible(False)
    axis.spines["left"].set_bounds(0, TOP)


def draw_panels(panels: Sequence[State]) -> Figure:
    """Return the four panels (a)-(d) side by side, at the width of a page."""
    figure, axes = plt.subplots(1, 4, figsize=(6.5, 2.5), sharey=True)
    for axis, state, letter in zip(axes, panels, "abcd", strict=True):
        draw_state(axis, state)
        axis.set_title(f"({letter})")
    axes[0].set_ylabel("density;  $D(x)$")
    axes[0].yaxis.set_label_coords(-0.22, 0.68)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def animate(states: Sequence[State]) -> FuncAnimation:
    """Return the whole run as an animation of one axis."""
    figure, axis = plt.subplots(figsize=(4.4, 3.2), dpi=80)
    axis.set_title(" ")
    starts = np.column_stack([Z[ARROWS] / Z[-1] * 0.95 * WINDOW[1], np.full(len(ARROWS), Z_LINE)])
    (p_g,) = axis.plot(X, states[0].p_g / CELL, **GENERATOR, label=r"$p_g(x)$")
    (d,) = axis.plot(X, states[0].d, **DISCRIMINATOR, label=r"$D(x)$")
    axis.plot(X, P_DATA / CELL, **DATA, label=r"$p_{data}(x)$")
    axis.hlines([X_LINE, Z_LINE], *WINDOW, color="black", linewidth=0.8)
    arrows = axis.add_collection(LineCollection([], colors="0.3", linewidths=0.6))
    axis.set(xlim=WINDOW, ylim=(Z_LINE - 0.06, TOP), yticks=[0, 0.5, 1], xticks=[])
    axis.spines["bottom"].set_visible(False)
    axis.legend(loc="upper right", ncols=3)

    def show(state: State) -> None:
        p_g.set_ydata(state.p_g / CELL)
        d.set_ydata(state.d)
        ends = np.column_stack([state.x[ARROWS], np.full(len(ARROWS), X_LINE)])
        arrows.set_segments(np.stack([starts, ends], axis=1))
        axis.set_title(f"{state.label}: JSD {state.jsd:.3f}")

    return FuncAnimation(figure, show, frames=states, interval=250)


def film(states: Sequence[State]) -> str:
    """Return the animation as HTML that plays offline, its frames embedded at screen size."""
    # The print resolution and the tight cropping of figures would fill megabytes with jitter.
    with plt.rc_context({"savefig.dpi": 90, "savefig.bbox": None}):
        animation = animate(states)
        page = animation.to_jshtml(fps=4, default_mode="once")
    plt.close()
    return offline(page)


def offline(page: str) -> str:
    """Replace the icon font that the player would fetch from the network by plain characters."""
    page = re.sub(r"<link\b[^>]*>", "", page)
    return re.sub(r'<i class="fa fa-([a-z -]+)"></i>', lambda icon: ICONS[icon[1]], page)

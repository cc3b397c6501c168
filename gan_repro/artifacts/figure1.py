"""The paper's Figure 1, drawn from a recorded run: panels, an animation, and the run as numbers."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from gan_repro.artifacts.style import DATA, DISCRIMINATOR, GENERATOR, GREY, VERMILION
from gan_repro.files import write_text
from gan_repro.theory.games.figure1_states import CELL, P_DATA, State, X, Z

WINDOW = (-1.6, 1.6)
# The film begins with a generator far to the right.
FILM_WINDOW = (-2.0, 2.0)
# Heights of the two horizontal lines of the paper's figure, below the densities.
X_LINE, Z_LINE = -0.22, -0.62
TOP = 1.6
OPTIMUM = {"color": VERMILION, "linestyle": "-", "linewidth": 0.7}
# The player's icon font would come from the network; every font has these words.
WORDS = {
    "minus": "slower",
    "fast-backward": "first",
    "step-backward": "back",
    "play fa-flip-horizontal": "backwards",
    "pause": "stop",
    "play": "play",
    "step-forward": "next",
    "fast-forward": "last",
    "plus": "faster",
}
ARROWS = np.linspace(0, len(Z) - 1, 17).round().astype(int)
# Finer than a pixel of any drawing.
DECIMALS = 4


def draw_state(axis: Axes, state: State, before: State | None = None) -> None:
    """Draw p_data, p_g, D, D*, the lines of x and z, and the arrows x = G(z) between them.

    ``before`` is the state whose p_g is drawn thinly, to show what has moved.
    """
    axis.plot(X, P_DATA / CELL, **DATA, label=r"$p_{data}(x)$")
    axis.plot(X, state.p_g / CELL, **GENERATOR, label=r"$p_g(x)$")
    axis.plot(X, state.d, **DISCRIMINATOR, label=r"$D(x)$")
    axis.plot(X, state.d_star, **OPTIMUM, label=r"$D^*(x)$")
    if before is not None:
        axis.plot(X, before.p_g / CELL, color=GREY, linewidth=0.8, label="$p_g$ before")
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
        draw_state(axis, state, panels[1] if letter == "c" else None)
        axis.set_title(f"({letter})")
    axes[0].set_ylabel("density;  $D(x)$")
    axes[0].yaxis.set_label_coords(-0.22, 0.68)
    figure.legend(*axes[2].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return figure


def animate(states: Sequence[State]) -> FuncAnimation:
    """Return the whole run as an animation of one axis."""
    figure, axis = plt.subplots(figsize=(5.2, 3.6))
    axis.set_title(" ")
    starts = np.column_stack(
        [Z[ARROWS] / Z[-1] * 0.75 * FILM_WINDOW[1], np.full(len(ARROWS), Z_LINE)]
    )
    axis.plot(X, P_DATA / CELL, **DATA, label=r"$p_{data}(x)$")
    (p_g,) = axis.plot(X, states[0].p_g / CELL, **GENERATOR, label=r"$p_g(x)$")
    (d,) = axis.plot(X, states[0].d, **DISCRIMINATOR, label=r"$D(x)$")
    (d_star,) = axis.plot(X, states[0].d_star, **OPTIMUM, label=r"$D^*(x)$")
    axis.hlines([X_LINE, Z_LINE], *FILM_WINDOW, color="black", linewidth=0.8)
    arrows = axis.add_collection(LineCollection([], colors="0.3", linewidths=0.6))
    axis.text(FILM_WINDOW[0], X_LINE + 0.03, "$x$", ha="left", va="bottom")
    axis.text(FILM_WINDOW[0], Z_LINE + 0.03, "$z$", ha="left", va="bottom")
    axis.set(xlim=FILM_WINDOW, ylim=(Z_LINE - 0.06, TOP), yticks=[0, 0.5, 1], xticks=[])
    axis.set_ylabel("density;  $D(x)$")
    axis.spines["bottom"].set_visible(False)
    axis.spines["left"].set_bounds(0, TOP)
    figure.legend(loc="outside lower center", ncols=4)

    def show(state: State) -> None:
        p_g.set_ydata(state.p_g / CELL)
        d.set_ydata(state.d)
        d_star.set_ydata(state.d_star)
        ends = np.column_stack([state.x[ARROWS], np.full(len(ARROWS), X_LINE)])
        arrows.set_segments(np.stack([starts, ends], axis=1))
        axis.set_title(f"{state.label}: JSD {state.jsd:.3f}")

    return FuncAnimation(figure, show, frames=states, interval=250)


def film(states: Sequence[State]) -> str:
    """Return the animation as HTML that plays offline, its frames embedded at screen size."""
    # The print resolution and the tight cropping of figures would fill megabytes with jitter.
    with plt.rc_context({"savefig.dpi": 100, "savefig.bbox": None}):
        animation = animate(states)
        page = animation.to_jshtml(fps=4, default_mode="once")
    plt.close()
    return offline(page)


def offline(page: str) -> str:
    """Make a player that needs neither the network for its buttons nor a script for frame one."""
    page = re.sub(r"<link\b[^>]*>", "", page)
    page = page.replace("width: 36px;", "padding: 0 0.5em;")
    page = re.sub(r'<i class="fa fa-([a-z -]+)"></i>', lambda icon: WORDS[icon[1]], page)
    first = re.search(r'frames\[0\] = "(data:[^"]+)"', page)[1].replace("\\\n", "")
    return re.sub(r'(<img id="_anim_img\w+")', rf'\1 width="520" src="{first}"', page)


def write_game(states: Sequence[State], panels: Sequence[State], path: Path) -> None:
    """Write a recorded game as JSON, for a page that draws it.

    Densities and D are on ``x``, G on ``z``; ``panels`` are the positions of (a)-(d) in ``frames``.
    """
    game = {
        "x": _numbers(X),
        "z": _numbers(Z[ARROWS]),
        "p_data": _numbers(P_DATA / CELL),
        "panels": {
            letter: states.index(panel) for letter, panel in zip("abcd", panels, strict=True)
        },
        "frames": [
            {
                "label": state.label,
                "jsd": round(state.jsd, 6),
                "value": round(state.value, 6),
                "p_g": _numbers(state.p_g / CELL),
                "d": _numbers(state.d),
                "g": _numbers(state.x[ARROWS]),
            }
            for state in states
        ],
    }
    write_text(path, json.dumps(game, allow_nan=False) + "\n")


def _numbers(values: np.ndarray) -> list[float]:
    return np.round(values, DECIMALS).tolist()

"""What a run of the benchmarks leaves: two tables as CSV, one as Markdown, a figure."""

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from benchmarks.growth import Growth
from benchmarks.timing import Row
from gan_repro.artifacts.style import BLUE, GREY, VERMILION, save_figure, use_style
from gan_repro.files import write_text

BEGIN, END = "<!-- {}: written by make bench -->", "<!-- end of {} -->"


def frame(rows: Sequence[Row] | Sequence[Growth]) -> pd.DataFrame:
    """Return rows as a table."""
    return pd.DataFrame(rows, columns=type(rows[0])._fields)


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, gaps as blanks."""
    lines = [" | ".join(map(_cell, row)) for row in table.itertuples(index=False)]
    head = " | ".join(name.replace("_", " ") for name in table.columns)
    ruler = " | ".join("---" for _ in table.columns)
    return "\n".join(f"| {line} |" for line in (head, ruler, *lines))


def _cell(value: object) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def insert(document: Path, name: str, content: str) -> None:
    """Put a text between the markers of a name in a document; nothing where it has none."""
    begin, end = BEGIN.format(name), END.format(name)
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    if begin in text:
        place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        new = place.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text)
        if new != text:
            write_text(document, new)


def figure(table: pd.DataFrame, path: Path) -> None:
    """Draw every ratio as a bar on a logarithmic axis, with the goals that there are."""
    use_style()
    shown = table.dropna(subset=["ratio"]).astype({"goal": float}).iloc[::-1]
    drawing, axes = plt.subplots(figsize=(6.5, 0.24 * len(shown) + 1.0))
    met = (shown["goal"].isna()) | (shown["ratio"] <= shown["goal"])
    colours = [BLUE if good else VERMILION for good in met]
    names = [f"{row.case}  vs  {row.against}" for row in shown.itertuples()]
    axes.barh(range(len(shown)), shown["ratio"] - 1, left=1, color=colours, height=0.65)
    axes.plot(
        shown["goal"], range(len(shown)), "|", color="black", markersize=11, markeredgewidth=2
    )
    axes.axvline(1, color=GREY, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks(range(len(shown)), names, fontsize=7)
    axes.set_xlabel("time, relative to what it is compared with; black: the goal", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    ends = shown[["ratio", "goal"]].max(axis=1).clip(lower=1)
    for place, (end, ratio) in enumerate(zip(ends, shown["ratio"], strict=True)):
        # Points from the bar's end: a factor of it would lie far outside a narrow axis.
        axes.annotate(
            f"{ratio:.3g}", (end, place), xytext=(5, 0), textcoords="offset points",
            va="center", fontsize=7,
        )  # fmt: skip
    axes.margins(x=0.12)
    save_figure(drawing, path)

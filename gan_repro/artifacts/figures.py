"""Figures 2 and 3: samples beside their nearest training images, and interpolation in z.

Figure 2 is laid out as the authors' scripts lay it out: four rows of five fair draws, and on their
right, framed in yellow, the training image nearest to the fifth. Figure 3 has no script of theirs;
its endpoints are ours, drawn from the prior and not chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_repro.artifacts.style import save_figure, use_style
from gan_repro.artifacts.tables import STAND_IN
from gan_repro.data.dataset import Dataset, load
from gan_repro.errors import UserError
from gan_repro.evaluation.interpolation import measure_lines
from gan_repro.evaluation.neighbours import memorisation, nearest
from gan_repro.evaluation.samples import load_samples, origin_of
from gan_repro.experiments.restored import interpolate, sample
from gan_repro.files import atomic_path
from gan_repro.paper import DATASETS
from gan_repro.training.runs import RunFolder, RunRecord

ROWS, COLUMNS = 4, 5
GAP = 5
GREY, YELLOW = (0.5, 0.5, 0.5), (1.0, 1.0, 0.0)
PANEL_WIDTH = 3.1

ASIDE = {"fontsize": 8, "style": "italic"}

# Rows and steps of Figure 3.
LINES = (4, 11)
# Enough for a standard error below one per cent of the mean distance.
DISTANCE_SAMPLES = 1_000


@dataclass(frozen=True)
class Panel:
    """One part of Figure 2.

    Attributes:
        letter: a to d.
        title: model and data, as printed below it.
        samples: (20, d) draws in model space.
        neighbours: (4, d) nearest training images of every fifth sample.
        dataset: where they are from.
    """

    letter: str
    title: str
    samples: np.ndarray
    neighbours: np.ndarray
    dataset: Dataset


def panel(letter: str, title: str, samples: np.ndarray, dataset: Dataset) -> Panel:
    """Take the first 20 draws, in order, and find the neighbours of the last one in each row."""
    draws = np.asarray(samples[: ROWS * COLUMNS], np.float32)
    if len(draws) < ROWS * COLUMNS:
        raise UserError(
            f"panel ({letter}) shows {ROWS * COLUMNS} samples, not {len(draws)}; draw more"
        )
    training = dataset.images(dataset.train)
    rows, _ = nearest(draws[COLUMNS - 1 :: COLUMNS], training)
    return Panel(letter, title, draws, training[rows], dataset)


def displayed(samples: np.ndarray, neighbours: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return (n, height, width, 3) colours in [0, 1] of samples, then of neighbours.

    Images in [0, 1] are shown as they are. Contrast-normalised ones are divided by the largest
    absolute value of the samples and shown as ½ + ½x; a neighbour beyond that range is clipped.
    """
    images = np.concatenate([samples, neighbours])
    if dataset.space == "contrast":
        images = 0.5 + 0.5 * images / np.abs(samples).max()
    images = images.clip(0, 1).reshape(len(images), *dataset.shape)
    if images.ndim == 3:
        return np.repeat(images[..., None], 3, axis=3)
    return images.transpose(0, 2, 3, 1)


def mosaic(tiles: Sequence[Sequence[np.ndarray]], framed: bool) -> np.ndarray:
    """Lay (height, width, 3) tiles out in rows, with grey gaps between them.

    Each tile has a border of one pixel; with ``framed`` that of each row's last tile is yellow.
    """
    height, width = tiles[0][0].shape[:2]
    gap = gap_width(height)
    down, across = height + 2 + gap, width + 2 + gap
    sheet = np.empty((len(tiles) * down + gap, len(tiles[0]) * across + gap, 3))
    sheet[:] = GREY
    for i, row in enumerate(tiles):
        for j, tile in enumerate(row):
            top, left = gap + i * down, gap + j * across
            if framed and j == len(row) - 1:
                sheet[top : top + height + 2, left : left + width + 2] = YELLOW
            sheet[top + 1 : top + height + 1, left + 1 : left + width + 1] = tile
    return sheet


def gap_width(side: int) -> int:
    """Return the authors' five pixels, or fewer between images smaller than the paper's."""
    return min(GAP, side // 5)


def _sheet(part: Panel) -> np.ndarray:
    images = displayed(part.samples, part.neighbours, part.dataset)
    samples, neighbours = images[: ROWS * COLUMNS], images[ROWS * COLUMNS :]
    tiles = [
        [*samples[row * COLUMNS : (row + 1) * COLUMNS], neighbours[row]] for row in range(ROWS)
    ]
    return mosaic(tiles, framed=True)


def _show(axes: Axes, sheet: np.ndarray, caption: str, dataset: Dataset) -> None:
    axes.imshow(sheet, interpolation="nearest")
    axes.set_axis_off()
    axes.set_title(caption, y=-0.04, va="top", fontsize=8.5)
    if dataset.title not in DATASETS:
        # In points below the sheet, under the two lines of the caption.
        axes.annotate(
            STAND_IN, (0.5, 0), (0, -27), "axes fraction", "offset points",
            ha="center", va="top", **ASIDE,
        )  # fmt: skip


def figure2(panels: Sequence[Panel]) -> Figure:
    """Draw Figure 2, or one of its parts where there is one panel."""
    use_style()
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    size = (PANEL_WIDTH * columns, 2.6 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for place in axes.flat[len(panels) :]:
        place.set_axis_off()
    for place, part in zip(axes.flat, panels, strict=False):
        _show(place, _sheet(part), f"{part.letter}) {part.title}", part.dataset)
    return figure


def figure3(images: np.ndarray, dataset: Dataset, title: str) -> Figure:
    """Draw Figure 3 from (rows, steps, d) images G((1 - α)·z₀ + α·z₁), α from 0 to 1 in a row."""
    use_style()
    rows, steps, width = images.shape
    flat = images.reshape(-1, width)
    tiles = displayed(flat, flat[:0], dataset).reshape(rows, steps, *dataset.shape, 3)
    figure, axes = plt.subplots(figsize=(6.5, 6.5 * rows / steps + 0.55))
    sheet = mosaic(tiles, framed=False)
    axes.imshow(sheet, interpolation="nearest")
    middle = gap_width(dataset.shape[-1]) + 1 + dataset.shape[-1] / 2 - 0.5
    ends = [middle, sheet.shape[1] - 1 - middle]
    names = ["$z_0$", r"$(1-\alpha)\,z_0+\alpha\,z_1$", "$z_1$"]
    axes.set_xticks([ends[0], sum(ends) / 2, ends[1]], names)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title)
    if dataset.title not in DATASETS:
        figure.supxlabel(STAND_IN, **ASIDE)
    return figure


def draw_figure2(
    runs: Mapping[str, Path], prepared: Path, out: Path, device: torch.device
) -> list[Path]:
    """Write fig2, its parts and fig2_distances.csv from letter → folder of a run.

    Raises:
        UserError: a run or its data are missing, or do not belong together.
    """
    panels, lines = [], []
    for letter, folder in sorted(runs.items()):
        record, dataset = _run(folder, prepared)
        samples = _samples(RunFolder(folder), dataset, device)
        title = f"{dataset.title}\n{record.row}"
        panels.append(panel(letter, title, samples, dataset))
        lines.append(
            {"panel": letter, "model": record.row, "experiment": record.experiment}
            | {"seed": record.seed, "data": dataset.title}
            | memorisation(samples, dataset, DISTANCE_SAMPLES, device)
        )
    written = []
    for part in panels:
        written += save_figure(figure2([part]), out / f"fig2{part.letter}")
    written += save_figure(figure2(panels), out / "fig2")
    with atomic_path(out / "fig2_distances.csv") as temporary:
        pd.DataFrame(lines).to_csv(temporary, index=False, float_format="%.4g")
    return [*written, out / "fig2_distances.csv"]


def draw_figure3(folder: Path, prepared: Path, out: Path, device: torch.device) -> list[Path]:
    """Write fig3 and fig3_distances.csv from a run's weights.

    Raises:
        UserError: the run or its data is missing.
    """
    record, dataset = _run(folder, prepared)
    images = interpolate(RunFolder(folder).weights, *LINES, device)
    lines = pd.DataFrame(measure_lines(images, dataset, device)).assign(data=dataset.title)
    with atomic_path(out / "fig3_distances.csv") as temporary:
        lines.to_csv(temporary, index=False, float_format="%.4g")
    written = save_figure(figure3(images, dataset, f"{record.row}, {dataset.title}"), out / "fig3")
    return [*written, out / "fig3_distances.csv"]


def _samples(run: RunFolder, dataset: Dataset, device: torch.device) -> np.ndarray:
    """Return a run's samples.npy; where there is none, as many draws as are measured.

    Raises:
        UserError: the samples are not of the run's weights.
    """
    stored = run.path / "samples.npy"
    if stored.exists():
        origin_of(stored)
        return load_samples(stored, dataset)
    return sample(run.weights, DISTANCE_SAMPLES, None, device)


def _run(folder: Path, prepared: Path) -> tuple[RunRecord, Dataset]:
    record = RunFolder(folder).read_record()
    dataset = load(prepared / f"{record.dataset.name}.npz")
    if dataset.sha256 != record.dataset.sha256:
        raise UserError(
            f"{folder} was trained on another version of {dataset.name}; prepare it again, "
            "or train again"
        )
    return record, dataset

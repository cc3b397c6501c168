"""How the chains mix, as a table and as a figure: evidence for Table 2 and Figure 2's caption."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_repro.artifacts.once import read_once
from gan_repro.artifacts.style import looks, use_style
from gan_repro.config.schema import read_record
from gan_repro.evaluation.mixing import MixingRecord
from gan_repro.paper import TABLE_1


def read_records(paths: Iterable[Path]) -> list[MixingRecord]:
    """Read mixing.json files, in the order of Table 1's rows; other rows come last.

    Raises:
        UserError: one is damaged, or there twice.
    """
    rows = list(TABLE_1)
    records = read_once(paths, lambda path: read_record(path, MixingRecord), _about)
    return sorted(records, key=lambda r: rows.index(r.row) if r.row in rows else len(rows))


def _about(record: MixingRecord) -> tuple:
    return record.experiment, record.seed, record.title


def table(records: Iterable[MixingRecord]) -> pd.DataFrame:
    """Return one line per run: effective sample size, and validation scores in nats."""
    return pd.DataFrame([_line(record) for record in records])


def _line(record: MixingRecord) -> dict:
    draws = record.chains * record.steps
    correlation = dict(enumerate(record.autocorrelation))
    line = {
        "model": record.row,
        "dataset": record.title,
        "experiment": record.experiment,
        "seed": record.seed,
        "sampler": "independent draws" if record.independent else "Markov chain",
        "draws": draws,
        "autocorrelation_lag_1": round(correlation[1], 3),
        "autocorrelation_lag_10": round(correlation.get(10, float("nan")), 3),
        "transitions_per_independent_draw": round(record.integrated_time, 1),
        "effective_per_1000": round(1000 * record.effective / draws, 1),
    }
    for score in record.scores:
        line[f"valid_ll_{score.pixels}_thin_{score.thin}"] = round(score.valid_ll, 1)
    leak = record.leak
    return line | {"leak_nats": None if leak is None else round(leak, 3)}


def figure(records: Iterable[MixingRecord]) -> Figure:
    """Draw autocorrelation against lag, and score against thinning: one column per dataset."""
    use_style()
    records = list(records)
    titles = list(dict.fromkeys(record.title for record in records))
    drawn, axes = plt.subplots(2, len(titles), figsize=(6.5, 4.6), squeeze=False)
    look = looks(record.row for record in records)
    for column, title in enumerate(titles):
        for record in (r for r in records if r.title == title):
            line = look[record.row]
            quiet = line | {"marker": "", "label": record.row}
            axes[0, column].plot(record.autocorrelation, **quiet)
            _draw_scores(axes[1, column], record, line | {"markersize": 4})
        axes[0, column].set(title=title, xlabel="lag (transitions)", xscale="symlog", xlim=(0, 200))
        axes[0, column].set_xticks(*[[0, 1, 10, 100]] * 2)
        axes[1, column].set(xlabel="thinning (transitions per sample)", xscale="log")
        axes[1, column].set_xticks(*[[score.thin for score in records[0].scores[::2]]] * 2)
        axes[1, column].minorticks_off()
    axes[0, 0].set_ylabel("autocorrelation")
    axes[1, 0].set_ylabel("validation log-likelihood\n(nats; hollow: binary pixels)")
    handles = [plt.Line2D([], [], label=row, **line) for row, line in look.items()]
    drawn.legend(handles=handles, loc="outside lower center", ncols=4, handlelength=3.5)
    return drawn


def _draw_scores(axis: Axes, record: MixingRecord, line: dict) -> None:
    for pixels, face in (("means", line["color"]), ("binary", "white")):
        points = [(s.thin, s.valid_ll) for s in record.scores if s.pixels == pixels]
        axis.plot(*zip(*points, strict=True), **line, markerfacecolor=face)

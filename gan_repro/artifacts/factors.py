"""What one changed factor does to a recipe: validation scores at the same epochs, side by side."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gan_repro.artifacts.style import BLACK, DASHED, looks, use_style
from gan_repro.errors import UserError
from gan_repro.training.runs import RunFolder, RunRecord

# What tells other runs of a row from its first.
AGAIN = (
    {},
    {"marker": "s", "markerfacecolor": "white"},
    {"marker": "D", "markerfacecolor": "white"},
)
# One validation is as noisy as its draws; so many are averaged.
LAST = 3
NUMBERS = (
    *("first_epoch", "last_epoch", "valid_ll", "recipe_valid_ll"),
    *("difference", "smallest", "largest"),
)


class Course(NamedTuple):
    """A run and its validation scores.

    Attributes:
        record: of the run.
        scores: valid_ll in nats (authors' grid of σ) by epoch.
    """

    record: RunRecord
    scores: pd.Series

    @property
    def title(self) -> str:
        """What figures call it; another seed of the recipe says which."""
        return self.record.config["title"] + self._seed

    @property
    def change(self) -> str:
        """What is in brackets in its title, where something is: what it changes."""
        inside = re.search(r"\((.*)\)$", self.record.config["title"])
        return inside.group(1) if inside else self.record.config["title"]

    @property
    def _seed(self) -> str:
        return f", seed {self.record.seed}" if self.record.seed else ""


def read_course(run: Path) -> Course:
    """Read a run's record and metrics.

    Raises:
        UserError: one of them is missing or damaged.
    """
    folder = RunFolder(run)
    return Course(folder.read_record(), pd.Series(dict(folder.validations()), dtype=float))


def table(recipe: Course, others: Iterable[Course]) -> pd.DataFrame:
    """Return a line per run: its scores less the recipe's, over the last common validations.

    ``difference`` is their mean in nats, ``smallest`` and ``largest`` the ends of the ``LAST``. A
    run that was not validated so often at the recipe's epochs has a line without numbers.

    Raises:
        UserError: a run is of other data.
    """
    lines = pd.DataFrame([_line(recipe, other) for other in others])
    return lines.astype({"first_epoch": "Int64", "last_epoch": "Int64"})


def _line(recipe: Course, other: Course) -> dict:
    record = other.record
    _refuse_other_data(recipe.record, record)
    line = {"model": other.title, "experiment": record.experiment, "seed": record.seed}
    both = pd.concat({"own": other.scores, "recipe": recipe.scores}, axis=1).dropna().iloc[-LAST:]
    if len(both) < LAST:
        return line | dict.fromkeys(NUMBERS)
    differences = both["own"] - both["recipe"]
    scores = (both["own"].mean(), both["recipe"].mean(), differences.mean())
    ends = (differences.min(), differences.max())
    numbers = (both.index[0], both.index[-1], *(round(value, 2) for value in (*scores, *ends)))
    return line | dict(zip(NUMBERS, numbers, strict=True))


def _refuse_other_data(recipe: RunRecord, record: RunRecord) -> None:
    """Raise UserError where a run is of other data than the recipe, or of another version."""
    own, other = recipe.dataset, record.dataset
    if own.name != other.name:
        raise UserError(f"{record.experiment} is of {other.title}; compare it with its own")
    if own.sha256 != other.sha256:
        raise UserError(
            f"{record.experiment}, seed {record.seed}, is of another version of {own.name} "
            f"(SHA-256 {other.sha256[:12]}) than {recipe.experiment}, seed {recipe.seed} "
            f"({own.sha256[:12]}); train both on the same"
        )


def draw(recipe: Course, others: Sequence[Course]) -> Figure:
    """Draw validation score by epoch, as far as the longest of the changed runs, and differences.

    Differences from the recipe are shown as far as those of its other seeds go: what is smaller
    may be chance. A run that a longer one repeats is drawn once.
    """
    use_style()
    figure, (scores, differences) = plt.subplots(1, 2, figsize=(6.5, 3.6))
    end = max((epoch for other in others for epoch in other.scores.index), default=0)
    rows = _by_row(_without_repeats(others))
    styles = looks(rows)
    for row, courses in {"": [recipe], **rows}.items():
        own = courses[0].record.row == recipe.record.row
        base = {"color": BLACK, "linestyle": DASHED if row else "-", "marker": "o"}
        line = (base if own else styles[row]) | {"lw": 1.2, "ms": 3.5}
        first = int(own and bool(row))
        for number, course in enumerate(courses, first):
            again = line | AGAIN[number % len(AGAIN)]
            shown = course.scores[course.scores.index <= end]
            label = _label(course, courses, other=bool(number))
            scores.plot(shown.index, shown, label=label, **again)
            apart = (shown - recipe.scores).dropna()
            differences.plot(apart.index, apart, **again)
    scores.set(ylabel="validation log-likelihood (nats)")
    differences.set(ylabel="difference from the recipe (nats)")
    _limit(differences, recipe, rows.get(recipe.record.row, []))
    for axes in (scores, differences):
        axes.set(xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside lower center", ncols=3, handlelength=3)
    return figure


def _limit(axes: Axes, recipe: Course, seeds: Iterable[Course]) -> None:
    """Show differences as far as those of other seeds of the recipe go, where there are any."""
    apart = [(seed.scores - recipe.scores).dropna().abs() for seed in seeds]
    largest = max((values.max() for values in apart if len(values)), default=0)
    if largest:
        axes.set(ylim=(-1.15 * largest, 1.15 * largest))


def _without_repeats(courses: Sequence[Course]) -> list[Course]:
    return [one for one in courses if not any(_begins(one, other) for other in courses)]


def _begins(short: Course, long: Course) -> bool:
    """Return whether a run is a longer one's beginning: of its row and seed, with its scores."""
    (one, other), length = (short.record, long.record), len(short.scores)
    alike = (one.row, one.seed) == (other.row, other.seed)
    return alike and length < len(long.scores) and short.scores.equals(long.scores.iloc[:length])


def _by_row(courses: Iterable[Course]) -> dict[str, list[Course]]:
    rows: dict[str, list[Course]] = {}
    for course in courses:
        rows.setdefault(course.record.row, []).append(course)
    return rows


def _label(course: Course, row: Sequence[Course], other: bool) -> str:
    """Return what a run is called beside those of its row; ``other`` than the first, or not."""
    seed = course.record.seed
    if not other:
        return course.change
    if [one.record.seed for one in row].count(seed) > 1:
        return f"{course.change}, again, to epoch {course.scores.index[-1]}"
    return f"{course.change}, seed {seed}"

"""Experiments in words: all of them, one whole, and how two differ."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from gan_repro.config.catalogue import dataset_source
from gan_repro.config.experiments import known_experiments
from gan_repro.experiments.cost import estimate
from gan_repro.experiments.experiment import load_experiment

COLUMNS = ("experiment", "data", "row", "epochs", "operations")


def list_lines() -> list[str]:
    """Return one line per experiment, in columns, with the operations that training it takes."""
    rows = [COLUMNS, *(_row(name) for name in known_experiments())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(name: str) -> tuple[str, ...]:
    experiment = load_experiment(name)[1]
    source = dataset_source(experiment.dataset)
    flop = "?"
    if source.train_images and source.pixels:
        flop = f"{estimate(experiment, source.train_images, source.pixels).flop:.1e}"
    return name, source.title, experiment.row, str(experiment.plan.epochs), flop


def show_text(name: str) -> str:
    """Return an experiment with everything that it inherits and every default, as YAML."""
    content = load_experiment(name)[1].model_dump(mode="json")
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100).rstrip()


def check_names(names: Iterable[str], epochs: Mapping[str, int]) -> int:
    """Read every experiment as its training would; return how many there are.

    Args:
        names: of experiments.
        epochs: in place of an experiment's own.

    Raises:
        UserError: a key or a value is wrong, or the epochs do not fit a model.
    """
    names = list(names)
    for name in names:
        experiment = load_experiment(name)[1]
        if name in epochs:
            experiment.with_epochs(epochs[name])
    return len(names)


def diff_lines(first: str, second: str) -> list[str]:
    """Return `place: one → other` for everything that differs between two experiments."""
    one, other = (load_experiment(name)[1].model_dump(mode="json") for name in (first, second))
    return list(_differences(one, other, "")) or [f"{first} and {second} do not differ"]


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _differences(one.get(key), other.get(key), f"{place}.{key}".strip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{place}.{position}")
    elif one != other:
        yield f"{place}: {one} → {other}"

"""Why an experiment has no score: the line with which one of its jobs ended."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gan_repro.config.catalogue import dataset_source
from gan_repro.config.experiments import find_experiment, resolve

# What the command line prints before the one line that says what is wrong.
PREFIX = "gan-repro: "
NOT_FINISHED = "not finished"


class Gap(NamedTuple):
    """An experiment without a score: the row and dataset that miss it, and the reason."""

    experiment: str
    row: str
    dataset: str
    reason: str


def find_gaps(expected: Iterable[str], scored: Iterable[str], logs: Path) -> list[Gap]:
    """Return the expected experiments that have no score, each with the reason from its logs.

    Args:
        expected: names of experiments.
        scored: names of those that have a score.
        logs: folder of the workflow's logs.
    """
    missing = [name for name in expected if name not in set(scored)]
    return [_gap(name, logs) for name in missing]


def _gap(name: str, logs: Path) -> Gap:
    content = resolve(find_experiment(name))
    dataset, first = content["dataset"], content.get("pretrained")
    files = [logs / step / f"{dataset}.log" for step in ("fetch", "prepare")]
    for experiment in (first, name) if first else (name,):
        for step in ("train", "sample", "parzen"):
            files += sorted((logs / step).glob(f"{experiment}_seed*.log"))
    reasons = (_last_error(file) for file in files)
    reason = next((found for found in reasons if found), NOT_FINISHED)
    return Gap(name, content["row"], dataset_source(dataset).title, reason)


def _last_error(log: Path) -> str | None:
    """Return what a log ends with if that is an error, without its prefix."""
    if not log.exists():
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    found = [line for line in lines if line.startswith(PREFIX)]
    return found[-1].removeprefix(PREFIX) if found else None

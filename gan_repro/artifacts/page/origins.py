"""Where the results came from: digests, commits, versions, machines, and how long steps took."""

import csv
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gan_repro.artifacts.page.reading import number
from gan_repro.errors import UserError, reading
from gan_repro.extensions.records import read
from gan_repro.files import read_json, sha256
from gan_repro.training.runs import RunRecord, trained_below

MANIFEST = "manifest.json"
NO_COMMIT = "none (not a git checkout)"


class Manifest(NamedTuple):
    """The digests of the artefacts, and that of the list itself."""

    sha256: str
    entries: dict[str, str]


class Job(NamedTuple):
    """A step of the workflow as it was measured while it ran; None where it was not."""

    name: str
    seconds: float | None
    cpu_seconds: float | None
    memory: float | None


class Measurement(NamedTuple):
    """An extension, where the paper has it, its data, and the CPU time that measuring took."""

    name: str
    about: str
    data: str
    cpu_seconds: float


class Group(NamedTuple):
    """The jobs of one kind."""

    name: str
    jobs: list[Job]

    @property
    def seconds(self) -> float:
        """The jobs' durations, added up."""
        return sum(job.seconds or 0 for job in self.jobs)


def manifest(results: Path) -> Manifest:
    """Return manifest.json and its own digest.

    Raises:
        UserError: it is missing or damaged.
    """
    path = results / MANIFEST
    entries = read_json(path)
    if not isinstance(entries, dict) or not all(isinstance(d, str) for d in entries.values()):
        raise UserError(f"{path} is not a list of digests; write it again")
    return Manifest(sha256(path), entries)


def records(results: Path) -> list[RunRecord]:
    """Return the records of all trainings.

    Raises:
        UserError: there is none, or one is damaged.
    """
    found = [folder.read_record() for folder in trained_below(results)]
    if not found:
        raise UserError(f"{results}/runs has no record of a training; train one")
    return found


def measurements(results: Path) -> list[Measurement]:
    """Return what measuring each extension took; raises UserError where a record is damaged."""
    found = [read(path) for path in sorted((results / "extensions").glob("*.json"))]
    return [Measurement(each.name, each.about, each.dataset, each.cpu_seconds) for each in found]


def facts(found: Iterable[RunRecord]) -> dict[str, list[str]]:
    """Return what the trainings have in common, or each of the values where they differ."""
    lines: dict[str, dict[str, None]] = {}
    for record in found:
        changed = " with uncommitted changes" if record.uncommitted_changes else ""
        about = {
            "commit": (record.commit or NO_COMMIT) + (changed if record.commit else ""),
            "device": f"{record.device}, {_threads(record.threads)}",
            "platform": record.platform,
            "versions": ", ".join(f"{name} {text}" for name, text in record.versions.items()),
        }
        for name, text in about.items():
            lines.setdefault(name, {})[text] = None
    return {name: list(texts) for name, texts in lines.items()}


def durations(benchmarks: Path) -> list[Group]:
    """Return what the workflow measured of its jobs, by kind.

    Raises:
        UserError: nothing was measured, or a file is damaged.
    """
    paths = sorted(benchmarks.rglob("*.tsv"))
    if not paths:
        raise UserError("the workflow left no measurements of its jobs in this folder")
    groups: dict[str, list[Job]] = {}
    for path in paths:
        place = PurePosixPath(path.relative_to(benchmarks).with_suffix("").as_posix())
        kind = place.parts[0] if len(place.parts) > 1 else "other"
        groups.setdefault(kind, []).append(_job(path, place.name))
    return [Group(kind, jobs) for kind, jobs in groups.items()]


def _job(path: Path, name: str) -> Job:
    with (
        reading(path, "is not a measurement of a job", "delete it"),
        open(path, encoding="utf-8", newline="") as handle,
    ):
        lines = list(csv.DictReader(handle, delimiter="\t"))
        columns = [lines[-1][column] for column in ("s", "cpu_time", "max_rss")]
    return Job(name, *map(number, columns))


def _threads(count: int) -> str:
    return f"{count} thread" + ("s" if count != 1 else "")

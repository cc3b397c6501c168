"""The folder of a run and its record, `run.json`."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired

from pydantic import ConfigDict
from typing_extensions import TypedDict

from gan_repro.config.schema import Seed, Spec, read_record
from gan_repro.errors import UserError, reading
from gan_repro.files import write_sums


class Choice(Spec):
    """The epoch whose weights a run keeps, by which rule, and its validation score in nats."""

    by: str
    epoch: int
    valid_ll: float
    sigma: float


class DatasetVersion(Spec):
    """Which prepared data a run was trained on."""

    name: str
    title: str | None = None
    sha256: str


class SourceChange(Spec):
    """A training that went on under other sources or libraries, from an epoch on.

    Attributes:
        epoch: the first one that is not wholly of the old sources.
        before: digest of the sources and versions of libraries until then.
        after: the same from then on.
    """

    epoch: int
    before: dict[str, str]
    after: dict[str, str]


class Described(TypedDict):
    """An experiment as a record has it: what cards and figures print of it, and more."""

    __pydantic_config__ = ConfigDict(extra="allow")

    title: str
    row: str
    dataset: str
    choices: list[str]
    pretrained: NotRequired[str | None]


class Versions(TypedDict):
    """Versions of libraries by name: PyTorch's, which cards print, and others."""

    __pydantic_config__ = ConfigDict(extra="allow")

    torch: str


class RunRecord(Spec):
    """`run.json`: what was trained, on what, by which code and where.

    Attributes:
        config: the experiment with everything that it inherits.
        chosen: the epoch that was kept.
        epochs: that were trained.
        recipe_epochs: of the experiment, where it was trained for another number.
        pretrained_sha256: of the weights that a second stage started from.
        source: digest of the modules that decide the run's bytes, and versions of libraries.
        source_changes: what was accepted in their place on the way.
        steps: how they were taken: eager, device or graph; see `gan_repro.training.steps`.
        tf32: whether a GPU's products were rounded to TensorFloat-32.
        together: the seeds that were trained in one batched computation, this one among them.
        resident_images: how many lay on the device at a time, where not all of them did.
        warnings: what makes the model one that nobody should trust, such as a collapse.
    """

    experiment: str
    row: str
    seed: Seed
    config: Described
    pretrained_sha256: str | None = None
    chosen: Choice
    epochs: int
    recipe_epochs: int | None = None
    wall_seconds: float
    dataset: DatasetVersion
    source: dict[str, str] | None = None
    source_changes: tuple[SourceChange, ...] = ()
    warnings: tuple[str, ...] = ()
    commit: str | None
    uncommitted_changes: bool
    versions: Versions
    device: str
    threads: int
    platform: str
    steps: str = "eager"
    tf32: bool = False
    together: tuple[Seed, ...] = ()
    resident_images: int = 0


# In a run's folder, what was set aside when it was trained anew.
EARLIER = "earlier"


def files_below(root: Path, name: str) -> list[Path]:
    """Return the files of a name in a folder of results, but for those that were set aside."""
    found = root.rglob(name)
    return sorted(path for path in found if EARLIER not in path.relative_to(root).parts)


def trained_below(root: Path) -> list["RunFolder"]:
    """Return every finished training in a folder of results.

    Calibration rows have a run.json of another kind, and no metrics.
    """
    folders = [RunFolder(path.parent) for path in files_below(root, "run.json")]
    return [folder for folder in folders if folder.metrics.exists()]


@dataclass(frozen=True)
class RunFolder:
    """Names of the files of one run, `results/runs/<experiment>/seed<k>/`."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """Everything that an interrupted training needs to go on."""
        return self.path / "checkpoint.safetensors"

    @property
    def weights(self) -> Path:
        """What sampling needs: the model of the chosen epoch."""
        return self.path / "model.safetensors"

    @property
    def metrics(self) -> Path:
        """One row per epoch."""
        return self.path / "metrics.csv"

    @property
    def record(self) -> Path:
        """Resolved configuration, choice of epoch and provenance."""
        return self.path / "run.json"

    @property
    def sums(self) -> Path:
        """SHA-256 of weights, metrics and record; written last, so its presence says finished."""
        return self.path / "trained.sha256"

    @property
    def lock(self) -> Path:
        """What a training holds while it writes here."""
        return self.path / ".lock"

    def seal(self) -> None:
        """Say that the run is finished, by writing the digests of its files."""
        write_sums(self.sums, [self.weights, self.metrics, self.record])

    def set_aside(self) -> Path:
        """Move every file of the run into a folder of its own below, and return that folder."""
        earlier = self.path / EARLIER
        taken = [int(path.name) for path in earlier.glob("*") if path.name.isdecimal()]
        target = earlier / str(1 + max(taken, default=0))
        files = [path for path in self.path.iterdir() if path.is_file() and path != self.lock]
        target.mkdir(parents=True)
        for path in files:
            path.replace(target / path.name)
        return target

    def read_record(self) -> RunRecord:
        """Return run.json; raises UserError where the run is not finished, or it is damaged."""
        if not self.record.exists():
            raise UserError(f"{self.path} holds no finished run (no run.json); train it first")
        return read_record(self.record, RunRecord)

    def validations(self) -> list[tuple[int, float]]:
        """Return (epoch, validation log-likelihood in nats) of metrics.csv, where there is one."""
        with reading(self.metrics, "is not a table of epochs", "train the run again"):
            with open(self.metrics, encoding="utf-8", newline="") as handle:
                rows = list(csv.DictReader(handle))
            return [(int(row["epoch"]), float(row["valid_ll"])) for row in rows if row["valid_ll"]]

"""What an extension is given, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_repro.config.extensions import Entry
from gan_repro.config.schema import Spec, read_record
from gan_repro.data.dataset import Dataset
from gan_repro.evaluation.mixing import MixingRecord
from gan_repro.experiments.relearned import Relearned, relearn
from gan_repro.experiments.restored import Restored, restore
from gan_repro.extensions.records import Measure
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed


@dataclass(frozen=True)
class Findings:
    """What an extension measured.

    Attributes:
        measures: name → number.
        series: name → points of a curve.
        arrays: name → images and the like, for figures.
    """

    measures: Mapping[str, Measure]
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Extension:
    """One experiment on runs that are trained already.

    Attributes:
        about: where the paper has it.
        options: the schema of its options.
        measure: context and options → findings.
    """

    about: str
    options: type[Spec]
    measure: Callable[["Context", Any], Findings]


@dataclass(frozen=True)
class Context:
    """What an extension is given.

    Attributes:
        name: its own.
        dataset: of every run it reads.
        entry: which runs.
        runs: folder of all runs.
        device: where to compute.
    """

    name: str
    dataset: Dataset
    entry: Entry
    runs: Path
    device: torch.device

    @cached_property
    def train(self) -> Tensor:
        """Return the (N, d) training images, on the device."""
        return self.images(self.dataset.train)

    @cached_property
    def test(self) -> Tensor:
        """Return the (M, d) test images of the first fold, on the device."""
        return self.images(self.dataset.fold(0).test)

    def images(self, rows: np.ndarray) -> Tensor:
        """Return images by row number, (len(rows), d) float32 on the device."""
        return torch.from_numpy(self.dataset.images(rows)).to(self.device)

    def folder(self, role: str, seed: int) -> RunFolder:
        """Return the folder of the run that plays a role."""
        return RunFolder(self.runs / self.entry.experiments[role] / f"seed{seed}")

    def restored(self, role: str, seed: int) -> Restored:
        """Return a trained model."""
        return restore(self.folder(role, seed).weights)

    def relearned(self, role: str, seed: int) -> Relearned:
        """Return a trained learner, with everything that it had at its end."""
        return relearn(self.folder(role, seed), self.dataset, self.device)

    def mixing(self) -> list[MixingRecord]:
        """Return the records of how chains mix that the extension reads."""
        seed = self.entry.seeds[0]
        folders = [self.runs / name / f"seed{seed}" for name in self.entry.mixing]
        return [read_record(folder / "mixing.json", MixingRecord) for folder in folders]

    def stream(self, purpose: str, seed: int | None = None) -> int:
        """Return the seed of a random stream of the extension's own."""
        first = self.entry.seeds[0] if seed is None else seed
        return stream_seed(first, f"{self.name}: {purpose}")

    def rng(self, purpose: str, seed: int | None = None) -> torch.Generator:
        """Return a random generator on the CPU, at the start of such a stream."""
        return torch.Generator().manual_seed(self.stream(purpose, seed))

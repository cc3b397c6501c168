"""Trainings in order of priority until a time is over; what is not finished is closed where it is.

Each is a `gan-repro train` of its own, so that a failure stops none of the others. When the time is
over it is sent SIGTERM, which saves a checkpoint, and is then asked for the epochs that it has.
"""

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

# What ending a training, drawing and scoring may take.
CLOSING_SECONDS = 60.0


class Wanted(NamedTuple):
    """Seeds of an experiment that are wanted.

    Attributes:
        experiment: its name.
        seeds: to be trained.
        together: as one batched problem.
        epochs: in place of the experiment's own.
        like: the experiment whose steps were compared in its place, where another one was.
    """

    experiment: str
    seeds: tuple[int, ...]
    together: bool = False
    epochs: int | None = None
    like: str = ""


class Outcome(NamedTuple):
    """How a wish ended: finished, closed (at fewer epochs), left (for want of time) or failed."""

    experiment: str
    seeds: tuple[int, ...]
    state: str
    seconds: float
    message: str = ""


def verb(*arguments: object, deadline: float | None = None) -> tuple[int | None, str]:
    """Run a verb; return its status, None where its time was over, and the last line it printed."""
    command = [sys.executable, "-m", "gan_repro", *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            left = None if deadline is None else max(1.0, deadline - time.monotonic())
            output, _ = process.communicate(timeout=left)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate()
            status = None
    lines = output.strip().splitlines()
    return status, lines[-1] if lines else ""


class ReferenceRuns:
    """Runs of one folder.

    Args:
        runs: folder of runs, EXPERIMENT/seedK each.
        data: folder of raw and prepared data.
        device: where to compute.
        steps: experiment → how to take its steps.
        deadline: on the monotonic clock, of everything.
        samples: draws per run.
    """

    def __init__(
        self,
        runs: Path,
        data: Path,
        device: str,
        steps: Callable[[str], str],
        deadline: float,
        samples: int,
    ) -> None:
        self.runs, self.data, self.device, self.steps = runs, data, device, steps
        self.deadline, self.samples = deadline, samples

    def make(self, wanted: Sequence[Wanted]) -> list[Outcome]:
        """Make what is wanted, in its order."""
        return [self._make(wish) for wish in wanted]

    def _make(self, wish: Wanted) -> Outcome:
        start = time.monotonic()
        if self.deadline - start < 2 * CLOSING_SECONDS:
            return Outcome(wish.experiment, wish.seeds, "left", 0.0)
        state, message = "finished", ""
        for seeds in [wish.seeds] if wish.together else [(seed,) for seed in wish.seeds]:
            status, message = self._train(wish, seeds, self.deadline - CLOSING_SECONDS)
            if status is None:
                epochs = self._epochs(wish, seeds)
                state, status = ("closed", None) if epochs else ("failed", 1)
                if epochs:
                    closing = wish._replace(epochs=epochs)
                    status, message = self._train(closing, seeds, self.deadline)
            if status != 0:
                state = "failed"
                break
            for seed in seeds:
                self._score(wish.experiment, seed)
        took = round(time.monotonic() - start, 1)
        return Outcome(wish.experiment, wish.seeds, state, took, message)

    def _train(
        self, wish: Wanted, seeds: tuple[int, ...], deadline: float
    ) -> tuple[int | None, str]:
        kind = self.steps(wish.like or wish.experiment)
        common = ["--device", self.device, "--steps", kind, "--data", self.data, "--allow-cpu"]
        common += ["--epochs", wish.epochs] if wish.epochs else []
        if wish.together:
            several = ",".join(map(str, seeds))
            where = ["--seeds", several, "--together", "--out", self.runs]
        else:
            folder = self._folder(wish.experiment, seeds[0])
            where = ["--seed", seeds[0], "--out", folder]
        return verb("train", wish.experiment, *where, *common, deadline=deadline)

    def _epochs(self, wish: Wanted, seeds: tuple[int, ...]) -> int | None:
        """Return the epoch that a stopped training is in: the fewest that it can be closed with."""
        found = [self._folder(wish.experiment, seed) / "checkpoint.safetensors" for seed in seeds]
        if not all(path.exists() for path in found):
            return None
        from gan_repro.training.tensors import load_tensors

        position = load_tensors(found[0])[1]["position"]
        return position["epoch"] - (position["row"] == 0) or None

    def _score(self, experiment: str, seed: int) -> None:
        folder = self._folder(experiment, seed)
        verb("sample", folder, "--count", self.samples, "--device", self.device)
        dataset = self._dataset(folder)
        scored = ["--data", self.data, "--device", self.device, "--out", folder / "parzen.json"]
        verb("parzen", folder / "samples.npy", "--dataset", dataset, *scored)

    def _dataset(self, folder: Path) -> str:
        from gan_repro.training.runs import RunFolder

        return RunFolder(folder).read_record().dataset.name

    def _folder(self, experiment: str, seed: int) -> Path:
        return self.runs / experiment / f"seed{seed}"


def write_outcomes(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write one row per wish."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(Outcome._fields)
        writer.writerows([" ".join(map(str, o.seeds)) if f == "seeds" else getattr(o, f)
                          for f in Outcome._fields] for o in outcomes)  # fmt: skip

"""Trainings in processes of their own, forked so that they start at once."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import torch
from harness import Silent

from gan_repro.errors import Interrupted, UserError
from gan_repro.experiments.experiment import Experiment, load_experiment
from gan_repro.experiments.job import Options
from gan_repro.experiments.run import train
from gan_repro.files import sha256
from gan_repro.training.runs import RunFolder
from gan_repro.training.tensors import load_tensors

MODELS = ("digits_authors", "digits_algorithm1", "digits_dbn", "digits_cae", "digits_gsn")
EPOCHS = 4
FULL = os.environ.get("GAN_REPRO_TORTURE") == "full"


def scaled(short: int, full: int) -> int:
    """Return how often to attack."""
    return full if FULL else short


def short(name: str, epochs: int = EPOCHS) -> Experiment:
    """Return an experiment of a few epochs, validated in every second one."""
    experiment = load_experiment(name)[1].with_epochs(epochs)
    changes = {"validate_samples": 200, "validate_every": 2}
    return experiment.model_copy(update={"plan": experiment.plan.model_copy(update=changes)})


def train_here(name: str, data: Path, folder: Path, seconds: float = 0.0, **options) -> None:
    """Train in this process, with a checkpoint after every step."""
    experiment = options.pop("experiment", None) or short(name)
    train(
        name, experiment, 0, data / "prepared", RunFolder(folder), torch.device("cpu"), Silent(),
        options=Options(checkpoint_seconds=seconds, **options),
    )  # fmt: skip


def signal_once_there(path: Path, number: int) -> None:
    """Send this process a signal as soon as a file exists, however busy the machine is."""

    def wait() -> None:
        while not path.exists():
            time.sleep(0.001)
        os.kill(os.getpid(), number)

    threading.Thread(target=wait, daemon=True).start()


def fork(work: Callable[[], None]) -> int:
    """Do something in a child; its exit status says how that ended: 0, 2, 128 + n or 70."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        work()
        status = 0
    except UserError as error:
        print(error, file=sys.stderr)
        status = 2
    except Interrupted as signal:
        print(signal, file=sys.stderr)
        status = signal.status
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def results(folder: Path) -> tuple:
    """Return what must be the same of two runs: weights, choice and metrics but for speed."""
    run = RunFolder(folder)
    position = load_tensors(run.checkpoint)[1]["position"]
    rows = [
        {key: value for key, value in row.items() if key != "examples_per_second"}
        for row in position["rows"]
    ]
    return sha256(run.weights), run.read_record().chosen, rows

"""A learner as its training left it: both players of a game, not only what draws samples."""

from typing import NamedTuple

import torch

from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError, reading
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.job import training_rows
from gan_repro.experiments.restored import restore
from gan_repro.experiments.systems import system
from gan_repro.training.checkpoint import NO_CHECKPOINT, State, copy_state, last_state
from gan_repro.training.model import Learner
from gan_repro.training.runs import RunFolder
from gan_repro.training.tensors import load_tensors


class Relearned(NamedTuple):
    """A learner at the end of its training.

    Attributes:
        learner: with everything that it had.
        experiment: that it was trained in.
        epochs, steps: that it has taken.
    """

    learner: Learner
    experiment: Experiment
    epochs: int
    steps: int


def relearn(folder: RunFolder, dataset: Dataset, device: torch.device) -> Relearned:
    """Return the learner of a run at the end of its last epoch, from its checkpoint.

    Raises:
        UserError: the run or its checkpoint is missing, or they do not belong together.
    """
    run, epochs = restore(folder.weights), folder.read_record().epochs
    _, state = load_tensors(folder.checkpoint)
    with reading(folder.checkpoint, NO_CHECKPOINT, "train it again"):
        position = State(**state).position
    if position.epoch - 1 != epochs:
        raise UserError(
            f"{folder.checkpoint} is after {position.epoch - 1} epochs, but run.json of "
            f"{epochs}; train it to an end again"
        )
    rows = torch.from_numpy(training_rows(run.experiment, dataset)).to(device)
    learner = system(run.experiment.model.kind).learner(run.experiment.model, rows, run.seed)
    copy_state(learner.tensors(), last_state(folder.checkpoint), folder.checkpoint)
    return Relearned(learner, run.experiment, epochs, position.step)

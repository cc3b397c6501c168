"""A learner as its training left it: both players of a game, not only what draws samples."""

import torch

from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.experiments.job import training_rows
from gan_repro.experiments.restored import restore
from gan_repro.experiments.systems import system
from gan_repro.training.model import Learner
from gan_repro.training.runs import RunFolder
from gan_repro.training.tensors import load_tensors


def relearn(folder: RunFolder, dataset: Dataset, device: torch.device) -> Learner:
    """Return the learner of a run at the end of its last epoch, from its checkpoint.

    Raises:
        UserError: the run or its checkpoint is missing, or they do not belong together.
    """
    run = restore(folder.weights)
    rows = torch.from_numpy(training_rows(run.experiment, dataset)).to(device)
    learner = system(run.experiment.model.kind).learner(run.experiment.model, rows, run.seed)
    saved, _ = load_tensors(folder.checkpoint)
    try:
        with torch.no_grad():
            for name, tensor in learner.tensors().items():
                tensor.copy_(saved[f"learner.{name}"])
    except (KeyError, RuntimeError) as error:
        raise UserError(
            f"{folder.checkpoint} is not of the run beside it ({error}); train it again"
        ) from error
    return learner

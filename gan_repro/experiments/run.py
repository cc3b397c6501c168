"""An experiment trained to a finished run."""

from pathlib import Path

import torch

from gan_repro.config.sources import source_digest
from gan_repro.data.dataset import load
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.job import ALL, Job, Options, training_images
from gan_repro.experiments.kinds import KINDS
from gan_repro.files import exclusive
from gan_repro.training.loop import CHECKPOINT_SECONDS
from gan_repro.training.reports import Report
from gan_repro.training.runs import RunFolder, RunRecord


def training_source(kind: str) -> str:
    """Return the digest of the code that decides the bytes of a run of a kind of model."""
    return source_digest(__name__, KINDS[kind])


def train(
    name: str,
    experiment: Experiment,
    seed: int,
    prepared: Path,
    folder: RunFolder,
    device: torch.device,
    report: Report | None = None,
    pretrained: RunFolder | None = None,
    accept_changed_source: bool = False,
    restart: bool = False,
    recipe_epochs: int | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    steps: str = "auto",
    resident_images: int = ALL,
) -> RunRecord:
    """Train one seed of an experiment, write its run folder, and return its record (run.json).

    The training images lie once on the device, as float32 in model space, unless they are to
    pass over it in blocks; a step reads its minibatch there and nothing back.

    Args:
        name: of the experiment.
        experiment: what to train.
        seed: everything random follows from it.
        prepared: folder of prepared data.
        folder: where the run is written, and resumed from.
        device: where to compute.
        report: takes progress.
        pretrained: the finished run of ``experiment.pretrained``, where there is one.
        accept_changed_source: go on from a checkpoint of other sources; the record says so.
        recipe_epochs: the experiment's own number, where it is trained for another.
        restart: begin anew where the folder's checkpoint is of another run, and set that aside.
        checkpoint_seconds: least time between two checkpoints.
        steps: how they are taken, as `gan_repro.training.steps.choose_steps` knows it.
        resident_images: as many lie on the device at a time, in shuffled blocks; 0 for all.

    Raises:
        UserError: the data or the pretrained run is missing or does not fit, the checkpoint is of
            another run, another training works in the folder, or this one diverged.
    """
    options = Options(
        accept_changed_source, restart, recipe_epochs, checkpoint_seconds, steps, resident_images
    )
    with exclusive(folder.lock, str(folder.path)):
        dataset = load(prepared / f"{experiment.dataset}.npz", mapped=bool(resident_images))
        images = training_images(experiment, dataset, device, resident_images)
        source = training_source(experiment.model.kind)
        job = Job(name, experiment, seed, dataset, images, source, options)
        training = job.begin(folder, report, pretrained)
        return job.finish(training, training.run())

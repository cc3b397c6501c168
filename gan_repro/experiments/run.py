"""An experiment trained to a finished run."""

from pathlib import Path

import torch

from gan_repro.config.sources import source_digest
from gan_repro.data.dataset import load
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.finished import finished
from gan_repro.experiments.job import USUAL, Job, Options, training_images
from gan_repro.experiments.kinds import KINDS
from gan_repro.files import exclusive
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
    options: Options = USUAL,
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
        options: how the run is made.

    Raises:
        UserError: the data or the pretrained run is missing or does not fit, the checkpoint or the
            finished run that is there is another, another training works in the folder, or this
            one diverged.
    """
    resident = options.resident_images
    with exclusive(folder.lock, str(folder.path)):
        dataset = load(prepared / f"{experiment.dataset}.npz", mapped=bool(resident))
        images = training_images(experiment, dataset, device, resident)
        source = training_source(experiment.model.kind)
        job = Job(name, experiment, seed, dataset, images, source, options)
        if record := finished(job, folder, pretrained):
            return record
        training = job.begin(folder, report, pretrained)
        return job.finish(training, training.run())

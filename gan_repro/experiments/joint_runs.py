"""Several seeds of an experiment trained as one batched problem, each into its own run folder."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import torch

from gan_repro.config.sources import source_digest
from gan_repro.data.dataset import load
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.finished import finished
from gan_repro.experiments.job import ALL, Job, Options, training_images
from gan_repro.experiments.kinds import KINDS
from gan_repro.experiments.systems import system
from gan_repro.files import exclusive
from gan_repro.training.joint_saving import JointSaving
from gan_repro.training.lockstep import march
from gan_repro.training.loop import Training
from gan_repro.training.model import DeviceLearner
from gan_repro.training.reports import Lines
from gan_repro.training.runs import RunFolder, RunRecord
from gan_repro.training.steps import HostSteps, choose_steps


class OfSeed(Lines):
    """Lines that say which seed they are of."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def line(self, text: str) -> None:
        """Print a line with its seed."""
        super().line(f"seed {self.seed}: {text}")


def train_together(
    name: str,
    experiment: Experiment,
    seeds: Sequence[int],
    prepared: Path,
    runs: Path,
    device: torch.device,
    options: Options,
) -> list[RunRecord]:
    """Train several seeds at once; write a run folder for each, as separate trainings do.

    Each seed has its own weights, order of images, noise, masks, validation and checkpoint. Its
    arithmetic is that of a separate training but for the rounding of batched products.

    Args:
        name: of the experiment.
        experiment: what to train.
        seeds: two or more.
        prepared: folder of prepared data.
        runs: folder of runs, EXPERIMENT/seedK each.
        device: where to compute.
        options: how the runs are made.

    Raises:
        UserError: the model has no batched form, and whatever a separate training raises.
    """
    join = system(experiment.model.kind).together
    if join is None or options.resident_images != ALL:
        raise UserError(
            f"{name}: only adversarial nets whose images all lie on the device are trained "
            "together; leave out --together"
        )
    if len(set(seeds)) < 2:
        raise UserError("--together needs two seeds or more, such as --seeds 0-4")
    folders = [RunFolder(runs / name / f"seed{seed}") for seed in seeds]
    with ExitStack() as locks:
        for folder in folders:
            locks.enter_context(exclusive(folder.lock, str(folder.path)))
        dataset = load(prepared / f"{experiment.dataset}.npz")
        images = training_images(experiment, dataset, device)
        source = source_digest(__name__, KINDS[experiment.model.kind])
        jobs = [
            Job(name, experiment, seed, dataset, images, source, options, tuple(seeds))
            for seed in seeds
        ]
        return _train(jobs, join, folders, runs)


def _train(
    jobs: Sequence[Job], join: Callable, folders: Sequence[RunFolder], runs: Path
) -> list[RunRecord]:
    options, paths = jobs[0].options, [folder.checkpoint for folder in folders]
    JointSaving(paths, []).restore()
    if standing := _standing(jobs, folders, runs):
        return standing
    trainings = [
        job.begin(folder, OfSeed(job.seed), _first_stage(job, runs))
        for job, folder in zip(jobs, folders, strict=True)
    ]
    if options.restart and not all(path.exists() for path in paths):
        _set_aside(folders)
    saving = JointSaving(paths, [training.save for training in trainings])
    steps = _joint_steps(join([training.learner for training in trainings]), trainings, options)
    chosen = march(trainings, steps, saving.save, options.checkpoint_seconds)
    return [
        job.finish(training, best)
        for job, training, best in zip(jobs, trainings, chosen, strict=True)
    ]


def _standing(jobs: Sequence[Job], folders: Sequence[RunFolder], runs: Path) -> list[RunRecord]:
    """Return the records where every run is finished without its checkpoint, else nothing."""
    found = [
        finished(job, folder, _first_stage(job, runs))
        for job, folder in zip(jobs, folders, strict=True)
    ]
    standing = [record for record in found if record]
    if standing and len(standing) < len(jobs):
        raise UserError(
            f"seed {standing[0].seed} is finished and its checkpoint is gone, so it cannot be "
            "trained together with the others; leave it out"
        )
    return standing


def _set_aside(folders: Sequence[RunFolder]) -> None:
    """Begin all anew, where one begins anew."""
    for folder in folders:
        if folder.checkpoint.exists():
            folder.set_aside()


def _first_stage(job: Job, runs: Path) -> RunFolder:
    return RunFolder(runs / str(job.experiment.pretrained) / f"seed{job.seed}")


def _joint_steps(
    learner: DeviceLearner, trainings: Sequence[Training], options: Options
) -> HostSteps:
    """Return the steps of a joint learner, whose sums are those of the trainings."""
    images, plan = trainings[0].images, trainings[0].plan
    sums = torch.stack([training.sums for training in trainings])
    for training, own in zip(trainings, sums, strict=True):
        training.sums = own
    kind = choose_steps(options.steps, learner, images)
    return kind(learner, images, sums, plan.batch_size)

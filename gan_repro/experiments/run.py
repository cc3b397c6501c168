"""An experiment trained to a finished run."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_repro.config.schema import to_json
from gan_repro.config.sources import source_digest
from gan_repro.data.dataset import Dataset, load
from gan_repro.errors import UserError
from gan_repro.evaluation import parzen
from gan_repro.evaluation.guards import run_warnings
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.kinds import KINDS
from gan_repro.experiments.restored import restore
from gan_repro.experiments.systems import system
from gan_repro.files import exclusive, sha256, write_json
from gan_repro.training.checkpoint import SOURCE, Best, Checkpoint, copy_state, last_state
from gan_repro.training.loop import CHECKPOINT_SECONDS, Training, Validation
from gan_repro.training.model import Learner
from gan_repro.training.provenance import arithmetic, library_versions, provenance
from gan_repro.training.reports import Report
from gan_repro.training.runs import Choice, DatasetVersion, RunFolder, RunRecord
from gan_repro.training.seeds import stream_seed
from gan_repro.training.steps import choose_steps
from gan_repro.training.tensors import digest, save_tensors

# Draws of a finished model that are looked at for signs of a collapse.
GUARD_SAMPLES = 200


def training_source(kind: str) -> str:
    """Return the digest of the code that decides the bytes of a run of a kind of model."""
    return source_digest(__name__, KINDS[kind])


def fingerprint(
    experiment: Experiment, seed: int, dataset: Dataset, device: torch.device, steps: str = "eager"
) -> dict[str, Any]:
    """Return what a checkpoint must agree with to be resumed; more epochs are no difference."""
    content = experiment.model_dump(mode="json", include={"dataset", "plan", "model"})
    del content["plan"]["epochs"]
    return {
        **content,
        "seed": seed,
        "dataset_sha256": dataset.sha256,
        "device": device.type,
        "threads": torch.get_num_threads(),
        **({} if steps == "eager" else {"steps": steps}),
        **arithmetic(),
        SOURCE: {"sha256": training_source(experiment.model.kind), **library_versions()},
    }


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
) -> RunRecord:
    """Train one seed of an experiment, write its run folder, and return its record (run.json).

    The training images lie once on the device, as float32 in model space; a step reads its
    minibatch there and nothing back.

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

    Raises:
        UserError: the data or the pretrained run is missing or does not fit, the checkpoint is of
            another run, another training works in the folder, or this one diverged.
    """
    with exclusive(folder.lock, str(folder.path)):
        dataset = load(prepared / f"{experiment.dataset}.npz")
        images = torch.from_numpy(training_rows(experiment, dataset)).to(device)
        learner = system(experiment.model.kind).learner(experiment.model, images, seed)
        origin = _start_from(learner, experiment, pretrained) if experiment.pretrained else {}
        kind = choose_steps(steps, learner, images).name
        marks = fingerprint(experiment, seed, dataset, device, kind) | origin
        checkpoint = Checkpoint(folder.checkpoint, marks, accept_changed_source)
        if restart and checkpoint.path.exists() and checkpoint.difference():
            folder.set_aside()
        training = Training(
            learner, images, experiment.plan, seed, folder, checkpoint,
            lambda samples: _validation(samples, dataset, device), report, checkpoint_seconds, kind,
        )  # fmt: skip
        chosen = training.run()
        config = experiment.model_dump(mode="json")
        about = {"experiment": name, "row": experiment.row, "seed": seed, "config": config} | origin
        shortened = {} if recipe_epochs is None else {"recipe_epochs": recipe_epochs}
        return _finish(training, chosen, about, shortened, dataset, device)


def _finish(
    training: Training,
    chosen: Best,
    about: dict,
    shortened: dict[str, int],
    dataset: Dataset,
    device: torch.device,
) -> RunRecord:
    """Write weights and record of a run that has come to its end, and seal its folder."""
    folder, plan, position = training.folder, training.plan, training.position
    save_tensors(folder.weights, training.best, about)
    run = restore(folder.weights)
    draws = run.draw(GUARD_SAMPLES, stream_seed(run.seed, "guards"), device)
    warnings = run_warnings(draws, training.best, dataset)
    record = RunRecord(
        **about,
        **shortened,
        chosen=Choice(by=plan.select, **chosen.model_dump()),
        epochs=plan.epochs,
        wall_seconds=round(position.total_seconds, 1),
        dataset=DatasetVersion(name=dataset.name, title=dataset.title, sha256=dataset.sha256),
        source=training.checkpoint.fingerprint[SOURCE],
        source_changes=tuple(position.source_changes),
        **({"warnings": tuple(warnings)} if warnings else {}),
        steps=training.kind_of_steps,
        **provenance(device),
    )
    write_json(folder.record, to_json(record))
    folder.seal()
    return record


def training_rows(experiment: Experiment, dataset: Dataset) -> np.ndarray:
    """Return what a model learns on, float32: (N, d) images, with one-hot labels if it has some.

    Raises:
        UserError: the model needs labels that the dataset lacks.
    """
    images = dataset.images(dataset.train)
    if not experiment.model.needs_labels:
        return images
    return np.concatenate([images, dataset.one_hot(dataset.train)], axis=1)


def _start_from(
    learner: Learner, experiment: Experiment, pretrained: RunFolder | None
) -> dict[str, str]:
    """Give a learner what a finished run has learned; return its part of the provenance."""
    if pretrained is None or not pretrained.weights.exists():
        where = "" if pretrained is None else f" ({pretrained.weights} does not exist)"
        raise UserError(
            f"this experiment starts from a finished run of {experiment.pretrained}{where}; "
            f"run: gan-repro train {experiment.pretrained}"
        )
    first = restore(pretrained.weights)
    if first.experiment.dataset != experiment.dataset:
        raise UserError(
            f"{pretrained.path} was trained on {first.experiment.dataset}, not on "
            f"{experiment.dataset}; train {experiment.pretrained} on the same data"
        )
    if experiment.model.needs_pretrained:
        learner.start_from(first.tensors)
        return {"pretrained_sha256": sha256(pretrained.weights)}
    state = last_state(pretrained.checkpoint)
    copy_state(learner.tensors(), state, pretrained.checkpoint)
    return {"pretrained_sha256": digest(state, None)}


def _validation(samples: np.ndarray, dataset: Dataset, device: torch.device) -> Validation:
    chosen = parzen.validate(samples, dataset, device=device)["authors"]
    return Validation(chosen.valid_ll, chosen.sigma)

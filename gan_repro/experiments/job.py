"""One seed of an experiment from its data to a training, and from its end to a finished run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gan_repro.config.schema import to_json
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.evaluation import parzen
from gan_repro.evaluation.guards import run_warnings
from gan_repro.experiments.experiment import Experiment
from gan_repro.experiments.restored import restore
from gan_repro.experiments.systems import system
from gan_repro.files import sha256, write_json
from gan_repro.training.checkpoint import (
    SOURCE,
    Best,
    Checkpoint,
    Validation,
    copy_state,
    last_state,
)
from gan_repro.training.loop import CHECKPOINT_SECONDS, Training
from gan_repro.training.model import Learner
from gan_repro.training.provenance import arithmetic, library_versions, provenance
from gan_repro.training.reports import Report
from gan_repro.training.rows import Blocks, Images
from gan_repro.training.runs import Choice, DatasetVersion, RunFolder, RunRecord
from gan_repro.training.seeds import stream_seed
from gan_repro.training.steps import choose_steps
from gan_repro.training.tensors import digest, save_tensors

# Draws of a finished model that are looked at for signs of a collapse.
GUARD_SAMPLES = 200
# In place of a number of images: they lie on the device, all of them.
ALL = 0


@dataclass(frozen=True)
class Options:
    """How a run is made, beside what is trained.

    Attributes:
        accept_changed_source: go on from a checkpoint of other sources; the record says so.
        restart: begin anew where the folder's checkpoint is of another run, and set that aside.
        recipe_epochs: the experiment's own number, where it is trained for another.
        checkpoint_seconds: least time between two checkpoints.
        steps: how they are taken, as `gan_repro.training.steps.choose_steps` knows it.
        resident_images: as many lie on the device at a time, in shuffled blocks; 0 for all.
    """

    accept_changed_source: bool = False
    restart: bool = False
    recipe_epochs: int | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    steps: str = "auto"
    resident_images: int = ALL


USUAL = Options()


@dataclass(frozen=True)
class Job:
    """One seed of an experiment on given data.

    Attributes:
        name: of the experiment.
        experiment: what to train.
        seed: everything random follows from it.
        dataset: that validates and is recorded.
        images: (N, d) training images.
        source: digest of the code that decides the run's bytes.
        options: how the run is made.
        together: the seeds that are trained at once, this one among them.
    """

    name: str
    experiment: Experiment
    seed: int
    dataset: Dataset
    images: Images
    source: str
    options: Options = USUAL
    together: tuple[int, ...] = ()

    def begin(
        self, folder: RunFolder, report: Report | None, pretrained: RunFolder | None
    ) -> Training:
        """Return the training, which goes on from the folder's checkpoint where there is one.

        Raises:
            UserError: the pretrained run is missing or does not fit.
        """
        device, options = self.images.device, self.options
        learner = system(self.experiment.model.kind).learner(
            self.experiment.model, self.images, self.seed
        )
        origin = self._start_from(learner, pretrained) if self.experiment.pretrained else {}
        kind = choose_steps(options.steps, learner, self.images).name
        checkpoint = Checkpoint(
            folder.checkpoint, self.fingerprint(kind) | origin, options.accept_changed_source
        )
        if options.restart and checkpoint.path.exists() and checkpoint.difference():
            folder.set_aside()
        return Training(
            learner, self.images, self.experiment.plan, self.seed, folder, checkpoint,
            lambda samples: _validation(samples, self.dataset, device), report,
            options.checkpoint_seconds, kind,
        )  # fmt: skip

    def fingerprint(self, steps: str) -> dict[str, Any]:
        """Return what a checkpoint must agree with to be resumed; more epochs are no difference."""
        content = asked_for(self.experiment)
        resident = self.options.resident_images
        return {
            **content,
            "seed": self.seed,
            "dataset_sha256": self.dataset.sha256,
            "device": self.images.device.type,
            "threads": torch.get_num_threads(),
            **({} if steps == "eager" else {"steps": steps}),
            **({} if resident == ALL else {"resident_images": resident}),
            **({"together": list(self.together)} if self.together else {}),
            **arithmetic(),
            SOURCE: {"sha256": self.source, **library_versions()},
        }

    def finish(self, training: Training, chosen: Best) -> RunRecord:
        """Write weights and record of a run that has come to its end, and seal its folder."""
        folder, plan, position = training.folder, training.plan, training.position
        dataset, options, device = self.dataset, self.options, self.images.device
        marks = training.checkpoint.fingerprint
        origin = {key: marks[key] for key in ("pretrained_sha256",) if key in marks}
        config = self.experiment.model_dump(mode="json")
        about = {"experiment": self.name, "row": self.experiment.row, "seed": self.seed}
        about |= {"config": config} | origin
        save_tensors(folder.weights, training.best, about)
        guards = stream_seed(self.seed, "guards")
        draws = restore(folder.weights).draw(GUARD_SAMPLES, guards, device)
        warnings = run_warnings(draws, training.best, dataset)
        optional = {
            "recipe_epochs": options.recipe_epochs,
            "warnings": tuple(warnings),
            "together": self.together,
            "resident_images": options.resident_images,
        }
        record = RunRecord(
            **about,
            **{key: value for key, value in optional.items() if value},
            chosen=Choice(by=plan.select, **chosen.model_dump()),
            epochs=plan.epochs,
            wall_seconds=round(position.total_seconds, 1),
            dataset=DatasetVersion(name=dataset.name, title=dataset.title, sha256=dataset.sha256),
            source=marks[SOURCE],
            source_changes=tuple(position.source_changes),
            steps=training.kind_of_steps,
            **provenance(device),
        )
        write_json(folder.record, to_json(record))
        folder.seal()
        return record

    def _start_from(self, learner: Learner, pretrained: RunFolder | None) -> dict[str, str]:
        """Give a learner what a finished run has learned; return its part of the provenance."""
        experiment = self.experiment
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


def asked_for(experiment: Experiment) -> dict[str, Any]:
    """Return what an experiment asks of a training, but for how many epochs; no words about it."""
    content = experiment.model_dump(mode="json", include={"dataset", "plan", "model"})
    del content["plan"]["epochs"]
    return content


def training_images(
    experiment: Experiment, dataset: Dataset, device: torch.device, resident: int = ALL
) -> Images:
    """Return what a model learns on: all of it on the device, or so many images at a time."""
    if resident == ALL:
        return torch.from_numpy(training_rows(experiment, dataset)).to(device)
    if experiment.model.label_values:
        raise UserError("a model with labels looks at all images at once; train it without blocks")
    rows = dataset.train
    return Blocks(lambda part: dataset.images(rows[part]), len(rows), resident, device)


def training_rows(experiment: Experiment, dataset: Dataset) -> np.ndarray:
    """Return what a model learns on, float32: (N, d) images, with one-hot labels if it has some.

    Raises:
        UserError: the model needs labels that the dataset lacks.
    """
    images = dataset.images(dataset.train)
    if not experiment.model.label_values:
        return images
    return np.concatenate([images, dataset.one_hot(dataset.train)], axis=1)


def _validation(samples: np.ndarray, dataset: Dataset, device: torch.device) -> Validation:
    chosen = parzen.validate(samples, dataset, device=device)["authors"]
    return Validation(chosen.valid_ll, chosen.sigma)

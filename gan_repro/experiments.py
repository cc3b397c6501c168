"""Experiments: a model, a dataset and a plan, from their YAML file to a finished run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from pydantic import ValidationError, model_validator

from gan_repro import parzen
from gan_repro.baselines.greedy import GreedySpec
from gan_repro.data.dataset import Dataset, load
from gan_repro.errors import UserError, suggest
from gan_repro.files import write_json
from gan_repro.runs import (
    RunFolder,
    load_tensors,
    provenance,
    save_tensors,
    source_digest,
    stream_seed,
)
from gan_repro.settings import config_folder, load_yaml
from gan_repro.sources import SOURCES
from gan_repro.specs import Spec, explain
from gan_repro.systems import SYSTEMS, ModelSpec
from gan_repro.training import Plan, Training, Validation


class Experiment(Spec):
    """One file of `config/experiments/`.

    Attributes:
        title: the name that tables and figures print.
        row: the row of Table 1 that this experiment reproduces.
        dataset: key of `config/datasets.yaml`.
        choices: what the authors left unspecified and was chosen here, in words.
        plan: how long to train, and which epoch to keep.
        model: the model's hyperparameters.
    """

    title: str
    row: str
    dataset: str
    choices: tuple[str, ...] = ()
    plan: Plan
    model: ModelSpec

    def with_epochs(self, epochs: int) -> "Experiment":
        """Return the same experiment with another number of epochs.

        Raises:
            UserError: too few epochs for the layers of a stack.
        """
        plan = self.plan.model_copy(update={"epochs": epochs})
        greedy = isinstance(self.model, GreedySpec)
        model = self.model.with_epochs(epochs) if greedy else self.model
        return self.model_copy(update={"plan": plan, "model": model})

    @model_validator(mode="after")
    def _plan_fits_the_layers(self) -> "Experiment":
        if not isinstance(self.model, GreedySpec):
            return self
        if self.plan.epochs != self.model.epochs:
            raise ValueError(
                f"plan.epochs is {self.plan.epochs}, but the layers' epochs add up to "
                f"{self.model.epochs}"
            )
        if self.plan.select != "last":
            # A choice among all epochs could keep a stack whose upper layers are untrained.
            raise ValueError("layers trained one after another need plan.select: last")
        return self


def load_experiment(name: str) -> tuple[str, Experiment]:
    """Return the stem and content of an experiment, by name or by path of a YAML file.

    Raises:
        UserError: there is no such experiment, or a key or value in its file is wrong.
    """
    folder = config_folder() / "experiments"
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.exists():
        known = {file.stem for file in folder.glob("*.yaml")}
        raise UserError(f"unknown experiment '{name}'{suggest(name, known)}")
    try:
        return path.stem, Experiment(**load_yaml(path))
    except ValidationError as error:
        raise explain(error, Experiment, str(path)) from error


def fingerprint(experiment: Experiment, seed: int, dataset: Dataset, device: torch.device) -> dict:
    """Return what a checkpoint must agree with to be resumed; more epochs are no difference."""
    content = experiment.model_dump(mode="json", include={"dataset", "plan", "model"})
    del content["plan"]["epochs"]
    return {
        **content,
        "seed": seed,
        "dataset_sha256": dataset.sha256,
        "source_sha256": source_digest(SOURCES[experiment.model.kind]),
        "device": device.type,
        "threads": torch.get_num_threads(),
    }


def train(
    name: str,
    experiment: Experiment,
    seed: int,
    prepared: Path,
    folder: RunFolder,
    device: torch.device,
    report: Callable[[str], None] = print,
) -> dict:
    """Train one seed of an experiment, write its run folder, and return its record (run.json).

    Raises:
        UserError: the data is missing, the checkpoint is of another run, or training diverged.
    """
    dataset = load(prepared / f"{experiment.dataset}.npz")
    images = torch.from_numpy(dataset.images(dataset.train)).to(device)
    learner = SYSTEMS[experiment.model.kind].learner(experiment.model, images, seed)
    training = Training(
        learner, images, experiment.plan, seed, folder,
        fingerprint(experiment, seed, dataset, device),
        lambda samples: _validation(samples, dataset, device), report,
    )  # fmt: skip
    chosen = training.run()
    config = experiment.model_dump(mode="json")
    about = {"experiment": name, "row": experiment.row, "seed": seed, "config": config}
    save_tensors(folder.weights, training.best, about)
    record = {
        **about,
        "chosen": {"by": experiment.plan.select, **chosen},
        "epochs": experiment.plan.epochs,
        "wall_seconds": round(training.position["total_seconds"], 1),
        "dataset": {"name": dataset.name, "sha256": dataset.sha256},
        **provenance(device),
    }
    write_json(folder.record, record)
    return record


def _validation(samples: np.ndarray, dataset: Dataset, device: torch.device) -> Validation:
    chosen = parzen.validate(samples, dataset, device=device)["authors"]
    return Validation(chosen.valid_ll, chosen.sigma)


def sample(folder: RunFolder, count: int, seed: int | None, device: torch.device) -> np.ndarray:
    """Draw (count, d) samples from a finished run; by default on the run's own sample stream."""
    weights, about = load_tensors(folder.weights)
    experiment = Experiment(**about["config"])
    stream = stream_seed(about["seed"] if seed is None else seed, "samples")
    return SYSTEMS[experiment.model.kind].sample(experiment.model, weights, count, stream, device)

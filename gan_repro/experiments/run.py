"""An experiment trained to a finished run, and what is drawn from it afterwards."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from pydantic import ValidationError

from gan_repro.adversarial.game import draw_noise
from gan_repro.adversarial.learner import (
    AdversarialLearner,
    AdversarialSpec,
    decode,
    restore_generator,
)
from gan_repro.config.schema import explain
from gan_repro.data.dataset import Dataset, load
from gan_repro.errors import UserError
from gan_repro.evaluation import parzen
from gan_repro.experiments.schema import Experiment
from gan_repro.experiments.sources import SOURCES
from gan_repro.experiments.systems import SYSTEMS
from gan_repro.files import sha256, write_json
from gan_repro.training.loop import Training, Validation
from gan_repro.training.runs import (
    RunFolder,
    load_tensors,
    provenance,
    save_tensors,
    source_digest,
    stream_seed,
)


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
    pretrained: RunFolder | None = None,
) -> dict:
    """Train one seed of an experiment, write its run folder, and return its record (run.json).

    The training images lie once on the device, as float32 in model space; a step reads its
    minibatch there and nothing back.

    Args:
        pretrained: the finished run of ``experiment.pretrained``, where there is one.

    Raises:
        UserError: the data or the pretrained run is missing or does not fit, the checkpoint is of
            another run, or training diverged.
    """
    dataset = load(prepared / f"{experiment.dataset}.npz")
    images = torch.from_numpy(dataset.images(dataset.train)).to(device)
    learner = SYSTEMS[experiment.model.kind].learner(experiment.model, images, seed)
    origin = _start_from(learner, experiment, pretrained) if experiment.pretrained else {}
    training = Training(
        learner, images, experiment.plan, seed, folder,
        fingerprint(experiment, seed, dataset, device) | origin,
        lambda samples: _validation(samples, dataset, device), report,
    )  # fmt: skip
    chosen = training.run()
    config = experiment.model_dump(mode="json")
    about = {"experiment": name, "row": experiment.row, "seed": seed, "config": config} | origin
    save_tensors(folder.weights, training.best, about)
    record = {
        **about,
        "chosen": {"by": experiment.plan.select, **chosen},
        "epochs": experiment.plan.epochs,
        "wall_seconds": round(training.position["total_seconds"], 1),
        "dataset": {"name": dataset.name, "title": dataset.title, "sha256": dataset.sha256},
        **provenance(device),
    }
    write_json(folder.record, record)
    return record


def _start_from(
    learner: AdversarialLearner, experiment: Experiment, pretrained: RunFolder | None
) -> dict:
    """Give a learner the generator of a finished run; return that run's part of the provenance."""
    if pretrained is None or not pretrained.weights.exists():
        where = "" if pretrained is None else f" ({pretrained.weights} does not exist)"
        raise UserError(
            f"this experiment starts from a finished run of {experiment.pretrained}{where}; "
            f"run: gan-repro train {experiment.pretrained}"
        )
    weights, about = load_tensors(pretrained.weights)
    if about["config"]["dataset"] != experiment.dataset:
        raise UserError(
            f"{pretrained.path} was trained on {about['config']['dataset']}, not on "
            f"{experiment.dataset}; train {experiment.pretrained} on the same data"
        )
    learner.start_from(weights)
    return {"pretrained_sha256": sha256(pretrained.weights)}


def _validation(samples: np.ndarray, dataset: Dataset, device: torch.device) -> Validation:
    chosen = parzen.validate(samples, dataset, device=device)["authors"]
    return Validation(chosen.valid_ll, chosen.sigma)


def sample(weights: Path, count: int, seed: int | None, device: torch.device) -> np.ndarray:
    """Draw (count, d) samples from a run's weights; by default on the run's own sample stream."""
    tensors, experiment, own_seed = restore(weights)
    stream = stream_seed(own_seed if seed is None else seed, "samples")
    return SYSTEMS[experiment.model.kind].sample(experiment.model, tensors, count, stream, device)


def interpolate(weights: Path, rows: int, steps: int, device: torch.device) -> np.ndarray:
    """Return (rows, steps, d) images along straight lines in z (Figure 3).

    Row i runs from the (2i)-th to the (2i + 1)-th of ``2·rows`` fair draws from the prior, on a
    stream of the run's seed, in equal steps: G((1 - α)·z₀ + α·z₁).

    Raises:
        UserError: the run is of a model without coordinates z.
    """
    tensors, experiment, seed = restore(weights)
    if not isinstance(experiment.model, AdversarialSpec):
        raise UserError(f"{weights}: a model of kind '{experiment.model.kind}' has no z")
    generator = restore_generator(experiment.model, tensors).to(device)
    rng = torch.Generator().manual_seed(stream_seed(seed, "interpolation"))
    ends = draw_noise(experiment.model.generator.noise, 2 * rows, rng).view(rows, 2, 1, -1)
    alpha = torch.linspace(0, 1, steps)[:, None]
    z = (1 - alpha) * ends[:, 0] + alpha * ends[:, 1]
    return decode(generator, z.flatten(0, 1)).view(rows, steps, -1).numpy()


def restore(weights: Path) -> tuple[dict[str, torch.Tensor], Experiment, int]:
    """Read a run's `model.safetensors`: its tensors, its experiment, and its seed."""
    tensors, about = load_tensors(weights)
    try:
        return tensors, Experiment(**about["config"]), int(about["seed"])
    except ValidationError as error:
        raise explain(error, Experiment, str(weights)) from error

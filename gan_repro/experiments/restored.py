"""A finished run read back from its weights alone, and what is drawn from it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from gan_repro.config.catalogue import catalogue
from gan_repro.config.machine import check_memory
from gan_repro.config.schema import Seed, Spec, to_json
from gan_repro.errors import UserError, reading
from gan_repro.evaluation.samples import drawn_record
from gan_repro.evaluation.scores import Drawn
from gan_repro.experiments.experiment import Experiment, parse_experiment
from gan_repro.experiments.systems import system
from gan_repro.files import sha256, write_json, write_npy
from gan_repro.training.model import Decoder, ModelSpec
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed
from gan_repro.training.tensors import load_tensors

CPU = torch.device("cpu")
FLOAT = 4
# What a run's record says that a score of its draws says as well.
ABOUT = ("experiment", "row", "seed", "epochs", "recipe_epochs")
DOES_NOT_FIT = "holds weights that do not fit the model that it names"


class Origin(Spec):
    """What `model.safetensors` says of itself; ``config`` is the resolved experiment."""

    experiment: str
    row: str | None = None
    seed: Seed
    config: dict
    pretrained_sha256: str | None = None


class Restored(NamedTuple):
    """A trained model, and the file that it is from."""

    path: Path
    tensors: dict[str, torch.Tensor]
    experiment: Experiment
    seed: int

    def with_model(self, model: ModelSpec) -> "Restored":
        """Return the same weights under other hyperparameters, such as other chains."""
        return self._replace(experiment=self.experiment.model_copy(update={"model": model}))

    def draw(self, count: int, seed: int, device: torch.device) -> np.ndarray:
        """Draw (count, d) float32 samples.

        Raises:
            UserError: the weights do not fit the model, or there is no memory for so many samples.
        """
        spec, known = self.experiment.model, catalogue().get(self.experiment.dataset)
        pixels = known.pixels if known and known.pixels else 1
        check_memory(f"{count} samples", 2 * FLOAT * count * pixels)
        with reading(self.path, DOES_NOT_FIT, "restore it from a copy"):
            return system(spec.kind).sample(spec, self.tensors, count, seed, device)

    def draw_series(
        self, draw: int, count: int, device: torch.device, chunk: int = 0
    ) -> np.ndarray:
        """Draw (count, d) samples of one of the run's series; the first chunk of 0 is its own."""
        stream = f"samples {draw} {chunk}" if draw or chunk else "samples"
        return self.draw(count, stream_seed(self.seed, stream), device)

    def decoder(self, device: torch.device) -> Decoder:
        """Return the map x = G(z); raises UserError where the model has no z."""
        spec = self.experiment.model
        decoder = system(spec.kind).decoder
        if decoder is None:
            raise UserError(f"a model of kind '{spec.kind}' has no z")
        with reading(self.path, DOES_NOT_FIT, "restore it from a copy"):
            return decoder(spec, self.tensors, device)


def restore(weights: Path) -> Restored:
    """Read a run's `model.safetensors`.

    Raises:
        UserError: the file is missing, damaged, not a run's, or not of the run beside it.
    """
    tensors, about = load_tensors(weights)
    with reading(weights, "does not hold the weights of a run", "restore it from a copy"):
        origin = Origin(**about)
        for name, tensor in tensors.items():
            if tensor.dtype != torch.float32 or not tensor.isfinite().all():
                raise ValueError(f"{name} is not of finite float32 numbers")
    _refuse_another_run(weights, origin)
    experiment = parse_experiment(origin.config, str(weights))
    return Restored(weights, tensors, experiment, origin.seed)


def _refuse_another_run(weights: Path, origin: Origin) -> None:
    """Raise UserError where weights lie in the folder of a run that they are not of."""
    folder = RunFolder(weights.parent)
    if weights != folder.weights or not folder.record.exists():
        return
    record = folder.read_record()
    if (record.experiment, record.seed) != (origin.experiment, origin.seed):
        raise UserError(
            f"{weights} is of {origin.experiment}, seed {origin.seed}, but run.json beside it of "
            f"{record.experiment}, seed {record.seed}; restore one of them"
        )


def origin_of_weights(folder: RunFolder) -> dict[str, Any]:
    """Return what draws from a finished run are of, as the fields of a `SampleOrigin`.

    ``samples_sha256`` is the weights': for draws that are kept nowhere.
    """
    about = folder.read_record().model_dump(include=set(ABOUT), exclude_none=True)
    return about | {"samples_sha256": sha256(folder.weights)}


def sample(
    weights: Path, count: int, seed: int | None = None, device: torch.device = CPU
) -> np.ndarray:
    """Draw (count, d) samples from a run's weights; by default on the run's own sample stream."""
    run = restore(weights)
    return run.draw(count, stream_seed(run.seed if seed is None else seed, "samples"), device)


def write_samples(
    weights: Path, count: int, seed: int | None, device: torch.device, out: Path
) -> None:
    """Draw samples into ``out``; beside it, a record says from which weights.

    Raises:
        UserError: as `sample` and `write_npy` do.
    """
    write_npy(out, sample(weights, count, seed, device))
    drawn = Drawn(weights_sha256=sha256(weights), samples_sha256=sha256(out))
    write_json(drawn_record(out), to_json(drawn))


def interpolate(weights: Path, rows: int, steps: int, device: torch.device) -> np.ndarray:
    """Return (rows, steps, d) images along straight lines in z (Figure 3).

    Row i runs from the (2i)-th to the (2i + 1)-th of ``2·rows`` fair draws from the prior, on a
    stream of the run's seed, in equal steps: G((1 - α)·z₀ + α·z₁).

    Raises:
        UserError: the run is of a model without coordinates z.
    """
    run = restore(weights)
    decoder = run.decoder(device)
    rng = torch.Generator().manual_seed(stream_seed(run.seed, "interpolation"))
    ends = decoder.prior(2 * rows, rng).view(rows, 2, 1, -1)
    alpha = torch.linspace(0, 1, steps)[:, None]
    z = (1 - alpha) * ends[:, 0] + alpha * ends[:, 1]
    return decoder(z.flatten(0, 1)).view(rows, steps, -1).numpy()

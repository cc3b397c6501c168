"""A finished run read back from its weights alone, and what is drawn from it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from pydantic import NonNegativeInt, ValidationError

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment, parse_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.model import Decoder, ModelSpec
from gan_repro.training.seeds import stream_seed
from gan_repro.training.tensors import load_tensors

CPU = torch.device("cpu")


class Origin(Spec):
    """What `model.safetensors` says of itself; ``config`` is the resolved experiment."""

    experiment: str
    row: str | None = None
    seed: NonNegativeInt
    config: dict
    pretrained_sha256: str | None = None


class Restored(NamedTuple):
    """A trained model."""

    tensors: dict[str, torch.Tensor]
    experiment: Experiment
    seed: int

    def with_model(self, model: ModelSpec) -> "Restored":
        """Return the same weights under other hyperparameters, such as other chains."""
        return self._replace(experiment=self.experiment.model_copy(update={"model": model}))

    def draw(self, count: int, seed: int, device: torch.device) -> np.ndarray:
        """Draw (count, d) float32 samples."""
        spec = self.experiment.model
        return system(spec.kind).sample(spec, self.tensors, count, seed, device)

    def decoder(self, device: torch.device) -> Decoder:
        """Return the map x = G(z); raises UserError where the model has no z."""
        spec = self.experiment.model
        decoder = system(spec.kind).decoder
        if decoder is None:
            raise UserError(f"a model of kind '{spec.kind}' has no z")
        return decoder(spec, self.tensors, device)


def restore(weights: Path) -> Restored:
    """Read a run's `model.safetensors`.

    Raises:
        UserError: the file is missing, damaged, or not a run's.
    """
    tensors, about = load_tensors(weights)
    try:
        origin = Origin(**about)
    except (ValidationError, TypeError) as error:
        raise UserError(f"{weights} does not hold the weights of a run") from error
    return Restored(tensors, parse_experiment(origin.config, str(weights)), origin.seed)


def sample(
    weights: Path, count: int, seed: int | None = None, device: torch.device = CPU
) -> np.ndarray:
    """Draw (count, d) samples from a run's weights; by default on the run's own sample stream."""
    run = restore(weights)
    return run.draw(count, stream_seed(run.seed if seed is None else seed, "samples"), device)


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

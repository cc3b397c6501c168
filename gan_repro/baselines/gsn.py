"""The deep GSN as a learner of the shared training loop, and as a sampler."""

import numpy as np
import torch
from torch import Tensor

from gan_repro.baselines.chains import choose_starts, first_states, walk
from gan_repro.baselines.gsn_chain import PARAMETERS, Gsn, GsnSpec, initial_weights
from gan_repro.training.model import DeviceLearner, System, Weights
from gan_repro.training.seeds import stream_seed
from gan_repro.training.updates import AveragedDescent, Rate


class GsnLearner(DeviceLearner):
    """A deep GSN in training; implements `gan_repro.training.model.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device.
        seed: of the run; initial weights, noise and chain starts are streams of it.
    """

    metrics = ("cross_entropy",)
    batches_per_step = 1

    def __init__(self, spec: GsnSpec, images: Tensor, seed: int) -> None:
        self.spec, device = spec, images.device
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        weights = initial_weights(spec, images.shape[1], start)
        self.parameters = {name: weights[name].to(device) for name in PARAMETERS}
        self.rng = torch.Generator(device).manual_seed(stream_seed(seed, "noise"))
        self.gsn = Gsn(spec, self.parameters, self.rng)
        self.optimizer = AveragedDescent(self.parameters.values())
        self.starts = choose_starts(images, spec.chains, seed)

    def schedule(self, step: int, epoch: int) -> tuple[float]:
        """Return the learning rate."""
        return (self.spec.learning_rate * self.spec.learning_rate_decay ** (epoch - 1),)

    @torch.no_grad()
    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Descend the walkback loss on one minibatch."""
        (batch,) = batches
        gradients, loss = self.gsn.gradients(batch)
        self.optimizer.step(gradients, *rates, self.spec.momentum)
        return loss

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and the running means of their gradients."""
        means = zip(self.parameters, self.optimizer.means, strict=True)
        return self.parameters | {f"{name}.mean": mean for name, mean in means}

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the stream of corruption and noise."""
        return {"noise": self.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights, and the training images that chains start from."""
        return self.parameters | {"starts": self.starts}

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) means from chains of the present transition."""
        return sample(self.spec, self.weights(), count, seed, self.starts.device)


@torch.no_grad()
def sample(
    spec: GsnSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) means p(x | h) from chains that start at corrupted training images."""
    weights = {name: tensor.to(device) for name, tensor in weights.items()}
    gsn = Gsn(spec, weights, torch.Generator(device).manual_seed(seed))
    start = gsn.start(first_states(weights, spec.chains))
    return walk(gsn.advance, start, spec.chains, count)


SYSTEM = System(GsnSpec, GsnLearner, sample)

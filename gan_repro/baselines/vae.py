"""The variational auto-encoder as a learner of the shared training loop, and as a sampler."""

import numpy as np
import torch
from torch import Tensor

from gan_repro.baselines.vae_model import Vae, VaeSpec, build_vae, restore_vae
from gan_repro.training.adam import AdamDescent
from gan_repro.training.model import DeviceLearner, System, Weights
from gan_repro.training.seeds import stream_seed
from gan_repro.training.updates import Rate

SAMPLE_BATCH = 1_000


class VaeLearner(DeviceLearner):
    """A VAE in training; implements `gan_repro.training.model.Learner`.

    Args:
        spec: hyperparameters.
        images: (N, d) training images on the device.
        seed: of the run; initial weights and noise are streams of it.
    """

    metrics = ("bound", "kl")
    batches_per_step = 1

    def __init__(self, spec: VaeSpec, images: Tensor, seed: int) -> None:
        self.spec, device = spec, images.device
        start = torch.Generator().manual_seed(stream_seed(seed, "initial weights"))
        mean = images.mean(dim=0, dtype=torch.float64).cpu()
        self.vae = build_vae(spec, images.shape[1], mean, start).to(device)
        self.rng = torch.Generator(device).manual_seed(stream_seed(seed, "noise"))
        self.optimizer = AdamDescent(self.vae.parameters(), spec.learning_rate)

    def schedule(self, step: int, epoch: int) -> tuple[()]:
        """Return nothing: Adam's rate is fixed."""
        return ()

    def play(self, batches: tuple[Tensor, ...], phase: int, rates: tuple[Rate, ...]) -> Tensor:
        """Ascend the bound on one minibatch; return its mean and that of the KL, in nats."""
        (batch,) = batches
        noise = batch.new_empty(len(batch), self.spec.decoder.noise.size)
        reconstruction, kl = self.vae.bound(batch, noise.normal_(generator=self.rng))
        bound = (reconstruction - kl).mean()
        self.optimizer.descend(-bound)
        return torch.stack([bound.detach(), kl.mean().detach()])

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and the state of the update."""
        return self.vae.weights() | self.optimizer.tensors()

    def rngs(self) -> dict[str, torch.Generator]:
        """Return the stream of noise."""
        return {"noise": self.rng}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of both halves."""
        return self.vae.weights()

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw (count, d) means of the present decoder."""
        return _draw(VaeDecoder(self.spec, self.vae), count, seed)


class VaeDecoder:
    """x = G(z) of a VAE; implements `gan_repro.training.model.Decoder`."""

    def __init__(self, spec: VaeSpec, vae: Vae) -> None:
        self.size, self.vae = spec.decoder.noise.size, vae

    def prior(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, size) coordinates from N(0, I)."""
        return torch.empty(count, self.size, device=rng.device).normal_(generator=rng)

    @torch.no_grad()
    def __call__(self, z: Tensor) -> Tensor:
        """Return (n, d) means of x given (n, size) coordinates, on the CPU."""
        return self.vae.decoder(z.to(self.vae.log_deviation.device)).cpu()


def _draw(decoder: VaeDecoder, count: int, seed: int) -> np.ndarray:
    rng = torch.Generator().manual_seed(seed)
    parts = [
        decoder(decoder.prior(min(SAMPLE_BATCH, count - first), rng))
        for first in range(0, count, SAMPLE_BATCH)
    ]
    return torch.cat(parts).numpy()


def decoder(spec: VaeSpec, weights: Weights, device: torch.device) -> VaeDecoder:
    """Return the decoder of a finished run."""
    return VaeDecoder(spec, restore_vae(spec, weights, device))


def sample(
    spec: VaeSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) decoder means from a finished run; z comes from the CPU."""
    return _draw(decoder(spec, weights, device), count, seed)


SYSTEM = System(VaeSpec, VaeLearner, sample, decoder)

"""The variational auto-encoder (Kingma and Welling, 2014): the deep directed model of Table 2.

z ~ N(0, I), x ~ N(G(z), s²I), and an encoder that approximates the posterior by N(m(x), v(x)).
Its log p(x) is what a Gaussian Parzen window of σ = s on infinitely many draws G(z) would give.
"""

import math
from typing import Literal

import torch
from pydantic import Field, PositiveFloat, model_validator
from torch import Tensor, nn

from gan_repro.networks.build import Network, build_generator, build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start
from gan_repro.networks.specs import Generator, output_width, stack_work
from gan_repro.training.model import ModelSpec, Weights, Work


class VaeSpec(ModelSpec):
    """Hyperparameters of a variational auto-encoder.

    Attributes:
        encoder: layers from x to the mean and the log-variance of z, side by side.
        decoder: G, as that of an adversarial net.
        deviation: s at the start; it is learned.
        learning_rate: of Adam.
    """

    kind: Literal["vae"]
    encoder: tuple[Dense, ...] = Field(min_length=1)
    decoder: Generator
    deviation: PositiveFloat
    learning_rate: PositiveFloat

    @model_validator(mode="after")
    def _halves_fit(self) -> "VaeSpec":
        noise, last = self.decoder.noise, self.encoder[-1]
        if noise.distribution != "gaussian" or self.decoder.front:
            raise ValueError("the decoder's noise must be gaussian, and it has no front")
        if last.type != "linear" or last.units != 2 * noise.size:
            raise ValueError(f"the encoder must end in {2 * noise.size} linear units")
        return self

    def work(self, pixels: int, batch: int) -> Work:
        """Return the work of one training image: up the encoder, down the decoder, and back."""
        encoder = stack_work(self.encoder, pixels)
        decoder = stack_work(self.decoder.layers, self.decoder.noise.size)
        up, down = (sum(layer.parameters for layer in part) for part in (encoder, decoder))
        products = sum(layer.products for layer in (*encoder, *decoder))
        kept = sum(layer.values for layer in (*encoder, *decoder))
        return Work(
            parameters={"the encoder": up, "the decoder": down + 1},
            # Backward: the gradient of the weights, and of every input but the pixels.
            products=3 * products - encoder[0].products,
            values=2 * (kept + 2 * pixels),
            sampled=up + down + 1,
        )


class Vae:
    """Both halves, and what they say of an image.

    Args:
        encoder: (n, d) → (n, 2·size): mean and log-variance of z given x.
        decoder: G, (n, size) → (n, d).
        log_deviation: (1,) log s.
    """

    def __init__(self, encoder: Network, decoder: Network, log_deviation: Tensor) -> None:
        self.encoder, self.decoder, self.log_deviation = encoder, decoder, log_deviation

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of the approximate posterior, (n, size) each."""
        return self.encoder(x).chunk(2, dim=1)

    def log_conditional(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log N(x; G(z), s²I) in nats, (n,)."""
        return log_gaussian(x, self.decoder(z), 2 * self.log_deviation)

    def bound(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return E log p(x | z), estimated with (n, size) standard noise, and KL(q ‖ p_z), (n,).

        Their difference is the evidence lower bound on log p(x).
        """
        mean, log_variance = self.posterior(x)
        z = mean + (0.5 * log_variance).exp() * noise
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
        return self.log_conditional(x, z), kl

    def to(self, device: torch.device | str) -> "Vae":
        """Return the same model on a device."""
        log_deviation = nn.Parameter(self.log_deviation.detach().to(device))
        return Vae(self.encoder.to(device), self.decoder.to(device), log_deviation)

    def parameters(self) -> list[Tensor]:
        """Return everything that is learned."""
        return [*self.encoder.parameters(), *self.decoder.parameters(), self.log_deviation]

    def weights(self) -> dict[str, Tensor]:
        """Return the same, by name."""
        halves = {"encoder": self.encoder, "decoder": self.decoder}
        found = {
            f"{half}.{name}": tensor
            for half, network in halves.items()
            for name, tensor in network.named_parameters()
        }
        return found | {"log_deviation": self.log_deviation}


def log_gaussian(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return log N(x; mean, variance) in nats, summed over the last axis."""
    square = (x - mean).square() * (-log_variance).exp()
    return -0.5 * (square + log_variance + math.log(2 * math.pi)).sum(dim=-1)


def build_vae(spec: VaeSpec, pixels: int, mean: Tensor, rng: torch.Generator) -> Vae:
    """Build an untrained model on the CPU; ``mean`` is that of the pixels, for ``marginals``."""
    decoder = build_generator(spec.decoder, pixels, mean, rng)
    encoder = build_stack(spec.encoder, pixels, Start(rng))
    return Vae(encoder, decoder, nn.Parameter(torch.tensor([math.log(spec.deviation)])))


@torch.no_grad()
def restore_vae(spec: VaeSpec, weights: Weights, device: torch.device | str = "cpu") -> Vae:
    """Rebuild a model from a run's weights."""
    pixels = output_width(spec.decoder)
    vae = build_vae(spec, pixels, torch.full((pixels,), 0.5), torch.Generator()).to(device)
    for name, tensor in vae.weights().items():
        tensor.copy_(weights[name])
    return vae

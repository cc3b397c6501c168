"""Draws from a trained generator: nothing but a forward pass, from the weights alone."""

import math

import numpy as np
import torch
from torch import Tensor

from gan_repro.adversarial.game import draw_noise
from gan_repro.adversarial.spec import AdversarialSpec
from gan_repro.errors import UserError
from gan_repro.networks.build import Network, build_front, build_generator
from gan_repro.networks.specs import Noise, shapes, stack_work
from gan_repro.training.model import Weights

SAMPLE_BATCH = 1_000


def draw_samples(generator: Network, noise: Noise, count: int, seed: int) -> np.ndarray:
    """Draw (count, d) float32 samples G(z); z comes from the CPU, the same on every device."""
    rng = torch.Generator().manual_seed(seed)
    parts = [
        decode(generator, draw_noise(noise, min(SAMPLE_BATCH, count - first), rng))
        for first in range(0, count, SAMPLE_BATCH)
    ]
    return torch.cat(parts).numpy()


@torch.no_grad()
def decode(generator: Network, z: Tensor) -> Tensor:
    """Return G(z), (n, d) on the CPU, for (n, noise.size) coordinates z."""
    return generator(z.to(next(generator.parameters()).device)).cpu()


def restore_generator(spec: AdversarialSpec, weights: Weights) -> Network:
    """Rebuild G from a run's weights, on the CPU.

    Raises:
        UserError: there are not as many weights as the layers need, and none were built.
    """
    plan, rng = spec.generator, torch.Generator()
    layers, inputs = (*plan.front, *plan.layers), plan.noise.size
    needed = sum(layer.parameters for layer in stack_work(layers, inputs))
    found = sum(tensor.numel() for tensor in weights.values())
    if found != needed:
        raise UserError(f"{found} weights, but the layers of the generator have {needed}")
    pixels = math.prod(shapes(layers, inputs)[-1])
    behind = build_generator(plan, pixels, torch.full((pixels,), 0.5), rng)
    generator = Network(*build_front(plan, rng), *behind)
    generator.load_state_dict(dict(weights))
    return generator


class GeneratorDecoder:
    """x = G(z) of a finished run; implements `gan_repro.training.model.Decoder`."""

    def __init__(self, spec: AdversarialSpec, weights: Weights, device: torch.device) -> None:
        self.noise = spec.generator.noise
        self.generator = restore_generator(spec, weights).to(device)

    def prior(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw (count, size) coordinates from p_z."""
        return draw_noise(self.noise, count, rng)

    def __call__(self, z: Tensor) -> Tensor:
        """Return (n, d) images of (n, size) coordinates, on the CPU."""
        return decode(self.generator, z)


def sample(
    spec: AdversarialSpec, weights: Weights, count: int, seed: int, device: torch.device
) -> np.ndarray:
    """Draw (count, d) samples from a finished run."""
    generator = restore_generator(spec, weights).to(device)
    return draw_samples(generator, spec.generator.noise, count, seed)

"""The two losses of the generator: their gradients in training, and where each stands still."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from gan_repro.adversarial.game import Recipe, draw_noise
from gan_repro.adversarial.objective import GeneratorLoss, generator_loss
from gan_repro.networks.specs import Noise
from gan_repro.theory.games.small import SmallGame, perceptron_discriminator, perceptron_generator

LOSSES: tuple[GeneratorLoss, GeneratorLoss] = ("minimax", "non_saturating")
DEVIATION = 0.5


def distant_game(loss: GeneratorLoss, seed: int, replicas: int, distance: float) -> SmallGame:
    """Return a 1-D game on N(0, ½²) whose G starts ``distance`` to the right of the data."""

    def sample(count: int, rng: torch.Generator) -> Tensor:
        return DEVIATION * torch.randn(count, 1, generator=rng, dtype=torch.float64)

    played = SmallGame(
        sample,
        1,
        perceptron_generator(Noise(distribution="uniform", size=1), "relu", 16, 1, irange=0.5),
        perceptron_discriminator("relu", 32, irange=1),
        Recipe(update="alternating", generator_loss=loss),
        seed=seed,
        replicas=replicas,
    )
    with torch.no_grad():
        *_, bias = dict(played.game.generator.network.named_parameters()).values()
        bias.add_(distance)
    return played


def per_sample(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> dict[str, Tensor]:
    """Return the gradient of each generator loss with respect to each sample x: (n, dims).

    Also ``d``: D(x), (n, 1). The chain rule gives -D ∇a and -(1 - D) ∇a, with a the logit.
    """
    x = x.detach().requires_grad_()
    logits = discriminator(x)
    found = {
        # The loss is a mean, so n times its gradient is each sample's own.
        kind: len(x) * torch.autograd.grad(generator_loss(logits, kind), x, retain_graph=True)[0]
        for kind in LOSSES
    }
    return {**found, "d": logits.detach().sigmoid()}


@dataclass(frozen=True)
class Trace:
    """What was measured along a run: arrays of (times, replicas).

    Attributes:
        steps: (times,) iterations before each measurement.
        d_fake: E_z D(G(z)).
        norms: for each loss, the norm of its gradient with respect to all weights of G.
        distance: the Wasserstein-1 distance between samples and data.
        mean: mean of the samples; the data's is 0.
        deviation: standard deviation of the samples, as a part of the data's.
    """

    steps: np.ndarray
    d_fake: np.ndarray
    norms: dict[str, np.ndarray]
    distance: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


def measure(played: SmallGame, count: int, rng: torch.Generator) -> tuple[np.ndarray, ...]:
    """Return what a Trace holds of one moment, in its order: (replicas,) each."""
    z = draw_noise(played.game.noise, count, rng, torch.float64)
    x = played.game.generator(z)
    logits = played.game.discriminator(x)
    parameters = played.game.generator.parameters()
    norms = []
    for kind in LOSSES:
        loss = played.replicas * generator_loss(logits, kind)
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True)
        flat = torch.cat([part.reshape(played.replicas, -1) for part in gradients], dim=1)
        norms.append(flat.norm(dim=1).numpy())
    data = torch.special.ndtri((torch.arange(count, dtype=torch.float64) + 0.5) / count)
    distance = (x.detach().sort(dim=0).values - DEVIATION * data[:, None]).abs().mean(dim=0)
    x = x.detach()
    shape = x.mean(dim=0).numpy(), x.std(dim=0).numpy() / DEVIATION
    return logits.detach().sigmoid().mean(dim=0).numpy(), *norms, distance.numpy(), *shape


def trace(
    played: SmallGame, steps: int, learning_rate: float, *, every: int = 10, head_start: int = 0
) -> Trace:
    """Play Algorithm 1, D first alone for ``head_start`` steps, and measure along the way."""
    rng = torch.Generator().manual_seed(0)
    played.train_discriminator(head_start, learning_rate)
    rows = [measure(played, 256, rng)]
    for step in range(1, steps + 1):
        played.play(learning_rate)
        if step % every == 0:
            rows.append(measure(played, 256, rng))
    d_fake, minimax, non_saturating, *rest = (np.array(c) for c in zip(*rows, strict=True))
    norms = {"minimax": minimax, "non_saturating": non_saturating}
    return Trace(every * np.arange(len(rows)), d_fake, norms, *rest)


@torch.no_grad()
def acceptance(played: SmallGame, count: int = 2048) -> np.ndarray:
    """Return E_z D(G(z)) of each replica on noise that is always the same: (replicas,)."""
    z = draw_noise(played.game.noise, count, torch.Generator().manual_seed(0), torch.float64)
    return played.game.discriminator(played.game.generator(z)).sigmoid().mean(dim=0).numpy()


def drift(scale: float, kind: GeneratorLoss, separation: float = 0.0) -> float:
    """Return the gradient of G's loss about s, for x = s·z, z ~ N(0, 1) and D = D* held fixed.

    The data are ½N(-μ, 1) + ½N(μ, 1) with μ the ``separation``: for μ = 0 the family contains
    them, at s = 1. With a = log p_data - log p_g the loss has gradient E_z[ℓ'(a) a'(sz) z], where
    ℓ' = -D* for log(1 - D) and -(1 - D*) for -log D. By the trapezoid rule on 4001 points.
    """
    z = np.linspace(-10, 10, 4001)
    mass = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    x = scale * z
    log_data = -(x**2 + separation**2) / 2 + np.logaddexp(separation * x, -separation * x)
    logit = log_data - np.log(2) + z**2 / 2 + np.log(scale)
    slope = -x + separation * np.tanh(separation * x) + x / scale**2
    weight = expit(logit) if kind == "minimax" else expit(-logit)
    return float(-(weight * slope * z * mass).sum())

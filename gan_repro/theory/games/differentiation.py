"""What backpropagation sees of discrete units: visible ones in a GAN, hidden ones in a VAE.

Each function returns the gradient of a loss with respect to one parameter twice: by backpropagation
through samples, and as the derivative of the expected loss, which has a closed form here. All
expectations are over the same equally likely noise points, so that nothing is left to chance.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gan_repro.adversarial.objective import GeneratorLoss, generator_loss

# A discriminator of one variable: the logit of D is TILT[0] + TILT[1]·x.
TILT = (-0.4, 0.9)
POINTS = 20_001


class Step(nn.Module):
    """Binary units: 1 where the input is positive, else 0. The derivative is zero or undefined."""

    def forward(self, x: Tensor) -> Tensor:
        return (1 + torch.sign(x)) / 2


class Gradients(NamedTuple):
    """A gradient by backpropagation through samples, and the derivative of the expected loss."""

    backpropagated: float
    true: float


def _noise() -> Tensor:
    return torch.from_numpy(ndtri((np.arange(POINTS) + 0.5) / POINTS))[:, None]


def _logits(x: Tensor) -> Tensor:
    return TILT[0] + TILT[1] * x


def _backpropagate(loss: Tensor, parameter: Tensor) -> float:
    return torch.autograd.grad(loss, parameter)[0].item()


def _derivative(expected: Callable[[float], float], parameter: float, width: float = 1e-5) -> float:
    """Return the central difference of an expected loss that is smooth in its parameter."""
    return float((expected(parameter + width) - expected(parameter - width)) / (2 * width))


def gan_losses(values: np.ndarray, kind: GeneratorLoss) -> np.ndarray:
    """Return G's loss of single samples x: (n,) to (n,)."""
    return np.array([generator_loss(_logits(torch.tensor([[x]])), kind).item() for x in values])


def gan_discrete_visible(b: float, kind: GeneratorLoss = "minimax") -> Gradients:
    """Return both gradients about b for x = 1[b + z > 0], z ~ N(0, 1): discrete data."""
    parameter = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    x = Step()(parameter + _noise())
    zero, one = gan_losses(np.array([0.0, 1.0]), kind)
    density = np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    return Gradients(
        _backpropagate(generator_loss(_logits(x), kind), parameter), density * (one - zero)
    )


def gan_score_function(b: float, kind: GeneratorLoss = "minimax") -> float:
    """Return the gradient of `gan_discrete_visible` from samples without differentiating x.

    E[loss(x) ∂ log p(x) / ∂b]: Williams' rule, which needs the probability of a sample.
    """
    x = (b + _noise()[:, 0].numpy() > 0).astype(float)
    p = float(ndtr(b))
    density = np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    score = np.where(x == 1, density / p, -density / (1 - p))
    zero, one = gan_losses(np.array([0.0, 1.0]), kind)
    return float((np.where(x == 1, one, zero) * score).mean())


def gan_discrete_hidden(b: float, kind: GeneratorLoss = "minimax") -> Gradients:
    """Return both gradients about b for x = b + z with z = ±1 equally likely: discrete noise."""
    parameter = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    z = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    loss = generator_loss(_logits(parameter + z), kind)
    return Gradients(
        _backpropagate(loss, parameter),
        _derivative(lambda c: gan_losses(np.array([c - 1, c + 1]), kind).mean(), b),
    )


def reconstruction(h: Tensor, x: float = 1.0) -> Tensor:
    """Return -log p(x | h) of a binary x under a decoder with the logit 2h - 1."""
    logits = 2 * h - 1
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, x), reduction="none")


def vae_discrete_hidden(e: float) -> Gradients:
    """Return both gradients about an encoder's output e for h = 1 with probability σ(e).

    h = 1[e + u > 0] with u logistic, so that the noise does not depend on e.
    """
    parameter = torch.tensor(e, dtype=torch.float64, requires_grad=True)
    u = torch.logit(torch.linspace(0.5, POINTS - 0.5, POINTS, dtype=torch.float64) / POINTS)
    h = Step()(parameter + u)
    zero, one = reconstruction(torch.tensor([0.0, 1.0], dtype=torch.float64)).tolist()
    chance = 1 / (1 + np.exp(-e))
    return Gradients(
        _backpropagate(reconstruction(h).mean(), parameter), chance * (1 - chance) * (one - zero)
    )


def vae_continuous_hidden(e: float, deviation: float = 0.5) -> Gradients:
    """Return both gradients about e for h = e + deviation · ε, with discrete x: a usual VAE."""
    parameter = torch.tensor(e, dtype=torch.float64, requires_grad=True)
    noise = deviation * _noise()
    return Gradients(
        _backpropagate(reconstruction(parameter + noise).mean(), parameter),
        _derivative(lambda c: reconstruction(c + noise).mean().item(), e),
    )

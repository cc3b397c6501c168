"""The value function of the game (eq. 1) and what each player descends, from logits.

A discriminator returns a logit a(x) with D(x) = sigmoid(a(x)), so log D = -softplus(-a) and
log(1 - D) = -softplus(a) stay finite however confident D is.
"""

from typing import Literal

from torch import Tensor
from torch.nn.functional import softplus

GeneratorLoss = Literal["minimax", "non_saturating"]


def value(real: Tensor, fake: Tensor) -> Tensor:
    """Return V(D, G) of eq. 1: mean log D(x) + mean log(1 - D(G(z))), in nats.

    Args:
        real: (n, 1) logits of data.
        fake: (m, 1) logits of samples.
    """
    return -softplus(-real).mean() - softplus(fake).mean()


def discriminator_loss(real: Tensor, fake: Tensor, scale: float = 1.0) -> Tensor:
    """Return -scale · V(D, G); Algorithm 1 has scale 1, the authors' code ½."""
    return -scale * value(real, fake)


def generator_loss(fake: Tensor, kind: GeneratorLoss) -> Tensor:
    """Return mean log(1 - D(G(z))) (``minimax``) or mean -log D(G(z)) (``non_saturating``)."""
    return -softplus(fake).mean() if kind == "minimax" else softplus(-fake).mean()

"""What reparametrisation cannot do (NIPS, Section 2): discrete latents in a VAE, visibles in a GAN.

Both models are small enough that the true gradient is a finite sum; beside it stands what
backpropagation through draws gives, which is zero, because a threshold has no slope.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_repro.baselines.partition import binary_states
from gan_repro.extensions.records import Measure, exact

BITS, PIXELS, DRAWS = 6, 5, 512


def thresholded(logits: Tensor, uniform: Tensor) -> Tensor:
    """Return draws of bits, 1 where uniform < sigmoid(logit), as a function of the logits."""
    return 0.5 * (1 + torch.sign(logits.sigmoid() - uniform))


def discrete_gradients(rng: torch.Generator) -> dict[str, Measure]:
    """Return the norms of true and of backpropagated gradients, of both models.

    VAE: x ~ N(W z, I) of ``BITS`` latent bits with logits θ; the bound's first term. GAN: G draws
    ``PIXELS`` bits with logits θ; the non-saturating loss against a fixed linear D. The Gaussian
    counterpart of each says that the estimate works where draws have a slope.
    """
    weight = _normal(BITS, PIXELS, rng=rng)
    x, d = _normal(PIXELS, rng=rng), _normal(PIXELS, rng=rng)

    def reconstruction(z: Tensor) -> Tensor:
        return -0.5 * (x - z @ weight).square().sum(dim=-1)

    def fooled(image: Tensor) -> Tensor:
        return -softplus(-(image @ d))

    found = {}
    for name, size, score in (
        ("VAE, discrete latents", BITS, reconstruction),
        ("GAN, discrete visibles", PIXELS, fooled),
    ):
        theta = _normal(size, rng=rng).requires_grad_(True)
        uniform = torch.rand(DRAWS, size, generator=rng, dtype=torch.float64)
        noise = _normal(DRAWS, size, rng=rng)
        states = binary_states(size)
        log_p = states @ theta - softplus(theta).sum()
        truth = (log_p.exp() * score(states)).sum()
        sampled = score(thresholded(theta, uniform)).mean()
        smooth = score(theta + noise).mean()
        found |= {
            f"{name}/true gradient": _norm(truth, theta),
            f"{name}/backpropagated": _norm(sampled, theta),
            f"{name}/backpropagated, Gaussian instead": _norm(smooth, theta),
        }
    return {f"gradient/{name}": exact(value) for name, value in found.items()}


def _norm(value: Tensor, theta: Tensor) -> float:
    return float(torch.autograd.grad(value, theta)[0].norm())


def _normal(*shape: int, rng: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)

"""The limit by which gradients pass through noise (Section 2, NIPS text), by quadrature.

Both sides are computed apart: the gradient of the smoothed function from values of f alone,
the gradient of f by backpropagation.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

Function = Callable[[Tensor], Tensor]


def smoothed_gradient(f: Function, x: Tensor, sigma: float, order: int = 48) -> Tensor:
    """Return ∇ₓ E f(x + ε) for ε ~ N(0, σ²I), from values of f only.

    Differentiating the Gaussian instead of f gives ∇ₓ E f(x + ε) = E[ε f(x + ε)] / σ². The
    expectation is a tensor product of Gauss–Hermite rules of the given order.

    Args:
        f: (n, dims) → (n,).
        x: (points, dims), float64.

    Returns:
        (points, dims).
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    dims = x.shape[1]
    epsilon = torch.cartesian_prod(*[torch.from_numpy(nodes)] * dims).view(-1, dims)
    mass = torch.cartesian_prod(*[torch.from_numpy(weights / weights.sum())] * dims)
    mass = mass.view(-1, dims).prod(dim=1)
    with torch.no_grad():
        values = f((x[:, None] + sigma * epsilon).flatten(0, 1)).view(len(x), -1)
        # Any constant may be subtracted; f(x) keeps the digits that 1/σ would cost.
        values = values - f(x)[:, None]
    return (values * mass) @ epsilon / sigma


def gradient(f: Function, x: Tensor) -> Tensor:
    """Return ∇f at each point by backpropagation: (points, dims) → (points, dims)."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def leading_error(f: Function, x: Tensor) -> Tensor:
    """Return ½ ∇Δf, the coefficient of σ² in the smoothed gradient: (points, dims)."""
    x = x.detach().requires_grad_()
    slopes = torch.autograd.grad(f(x).sum(), x, create_graph=True)[0]
    laplacian = sum(
        torch.autograd.grad(slopes[:, i].sum(), x, create_graph=True)[0][:, i].sum()
        for i in range(x.shape[1])
    )
    return torch.autograd.grad(laplacian, x)[0] / 2


def smoothed_rectifier_slope(x: float, sigma: np.ndarray) -> np.ndarray:
    """Return d/dx E max(x + ε, 0) = Φ(x / σ): never the slope of either side at the kink x = 0."""
    return ndtr(x / np.asarray(sigma, dtype=float))

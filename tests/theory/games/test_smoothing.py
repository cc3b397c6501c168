import numpy as np
import torch

from gan_repro.theory.games.smoothing import (
    gradient,
    leading_error,
    smoothed_gradient,
    smoothed_rectifier_slope,
)


def quadratic(x):
    return (x**2).sum(dim=1) + x.prod(dim=1)


def quartic(x):
    return (x**4).sum(dim=1)


X = torch.tensor([[0.3, -1.0], [2.0, 0.1]], dtype=torch.float64)


def test_smoothing_leaves_the_gradient_of_a_quadratic():
    torch.testing.assert_close(smoothed_gradient(quadratic, X, 0.5), gradient(quadratic, X))


def test_smoothing_error_of_a_quartic_is_exactly_its_leading_term():
    # ∇E(x + ε)⁴ = 4x³ + 12σ²x.
    torch.testing.assert_close(leading_error(quartic, X), 12 * X)
    error = smoothed_gradient(quartic, X, 0.2) - gradient(quartic, X)
    torch.testing.assert_close(error, 0.04 * 12 * X)


def test_smoothed_rectifier_slope_is_half_at_the_kink():
    np.testing.assert_array_equal(smoothed_rectifier_slope(0.0, np.array([0.1, 1.0])), 0.5)
    assert smoothed_rectifier_slope(1.0, np.array(1e-3)) == 1.0

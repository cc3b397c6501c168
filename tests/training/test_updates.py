"""Both updates against their formulas in float64, with rates and momenta that change."""

import numpy as np
import pytest
import torch

from gan_repro.training.updates import AveragedDescent, MomentumDescent

RATES, MOMENTA = (0.1, 0.05, 0.2, 0.01), (0.5, 0.9, 0.7, 0.2)
GRADIENTS = np.random.default_rng(0).normal(size=(4, 3))


def momentum(memory, rate, gradient, mu):
    """v ← μv − ηg, θ ← θ + v."""
    memory = mu * memory - rate * gradient
    return memory, memory


def averaged(memory, rate, gradient, mu):
    """m ← μm + (1 − μ)g, θ ← θ − ηm."""
    memory = mu * memory + (1 - mu) * gradient
    return memory, -rate * memory


@pytest.mark.parametrize(
    ("rule", "formula"), [(MomentumDescent, momentum), (AveragedDescent, averaged)]
)
def test_an_update_is_its_formula(rule, formula):
    parameter = torch.zeros(3, dtype=torch.float64)
    descent, memory, theta = rule([parameter]), np.zeros(3), np.zeros(3)
    for rate, mu, gradient in zip(RATES, MOMENTA, GRADIENTS, strict=True):
        descent.step([torch.from_numpy(gradient)], rate, mu)
        memory, step = formula(memory, rate, gradient, mu)
        theta = theta + step
        np.testing.assert_allclose(parameter.numpy(), theta, rtol=1e-12)

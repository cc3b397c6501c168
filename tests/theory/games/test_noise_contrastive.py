import numpy as np
import pytest
import torch
from scipy.special import expit

from gan_repro.theory.games.noise_contrastive import (
    SPREAD,
    TAU,
    adversarial_signal,
    nce_signal,
    own_noise_signal,
    train_adversarially,
    train_nce,
)
from gan_repro.theory.games.smoothing import (
    gradient,
    leading_error,
    smoothed_gradient,
    smoothed_rectifier_slope,
)

SETTINGS = {"steps": 20, "learning_rate": 0.2, "batch": 32, "runs": 3, "seed": 0}


@pytest.mark.parametrize("m", [0, 1, 3])
def test_nce_signal_agrees_with_monte_carlo(m):
    rng, n, offset = np.random.default_rng(m), 200_000, 0.7
    terms = []
    for scale, last, sign in ((TAU, 1.0, 1), (1.0, SPREAD, -1)):
        y, x = scale * rng.standard_normal((n, m)), last * rng.standard_normal(n)
        ratio = -m * np.log(TAU) - (y**2).sum(1) * (TAU**-2 - 1) / 2
        ratio += -((x - offset) ** 2) / 2 + (x / SPREAD) ** 2 / 2 + np.log(SPREAD)
        terms.append(sign * expit(-sign * ratio) * (x - offset))
    total = terms[0] + terms[1]
    signal = nce_signal(m, offset)
    assert abs(total.mean() - signal.mean) < 4 * signal.deviation / n**0.5
    assert total.std() == pytest.approx(signal.deviation, rel=0.02)


def test_signals_vanish_with_the_error():
    assert abs(nce_signal(2, 0.0).mean) < 1e-12
    assert abs(adversarial_signal(0.0).mean) < 1e-12
    assert own_noise_signal(0.0).mean == 0


def test_adversarial_signal_is_half_the_error_near_the_optimum():
    assert adversarial_signal(1e-4).mean == pytest.approx(-0.5e-4, rel=1e-3)


@pytest.mark.parametrize("train", [train_nce, train_adversarially])
def test_training_moves_towards_the_data_and_is_reproducible(train):
    first, second = (train(1, 1.0, **SETTINGS) for _ in range(2))
    deltas = first[0] if train is train_nce else first
    assert deltas.shape == (21, 3)
    assert np.all(deltas[0] == 1.0)
    assert deltas[-1].mean() < 0.8
    np.testing.assert_array_equal(first, second)


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

"""Gradients through discrete units against finite differences of expectations by scipy."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import expit, log_expit
from scipy.stats import norm

from gan_repro.theory.games.differentiation import (
    TILT,
    Step,
    gan_discrete_hidden,
    gan_discrete_visible,
    gan_losses,
    gan_score_function,
    reconstruction,
    vae_continuous_hidden,
    vae_discrete_hidden,
)

PLACES = [-0.5, 0.3, 1.0]
KINDS = ["minimax", "non_saturating"]


def loss(x, kind):
    logit = TILT[0] + TILT[1] * x
    return log_expit(-logit) if kind == "minimax" else -log_expit(logit)


def slope(expected, place, width=1e-4):
    return (expected(place + width) - expected(place - width)) / (2 * width)


@pytest.mark.parametrize("kind", KINDS)
def test_losses_of_single_samples(kind):
    x = np.array([-1.0, 0.0, 2.5])
    np.testing.assert_allclose(gan_losses(x, kind), loss(x, kind), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("b", PLACES)
def test_discrete_visibles(b, kind):
    found = gan_discrete_visible(b, kind)
    expected = slope(
        lambda c: norm.cdf(c) * loss(1, kind) + norm.sf(c) * loss(0, kind),
        b,
    )
    assert found.backpropagated == 0
    assert found.true == pytest.approx(expected, rel=1e-6)
    assert gan_score_function(b, kind) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("b", PLACES)
def test_discrete_hiddens_of_a_gan(b, kind):
    found = gan_discrete_hidden(b, kind)
    expected = slope(lambda c: (loss(c - 1, kind) + loss(c + 1, kind)) / 2, b)
    assert found.backpropagated == pytest.approx(expected, rel=1e-6)
    assert found.true == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("e", PLACES)
def test_discrete_hiddens_of_a_vae(e):
    found = vae_discrete_hidden(e)
    costs = [-log_expit(2 * h - 1) for h in (0, 1)]
    expected = slope(lambda c: expit(c) * costs[1] + expit(-c) * costs[0], e)
    assert found.backpropagated == 0
    assert found.true == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("e", PLACES)
def test_continuous_hiddens_of_a_vae(e):
    found = vae_continuous_hidden(e, deviation=0.5)

    def expected(centre):
        return quad(
            lambda z: norm.pdf(z) * -log_expit(2 * (centre + 0.5 * z) - 1), -9, 9, epsabs=1e-12
        )[0]

    assert found.true == pytest.approx(slope(expected, e), rel=1e-3)
    assert found.backpropagated == pytest.approx(found.true, rel=1e-6)


def test_reconstruction_is_the_bernoulli_cost_of_either_value():
    h = torch.tensor([0.2, 1.4], dtype=torch.float64)
    for x, sign in ((1.0, 1), (0.0, -1)):
        np.testing.assert_allclose(
            reconstruction(h, x), -log_expit(sign * (2 * h.numpy() - 1)), rtol=1e-12
        )


def test_a_step_is_zero_or_one_with_no_slope():
    x = torch.tensor([-2.0, 3.0], requires_grad=True)
    values = Step()(x)
    assert values.tolist() == [0, 1]
    assert torch.autograd.grad(values.sum(), x)[0].tolist() == [0, 0]

import math

import mpmath
import numpy as np
import pytest
import torch
from scipy.special import expit

from gan_repro.theory.mode_switches import (
    denoising_switches,
    gibbs_switches,
    step_generator,
    switch_probability,
)


@pytest.mark.parametrize("width", [0.15, 0.3, 1.0, 3.0])
def test_switch_probability_in_high_precision(width):
    """E σ(2x/s²) over x ~ N(-1, s²), the log-odds of the other mode being written out."""
    with mpmath.workdps(40):
        s = mpmath.mpf(width)

        def integrand(x):
            far, near = (mpmath.exp(-((x - m) ** 2) / (2 * s**2)) for m in (1, -1))
            return mpmath.npdf(x, -1, s) * far / (far + near)

        exact = mpmath.quad(integrand, [-1 - 12 * s, -1, 0, 1, 1 + 12 * s])
    assert switch_probability(width) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize("width", [0.3, 1.0])
def test_denoising_changes_sides_as_often_as_gibbs(width):
    exact = switch_probability(width)
    assert denoising_switches(width) == pytest.approx(exact, rel=1e-9)


def test_gibbs_chains_stay_on_the_two_modes_and_change_as_computed():
    rates = gibbs_switches(0.8, 2000, 64, np.random.default_rng(0))
    error = rates.std(ddof=1) / math.sqrt(len(rates))
    assert rates.shape == (64,)
    assert abs(rates.mean() - switch_probability(0.8)) < 4 * error
    assert error < 0.02 * rates.mean()


def test_gibbs_draws_the_mode_by_bayes_rule():
    """One update from a mode at -1: the share that moves is E σ(2x/s²) over the mode."""
    rates = gibbs_switches(1.5, 1, 200_000, np.random.default_rng(1))
    x = np.random.default_rng(2).normal(-1, 1.5, 200_000)
    assert rates.mean() == pytest.approx(expit(2 * x / 1.5**2).mean(), abs=0.005)


@pytest.mark.parametrize("ramp", [0.5, 1e-9])
def test_the_step_is_linear_between_its_ends(ramp):
    z = torch.tensor([-1.7, -ramp, -0.5 * ramp, 0, 0.5 * ramp, ramp, 1.7], dtype=torch.float64)
    x = step_generator(ramp)(z[:, None])[:, 0]
    expected = torch.tensor([-1, -1, -0.5, 0, 0.5, 1, 1], dtype=torch.float64)
    torch.testing.assert_close(x, expected, rtol=0, atol=1e-6)

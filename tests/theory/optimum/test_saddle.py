"""The finite game against closed forms, a brute-force search, and each other."""

import math

import numpy as np
import pytest

from gan_repro.theory.optimum.density_game import payoff
from gan_repro.theory.optimum.saddle import (
    max_min,
    min_max,
    min_max_of_points,
    reply_of_generator,
)

GAMES = [np.random.default_rng(seed).dirichlet(np.ones(4)) for seed in range(4)]


@pytest.mark.parametrize("p_data", GAMES)
def test_both_orders_give_the_saddle_point(p_data):
    low, p_g = min_max(p_data)
    high, d = max_min(p_data)
    assert low == pytest.approx(-math.log(4), abs=1e-8)
    assert high == pytest.approx(-math.log(4), abs=1e-6)
    np.testing.assert_allclose(p_g, p_data, atol=1e-4)
    np.testing.assert_allclose(d, 0.5, atol=1e-4)


@pytest.mark.parametrize("p_data", GAMES)
def test_the_reply_is_the_least_over_all_generators(p_data):
    rng = np.random.default_rng(0)
    d = rng.uniform(0.05, 0.95, 4)
    found = reply_of_generator(p_data, d)
    values = [payoff(p_data, p_g, d) for p_g in [*rng.dirichlet(np.ones(4), 200), *np.eye(4)]]
    assert found == pytest.approx(min(values))


@pytest.mark.parametrize("p_data", GAMES)
def test_generators_that_cannot_mix_pay_for_it(p_data):
    """At a point j: p log(p/(1+p)) + log(1/(1+p)), and elsewhere nothing; best at the likeliest."""
    p = p_data.max()
    expected = p * math.log(p / (1 + p)) - math.log(1 + p)
    assert min_max_of_points(p_data) == pytest.approx(expected)
    assert expected > -math.log(4)

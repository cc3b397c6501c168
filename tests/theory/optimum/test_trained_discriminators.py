import numpy as np
import pytest
import torch

from gan_repro.theory.densities.analytic import Gaussian
from gan_repro.theory.optimum.discriminator import optimal_discriminator
from gan_repro.theory.optimum.trained_discriminators import (
    bulk,
    discriminate,
    sup_errors,
    train_discriminators,
)

PAIR = Gaussian(0, 1), Gaussian(1, 1)


@pytest.fixture(scope="module")
def network():
    torch.set_num_threads(1)
    return train_discriminators(*PAIR, samples=2000, units=2, replicas=3, seed=0)


def test_approaches_the_optimal_discriminator(network):
    x = bulk(*PAIR)
    assert discriminate(network, x).shape == (len(x), 3)
    errors = np.abs(discriminate(network, x).T - optimal_discriminator(*PAIR, x)).max(axis=1)
    np.testing.assert_allclose(sup_errors(*PAIR, network), errors)
    assert errors.mean() < 0.15


def test_same_seed_same_networks(network):
    again = train_discriminators(*PAIR, samples=2000, units=2, replicas=3, seed=0)
    for first, second in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(first, second)


def test_bulk_holds_the_mass():
    x = bulk(*PAIR, mass=0.9)
    inside = [p.cdf(x[-1]) - p.cdf(x[0]) for p in PAIR]
    assert np.mean(inside) == pytest.approx(0.9)

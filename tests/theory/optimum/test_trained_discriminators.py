import numpy as np
import pytest
import torch

from gan_repro.theory.densities.analytic import Gaussian
from gan_repro.theory.optimum.discriminator import criterion, optimal_discriminator, value
from gan_repro.theory.optimum.trained_discriminators import (
    STRIDE,
    bulk,
    discriminate,
    exact_value,
    sup_errors,
    train_discriminators,
    train_to_completion,
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


def test_the_exact_value_is_that_of_quadrature(network):
    edges = np.linspace(-7, 8, 4001)
    masses = [np.diff(p.cdf(edges)) for p in PAIR]
    found = exact_value(network, edges, *masses)
    for replica in range(3):

        def odds(x, replica=replica):
            with torch.no_grad():
                return network(torch.full((1, 3), float(x), dtype=torch.float64))[0, replica].item()

        assert found[replica] == pytest.approx(value(*PAIR, odds).value, abs=1e-5)


def test_trained_to_completion_v_rises_on_its_samples_and_passes_the_supremum():
    found = train_to_completion(*PAIR, samples=12, units=16, replicas=3, seed=0, looks=12)
    best = criterion(*PAIR).value
    assert found.iterations.tolist() == [STRIDE * look for look in range(13)]
    assert found.empirical.shape == found.exact.shape == (13, 3)
    # L-BFGS sees the sum over the networks.
    assert np.diff(found.empirical.sum(axis=1)).min() > -1e-9
    assert (found.empirical[-1] > best + 0.2).all()
    # No discriminator has more than the supremum of V over all of them.
    assert (found.exact <= best + 1e-9).all()
    assert (found.exact[-1] < found.exact.max(axis=0) - 0.1).all()

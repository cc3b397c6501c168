"""The odd network, and the distance that its draws are judged by."""

import numpy as np
import pytest
import torch

from gan_repro.extensions.differentiable import energy_distance, odd_network
from gan_repro.extensions.synchronised import classes_drawn, diversity


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_energy_distance_is_unbiased_and_that_of_loops():
    one, other = torch.randn(20, 2, generator=rng()), 1 + torch.randn(15, 2, generator=rng(1))
    a, b = one.numpy(), other.numpy()
    between = np.mean([np.linalg.norm(x - y) for x in a for y in b])
    within = [
        np.mean(
            [np.linalg.norm(p[i] - p[j]) for i in range(len(p)) for j in range(len(p)) if i != j]
        )
        for p in (a, b)
    ]
    assert energy_distance(one, other) == pytest.approx(2 * between - sum(within), rel=1e-4)
    same = [
        energy_distance(*torch.randn(2, 200, 2, generator=rng(seed)).unbind()) for seed in range(30)
    ]
    assert abs(np.mean(same)) < 3 * np.std(same) / 30**0.5


def test_the_odd_network_is_differentiable_and_no_composition_of_rectifiers():
    network = odd_network(2, 3, rng()).double()
    x = torch.randn(7, 2, generator=rng(2), dtype=torch.float64).requires_grad_(True)
    assert network(x).shape == (7, 3)
    assert torch.autograd.gradcheck(network, (x,), eps=1e-7, atol=1e-5)


def test_diversity_and_classes_are_counted():
    images = np.random.default_rng(0).normal(size=(500, 4))
    assert diversity(images, images) == pytest.approx(1)
    assert diversity(images / 2, images) == pytest.approx(0.5)
    assert diversity(np.ones((10, 4)), images) == 0
    found = np.repeat([0, 1, 2, 3], [50, 30, 15, 5])
    # A quarter of the fair share of four classes among 100 is 6.25.
    assert classes_drawn(found, 4) == 3

"""Where the chains of AIS start in a VAE."""

import torch

from gan_repro.baselines.vae_model import Vae
from gan_repro.extensions.directed import DirectedOptions, refined_targets
from gan_repro.networks.build import build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start


def rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_chains_start_around_the_best_gaussian_as_much_wider_as_is_asked_for():
    decoder = build_stack((Dense(type="linear", units=4, irange=1.0),), 2, Start(rng(1)))
    encoder = build_stack((Dense(type="linear", units=4, irange=0.2),), 4, Start(rng(2)))
    halves = [network.double().requires_grad_(False) for network in (encoder, decoder)]
    vae = Vae(*halves, torch.tensor([-1.0], dtype=torch.float64))
    annealing = {"chains": 2, "temperatures": 3}
    options = DirectedOptions(images=3, annealing=annealing, widen=1.7, small_epochs=1)
    x = torch.rand(3, 4, generator=rng(3), dtype=torch.float64)
    best, start = (target(2).proposal for target in refined_targets(vae, x, options, rng(4)))
    torch.testing.assert_close(start.mean, best.mean)
    torch.testing.assert_close(start.deviation, 1.7 * best.deviation)
    assert best.mean.shape == (6, 2)

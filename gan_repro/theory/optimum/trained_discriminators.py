"""Discriminators trained on finite samples of known densities, to be compared with D*."""

import numpy as np
import torch
from torch import Tensor, nn

from gan_repro.adversarial.objective import discriminator_loss
from gan_repro.theory.densities.analytic import Array, Density
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.games.ensembles import Ensemble
from gan_repro.theory.optimum.discriminator import optimal_discriminator


def train_discriminators(
    p_data: Density,
    p_g: Density,
    *,
    samples: int,
    units: int,
    replicas: int,
    seed: int,
    iterations: int = 100,
) -> Ensemble:
    """Maximise V(D, G) on ``samples`` draws of each density, for ``replicas`` independent networks.

    One hidden layer of ``units`` sigmoids in float64, trained on all its samples by L-BFGS: each
    network ends close to the optimum of its own empirical V.
    """
    rng = np.random.default_rng(seed)
    real, fake = (torch.from_numpy(p.sample((samples, replicas), rng)) for p in (p_data, p_g))
    network = Ensemble([_perceptron(bulk(p_data, p_g), units, rng) for _ in range(replicas)])
    optimizer = torch.optim.LBFGS(
        network.parameters(), max_iter=iterations, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        # The sum over members gives each of them the gradient it would have alone.
        total = discriminator_loss(network(real), network(fake), scale=replicas)
        total.backward()
        return total

    optimizer.step(loss)
    return network


@torch.no_grad()
def _perceptron(x: Array, units: int, rng: np.random.Generator) -> nn.Sequential:
    """Return a network whose sigmoids start as steps spread evenly over the range of x."""
    network = nn.Sequential(nn.Linear(1, units), nn.Sigmoid(), nn.Linear(units, 1)).double()
    centres = x[0] + (x[-1] - x[0]) * (np.arange(units) + rng.random(units)) / units
    slopes = rng.choice([-1, 1], units) * 2 * (units + 1) / (x[-1] - x[0])
    network[0].weight.copy_(torch.from_numpy(slopes)[:, None])
    network[0].bias.copy_(torch.from_numpy(-slopes * centres))
    network[2].weight.copy_(torch.from_numpy(rng.normal(0, 0.1, (1, units))))
    network[2].bias.zero_()
    return network


@torch.no_grad()
def discriminate(network: Ensemble, x: Array) -> Array:
    """Return D(x) of every member: (n,) points to (n, replicas) probabilities."""
    points = torch.from_numpy(np.asarray(x, dtype=float))
    return network(points[:, None].repeat(1, network.size)).sigmoid().numpy()


def bulk(p_data: Density, p_g: Density, mass: float = 0.99, points: int = 400) -> Array:
    """Return evenly spaced points over the central ``mass`` of (p_data + p_g)/2."""
    outside = (1 - mass) / 2
    low, high = Mixture((0.5, 0.5), (p_data, p_g)).quantile([outside, 1 - outside])
    return np.linspace(low, high, points)


def sup_errors(p_data: Density, p_g: Density, network: Ensemble) -> Array:
    """Return max |D(x) - D*(x)| over the bulk of the mass, for every member: (replicas,)."""
    x = bulk(p_data, p_g)
    exact = optimal_discriminator(p_data, p_g, x)
    return np.abs(discriminate(network, x) - exact[:, None]).max(axis=0)

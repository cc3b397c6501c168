"""Discriminators trained on finite samples of known densities, to be compared with D*."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from gan_repro.adversarial.objective import discriminator_loss
from gan_repro.theory.densities.analytic import Array, Density
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.games.ensembles import Ensemble
from gan_repro.theory.optimum.discriminator import optimal_discriminator

# L-BFGS iterations between two looks at a discriminator that is trained to completion.
STRIDE = 10


class Fit:
    """``replicas`` networks of one hidden layer of sigmoids, each with samples of its own.

    Args:
        p_data, p_g: what the (samples, replicas) examples of either kind are drawn from.
        samples: examples of each kind that one network sees.
        units: width of the hidden layer.
        seed: of the samples and the initial weights.
    """

    def __init__(
        self, p_data: Density, p_g: Density, *, samples: int, units: int, replicas: int, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        draws = (p.sample((samples, replicas), rng) for p in (p_data, p_g))
        self.real, self.fake = (torch.from_numpy(draw) for draw in draws)
        x = bulk(p_data, p_g)
        self.network = Ensemble([_perceptron(x, units, rng) for _ in range(replicas)])

    def train(self, optimizer: torch.optim.LBFGS) -> None:
        """Maximise V(D, G) on all samples for as many iterations as the optimizer is set to."""

        def loss() -> Tensor:
            optimizer.zero_grad()
            # The sum over members gives each of them the gradient it would have alone.
            total = discriminator_loss(
                self.network(self.real), self.network(self.fake), scale=self.network.size
            )
            total.backward()
            return total

        optimizer.step(loss)

    @torch.no_grad()
    def value(self) -> Array:
        """Return V(D, G) of each network on its own samples: (replicas,)."""
        real, fake = self.network(self.real), self.network(self.fake)
        return (logsigmoid(real).mean(0) + logsigmoid(-fake).mean(0)).numpy()


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
    """Train networks in float64 by L-BFGS: each ends close to the optimum of its empirical V."""
    fit = Fit(p_data, p_g, samples=samples, units=units, replicas=replicas, seed=seed)
    fit.train(
        torch.optim.LBFGS(
            fit.network.parameters(), max_iter=iterations, line_search_fn="strong_wolfe"
        )
    )
    return fit.network


@dataclass(frozen=True)
class Completion:
    """V(D, G) along the training of D to completion: (looks + 1,) and twice (looks + 1, replicas).

    Attributes:
        iterations: of L-BFGS before each look.
        empirical: V on the samples that D is trained on.
        exact: V of eq. 3, with the densities that the samples come from.
    """

    iterations: Array
    empirical: Array
    exact: Array


def train_to_completion(
    p_data: Density,
    p_g: Density,
    *,
    samples: int,
    units: int,
    replicas: int,
    seed: int,
    looks: int,
) -> Completion:
    """Train networks on few samples far beyond the optimum, looking every STRIDE iterations."""
    fit = Fit(p_data, p_g, samples=samples, units=units, replicas=replicas, seed=seed)
    optimizer = torch.optim.LBFGS(
        fit.network.parameters(),
        max_iter=STRIDE,
        max_eval=10 * STRIDE,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    edges = np.linspace(*Mixture((0.5, 0.5), (p_data, p_g)).quantile([1e-7, 1 - 1e-7]), 2001)
    masses = [np.diff(p.cdf(edges)) for p in (p_data, p_g)]
    seen = [(fit.value(), exact_value(fit.network, edges, *masses))]
    for _ in range(looks):
        fit.train(optimizer)
        seen.append((fit.value(), exact_value(fit.network, edges, *masses)))
    empirical, exact = (np.array(values) for values in zip(*seen, strict=True))
    return Completion(STRIDE * np.arange(looks + 1), empirical, exact)


@torch.no_grad()
def exact_value(network: Ensemble, edges: Array, data: Array, model: Array) -> Array:
    """Return V(D, G) of each network from (n,) masses on the cells between the edges, eq. 3."""
    centres = torch.from_numpy((edges[1:] + edges[:-1]) / 2)[:, None].repeat(1, network.size)
    logits = network(centres)
    return data @ logsigmoid(logits).numpy() + model @ logsigmoid(-logits).numpy()


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

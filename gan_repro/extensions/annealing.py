"""log p(x) of a model with a decoder, by importance sampling: plain, and annealed (AIS).

p(x) = E N(x; G(z), σ²I) is what a Gaussian Parzen window estimates with finitely many draws of z.
AIS (Neal 2001; for decoders, Wu et al. 2017) moves chains by Hamiltonian Monte Carlo from where
they are drawn easily to the posterior of z. The mean of its weights is unbiased for p(x), so its
logarithm falls short on average; run backwards from an exact posterior draw, which simulated
images have, it bounds log p(x) from above.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from gan_repro.config.schema import Spec

# A pilot raises or lowers its step by this factor, towards this acceptance: weights are more even
# above the 0.65 that serves a single long chain best.
FACTOR, ACCEPTANCE = 1.1, 0.85
# Draws of each image that go through the decoder at once.
TOGETHER = 50


class AnnealingOptions(Spec):
    """Options of AIS.

    Attributes:
        chains: per image.
        temperatures: between the proposal and the posterior.
        leapfrog: steps of each Hamiltonian move.
        step: of the leapfrog in a pilot's first move; a pilot run sets those that count.
    """

    chains: PositiveInt
    temperatures: PositiveInt
    leapfrog: PositiveInt = 2
    step: PositiveFloat = 0.2


class Proposal(NamedTuple):
    """Where chains are drawn from: N(mean, deviation²) of each image, (n, size) each."""

    mean: Tensor
    deviation: Tensor

    def widened(self, factor: float) -> "Proposal":
        """Return the same with deviations so many times as large."""
        return Proposal(self.mean, factor * self.deviation)


class Target:
    """log p(x, u) relative to a proposal, in coordinates v in which the proposal is N(0, I).

    Args:
        log_joint: (n, size) coordinates u of n images → (n,) log p(x, u).
        proposal: of each of the n images.
    """

    def __init__(self, log_joint: Callable[[Tensor], Tensor], proposal: Proposal) -> None:
        self.log_joint, self.proposal = log_joint, proposal

    def gain(self, v: Tensor) -> Tensor:
        """Return log p(x, u(v)) − log q(u(v)), (n,): its mean exponential under q is p(x)."""
        mean, deviation = self.proposal
        log_q = log_standard(v) - deviation.log().sum(dim=1)
        return self.log_joint(mean + deviation * v) - log_q

    def slope(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gain and its gradient."""
        v = v.detach().requires_grad_(True)
        gain = self.gain(v)
        return gain.detach(), torch.autograd.grad(gain.sum(), v)[0]


def log_standard(v: Tensor) -> Tensor:
    """Return log N(v; 0, I), (n,)."""
    return -0.5 * (v.square() + math.log(2 * math.pi)).sum(dim=1)


class Chains:
    """Chains at one temperature after another: v, its gain, and the gain's gradient.

    Args:
        target: what they move under.
        v: (n, size) where they start.
        rng: for momenta and acceptance.
    """

    def __init__(self, target: Target, v: Tensor, rng: torch.Generator) -> None:
        self.target, self.v, self.rng = target, v, rng
        self.gain, self.slope = target.slope(v)

    def move(self, beta: float, step: float, leapfrog: int) -> float:
        """Make one Hamiltonian move under N(v; 0, I) exp(β gain); return the acceptance rate."""
        v, gain, slope = self.v, self.gain, self.slope
        start = torch.randn(v.shape, generator=self.rng, dtype=v.dtype).to(v.device)
        momentum = start + 0.5 * step * (beta * slope - v)
        for number in range(leapfrog):
            v = v + step * momentum
            gain, slope = self.target.slope(v)
            last = 0.5 if number + 1 == leapfrog else 1.0
            momentum = momentum + last * step * (beta * slope - v)
        before = log_standard(self.v) + beta * self.gain + log_standard(start)
        after = log_standard(v) + beta * gain + log_standard(momentum)
        uniform = torch.rand(len(v), generator=self.rng, dtype=v.dtype).to(v.device)
        taken = uniform.log() < (after - before).nan_to_num(nan=-math.inf)
        self.v = torch.where(taken[:, None], v, self.v)
        self.slope = torch.where(taken[:, None], slope, self.slope)
        self.gain = torch.where(taken, gain, self.gain)
        return float(taken.double().mean())


def schedule(temperatures: int) -> list[float]:
    """Return β from 0 to 1, closer together at both ends (a sigmoid, as Wu et al. use)."""
    points = torch.linspace(-4, 4, temperatures + 1, dtype=torch.float64).sigmoid()
    return ((points - points[0]) / (points[-1] - points[0])).tolist()


def pilot(target: Target, options: AnnealingOptions, rng: torch.Generator) -> list[float]:
    """Return a step for every temperature, adapted along one run that then counts for nothing."""
    mean = target.proposal.mean
    chains, step, steps = Chains(target, _normal(*mean.shape, rng, mean), rng), options.step, []
    for beta in schedule(options.temperatures)[1:]:
        accepted = chains.move(beta, step, options.leapfrog)
        step *= FACTOR if accepted > ACCEPTANCE else 1 / FACTOR
        steps.append(step)
    return steps


def anneal(
    target: Target, v: Tensor, steps: list[float], leapfrog: int, rng: torch.Generator
) -> Tensor:
    """Return the log-weights of AIS from (n, size) draws of the proposal, (n,)."""
    chains, betas = Chains(target, v, rng), schedule(len(steps))
    log_weight = torch.zeros(len(v), dtype=torch.float64, device=v.device)
    for (before, beta), step in zip(pairwise(betas), steps, strict=True):
        log_weight += (beta - before) * chains.gain
        chains.move(beta, step, leapfrog)
    return log_weight


def anneal_back(
    target: Target, v: Tensor, steps: list[float], leapfrog: int, rng: torch.Generator
) -> Tensor:
    """Return the log-weights of AIS run backwards from exact posterior draws, (n,).

    E exp(−log-weight) = 1 / p(x), so −log of that mean lies above log p(x) on average.
    """
    chains, betas = Chains(target, v, rng), schedule(len(steps))
    log_weight = torch.zeros(len(v), dtype=torch.float64, device=v.device)
    for (before, beta), step in zip(reversed(list(pairwise(betas))), reversed(steps), strict=True):
        chains.move(beta, step, leapfrog)
        log_weight += (beta - before) * chains.gain
    return log_weight


def log_mean(log_weights: Tensor) -> Tensor:
    """Return the log of the mean exponential over the first axis."""
    return torch.logsumexp(log_weights, dim=0) - math.log(len(log_weights))


def effective_share(log_weights: Tensor) -> Tensor:
    """Return (Σw)² / Σw² as a part of the number of weights, over the first axis."""
    log_size = 2 * torch.logsumexp(log_weights, 0) - torch.logsumexp(2 * log_weights, 0)
    return log_size.exp() / len(log_weights)


def _normal(count: int, size: int, rng: torch.Generator, like: Tensor) -> Tensor:
    drawn = torch.randn(count, size, generator=rng, dtype=like.dtype)
    return drawn.to(like.device)


@torch.no_grad()
def plain(make_target: Callable[[int], Target], draws: int, rng: torch.Generator) -> Tensor:
    """Return (draws, n) log-weights of plain importance sampling from the proposal.

    Args:
        make_target: k → the target of every image k times over, (k·n rows).
        draws: of each image.
        rng: on the CPU.
    """
    parts = [TOGETHER] * (draws // TOGETHER) + [draws % TOGETHER]
    targets = {together: make_target(together) for together in set(parts) - {0}}
    weights = []
    for together in filter(None, parts):
        mean = targets[together].proposal.mean
        gain = targets[together].gain(_normal(*mean.shape, rng, mean))
        weights.append(gain.view(together, -1))
    return torch.cat(weights)


class Annealed(NamedTuple):
    """AIS estimates of log p(x), (n,) nats, and the effective share of their chains."""

    log_likelihood: Tensor
    effective: Tensor


def ais_likelihood(
    make_target: Callable[[int], Target], options: AnnealingOptions, rng: torch.Generator
) -> tuple[Annealed, list[float]]:
    """Estimate log p(x) of n images.

    Args:
        make_target: k → the target of every image k times over, (k·n rows).
        options: of the chains.
        rng: stream of the chains, on the CPU.

    Returns:
        The estimates, and the steps that the pilot found.
    """
    size = make_target(1).proposal.mean.shape[1]
    steps = pilot(make_target(1), options, rng)
    target = make_target(options.chains)
    v = _normal(len(target.proposal.mean), size, rng, target.proposal.mean)
    weights = anneal(target, v, steps, options.leapfrog, rng).view(options.chains, -1)
    return Annealed(log_mean(weights), effective_share(weights)), steps

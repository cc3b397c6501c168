"""The partition function of an RBM: exactly where it is small, and by AIS where it is not.

Table 2 calls p(x) of undirected models "intractable, may be approximated with AIS"; here the
approximation can be held against the exact value.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_repro.baselines.bernoulli import bernoulli
from gan_repro.baselines.rbm import Rbm
from gan_repro.errors import UserError

# 2²⁰ states of 20 units in float64 take 160 MB.
ENUMERABLE = 20


def binary_states(units: int) -> Tensor:
    """Return all (2^units, units) binary vectors, float64; raises UserError above 20 units."""
    if units > ENUMERABLE:
        raise UserError(f"2^{units} states are too many to enumerate; estimate log Z with ais")
    return (torch.arange(2**units)[:, None] >> torch.arange(units) & 1).double()


def log_partition(rbm: Rbm) -> float:
    """Return log Z in nats by summing over every state of the smaller side, in float64."""
    weight, visible, hidden = (t.double() for t in (rbm.weight, rbm.visible, rbm.hidden))
    if len(visible) < len(hidden):
        weight, visible, hidden = weight.T, hidden, visible
    h = binary_states(len(hidden))
    return float(torch.logsumexp(h @ hidden + softplus(visible + h @ weight.T).sum(dim=1), dim=0))


class LogPartition(NamedTuple):
    """An estimate of log Z and its standard error (delta method), in nats."""

    log_z: float
    se: float


@torch.no_grad()
def ais(rbm: Rbm, temperatures: int, chains: int, rng: torch.Generator) -> LogPartition:
    """Estimate log Z by annealed importance sampling (Salakhutdinov and Murray, 2008).

    Args:
        rbm: the model; its device must be the generator's.
        temperatures: intermediate distributions, evenly spaced in β from a uniform v to the RBM.
        chains: independent importance weights; the error falls with their square root.
        rng: stream of the chains.
    """
    v = torch.full((chains, len(rbm.visible)), 0.5, device=rbm.weight.device)
    v = bernoulli(v.to(rbm.weight.dtype), rng)
    log_weight = torch.zeros(chains, dtype=torch.float64, device=v.device)
    betas = torch.linspace(0, 1, temperatures + 1).tolist()
    for before, beta in pairwise(betas):
        log_weight += _log_unnormalised(rbm, v, beta) - _log_unnormalised(rbm, v, before)
        v = _anneal(rbm, v, beta, rng)
    start = (len(rbm.visible) + len(rbm.hidden)) * math.log(2)
    mean = torch.logsumexp(log_weight, dim=0) - math.log(chains)
    relative = torch.exp(log_weight - mean)
    return LogPartition(start + float(mean), float(relative.std() / math.sqrt(chains)))


def _log_unnormalised(rbm: Rbm, v: Tensor, beta: float) -> Tensor:
    """Return log Σ_h exp(−β E(v, h)), (n,) float64."""
    energy = beta * (v @ rbm.visible) + softplus(beta * rbm.hidden_logits(v)).sum(dim=1)
    return energy.double()


def _anneal(rbm: Rbm, v: Tensor, beta: float, rng: torch.Generator) -> Tensor:
    h = bernoulli((beta * rbm.hidden_logits(v)).sigmoid(), rng)
    return bernoulli((beta * rbm.visible_logits(h)).sigmoid(), rng)

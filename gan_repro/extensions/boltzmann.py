"""Boltzmann machines small enough to enumerate: an RBM, and one with two hidden layers (a DBM).

What Table 2 calls intractable is a finite sum here, so every approximation meets its exact value.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_repro.baselines.partition import binary_states
from gan_repro.baselines.rbm import Rbm
from gan_repro.data.dataset import Dataset
from gan_repro.training.adam import AdamDescent

SIDE = 3
RATE = 0.05
TOLERANCE, MOST_ROUNDS = 1e-8, 500


def coarse_bits(dataset: Dataset) -> Tensor:
    """Return the training images as (N, 9) bits: means of 3 × 3 blocks, above their median or not.

    Raises ValueError for images in colour.
    """
    rows, columns = dataset.shape
    images = dataset.images(dataset.train).reshape(-1, rows, columns)
    blocks = [
        part.mean(axis=(1, 2))
        for band in np.array_split(images, SIDE, axis=1)
        for part in np.array_split(band, SIDE, axis=2)
    ]
    means = np.stack(blocks, axis=1)
    return torch.from_numpy(means > np.median(means, axis=0)).double()


def frequencies(bits: Tensor) -> Tensor:
    """Return how often each of the 2^d states is among (N, d) bits, in `binary_states`' order."""
    places = (bits * 2 ** torch.arange(bits.shape[1])).sum(dim=1).long()
    return torch.bincount(places, minlength=2 ** bits.shape[1]).double() / len(bits)


def new_rbm(visible: int, hidden: int, rng: torch.Generator) -> Rbm:
    """Return an RBM with weights from N(0, 0.01) and no biases, float64, to be fitted."""
    weight = torch.randn(visible, hidden, generator=rng, dtype=torch.float64).mul_(0.1)
    biases = (torch.zeros(n, dtype=torch.float64) for n in (visible, hidden))
    return Rbm(dict(zip(("weight", "visible", "hidden"), (weight, *biases), strict=True)))


def gibbs_matrices(rbm: Rbm) -> tuple[Tensor, Tensor]:
    """Return p(h | v) and p(v | h) of every pair of states, (2^d, 2^units) and its counterpart."""
    v, h = binary_states(len(rbm.visible)), binary_states(len(rbm.hidden))
    return _products(rbm.hidden_logits(v), h), _products(rbm.visible_logits(h), v)


def _products(logits: Tensor, states: Tensor) -> Tensor:
    """Return Π_j Bernoulli(state_j; sigmoid(logit_j)) of every row and state."""
    return torch.exp(logits @ states.T - softplus(logits).sum(dim=1, keepdim=True))


def statistics(rbm: Rbm, distribution: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return E[v hᵀ], E[v] and E[h] under a distribution of v and the RBM's own p(h | v)."""
    v = binary_states(len(rbm.visible))
    h = rbm.hidden_logits(v).sigmoid()
    return (v * distribution[:, None]).T @ h, distribution @ v, distribution @ h


# (model, data frequencies) → the statistics of the negative phase.
NegativePhase = Callable[[Rbm, Tensor], tuple[Tensor, ...]]


def by_chains(transitions: int) -> NegativePhase:
    """Return what CD-k estimates: so many Gibbs transitions from the data, their expectation."""

    def negative(rbm: Rbm, data: Tensor) -> tuple[Tensor, ...]:
        (up, down), reached = gibbs_matrices(rbm), data
        for _ in range(transitions):
            reached = reached @ up @ down
        return statistics(rbm, reached)

    return negative


def exactly(rbm: Rbm, data: Tensor) -> tuple[Tensor, ...]:
    """Return the statistics of the model itself: the gradient of log Z."""
    return statistics(rbm, model_probabilities(rbm))


def by_mean_field(rbm: Rbm, data: Tensor) -> tuple[Tensor, ...]:
    """Return those of independent units at a mean-field solution: no chain is run."""
    v = data @ binary_states(len(rbm.visible))
    for _ in range(30):
        h = rbm.hidden_logits(v[None]).sigmoid()
        v = rbm.visible_logits(h).sigmoid()[0]
    return torch.outer(v, h[0]), v, h[0]


def without_model(rbm: Rbm, data: Tensor) -> tuple[Tensor, ...]:
    """Return zeros: the partition function's gradient left out."""
    return tuple(torch.zeros_like(part) for part in statistics(rbm, data))


def fit_with(
    negative: NegativePhase, data: Tensor, hidden: int, steps: int, rng: torch.Generator
) -> Rbm:
    """Return an RBM fitted with some negative phase, everything else exact."""
    rbm = new_rbm(int(np.log2(len(data))), hidden, rng)
    optimizer = AdamDescent([rbm.weight, rbm.visible, rbm.hidden], RATE)
    for step in range(steps):
        pairs = zip(negative(rbm, data), statistics(rbm, data), strict=True)
        optimizer.learning_rate = RATE * (1 - step / steps)
        optimizer.step([model - positive for model, positive in pairs])
    return rbm


def model_probabilities(rbm: Rbm) -> Tensor:
    """Return p(v) of every state, (2^d,)."""
    return torch.softmax(-rbm.free_energy(binary_states(len(rbm.visible))), dim=0)


def likelihood(rbm: Rbm, data: Tensor) -> float:
    """Return the exact mean log-likelihood of (2^d,) frequencies, in nats."""
    scores = -rbm.free_energy(binary_states(len(rbm.visible)))
    return float(data @ scores - torch.logsumexp(scores, dim=0))


def relaxation(rbm: Rbm) -> float:
    """Return 1 / (1 − λ₂): Gibbs transitions in which what is slowest falls by a factor e."""
    up, down = gibbs_matrices(rbm)
    model = model_probabilities(rbm).sqrt()
    # Reversible, so this symmetric form has the same eigenvalues.
    symmetric = model[:, None] * (up @ down) / model
    return float(1 / (1 - torch.linalg.eigvalsh((symmetric + symmetric.T) / 2)[-2]))


class Dbm(NamedTuple):
    """A deep Boltzmann machine: log p̃(v, h1, h2) = v·W1·h1 + h1·W2·h2 + v·a + h1·b + h2·c."""

    w1: Tensor
    w2: Tensor
    a: Tensor
    b: Tensor
    c: Tensor

    def log_joint(self, v: Tensor, h1: Tensor) -> Tensor:
        """Return log Σ_h2 p̃ of every pair of (n, d) and (m, units) states: (n, m)."""
        own = h1 @ self.b + softplus(h1 @ self.w2 + self.c).sum(dim=1)
        return v @ self.w1 @ h1.T + (v @ self.a)[:, None] + own

    def log_scores(self) -> Tensor:
        """Return log p̃(v) of every v, (2^d,)."""
        v, h1 = binary_states(len(self.a)), binary_states(len(self.b))
        return torch.logsumexp(self.log_joint(v, h1), dim=1)


def fit_dbm(
    data: Tensor, hidden: tuple[int, int], steps: int, rng: torch.Generator
) -> tuple[Dbm, float]:
    """Return a DBM fitted by its exact likelihood, and that likelihood."""
    visible, (first, second) = int(np.log2(len(data))), hidden
    shapes = ((visible, first), (first, second), (visible,), (first,), (second,))
    parameters = [
        torch.randn(*shape, generator=rng, dtype=torch.float64).mul_(0.1).requires_grad_()
        for shape in shapes
    ]
    dbm = Dbm(*parameters)
    optimizer = AdamDescent(parameters, RATE)
    for _ in range(steps):
        scores = dbm.log_scores()
        mean = (data * scores).sum() - torch.logsumexp(scores, dim=0)
        optimizer.descend(-mean)
    return Dbm(*(parameter.detach() for parameter in parameters)), mean.item()


class Inference(NamedTuple):
    """Mean-field inference against the exact posterior, for each of n visible states.

    Attributes:
        gap: KL(q ‖ p(h | v)) in nats: what the variational bound on log p(v) lacks.
        error: largest error of a posterior marginal.
        rounds: updates of both layers until no marginal moves by 1e-8.
    """

    gap: Tensor
    error: Tensor
    rounds: int


def mean_field(dbm: Dbm, v: Tensor) -> Inference:
    """Infer both hidden layers of (n, d) states by mean field (Salakhutdinov and Hinton 2009)."""
    q1 = torch.full((len(v), len(dbm.b)), 0.5, dtype=v.dtype)
    q2 = torch.full((len(v), len(dbm.c)), 0.5, dtype=v.dtype)
    up, rounds, moved = v @ dbm.w1 + dbm.b, 0, 1.0
    while moved > TOLERANCE and rounds < MOST_ROUNDS:
        before, rounds = q1, rounds + 1
        q1 = (up + q2 @ dbm.w2.T).sigmoid()
        q2 = (q1 @ dbm.w2 + dbm.c).sigmoid()
        moved = float((q1 - before).abs().max())
    energy = (q1 * up).sum(dim=1) + ((q1 @ dbm.w2) * q2).sum(dim=1) + q2 @ dbm.c + v @ dbm.a
    bound = energy + _entropy(q1) + _entropy(q2)
    h1 = binary_states(len(dbm.b))
    logs = dbm.log_joint(v, h1)
    posterior = torch.softmax(logs, dim=1)
    exact1 = posterior @ h1
    exact2 = posterior @ (h1 @ dbm.w2 + dbm.c).sigmoid()
    error = torch.cat([q1 - exact1, q2 - exact2], dim=1).abs().amax(dim=1)
    return Inference(torch.logsumexp(logs, dim=1) - bound, error, rounds)


def _entropy(q: Tensor) -> Tensor:
    return -(torch.xlogy(q, q) + torch.xlogy(1 - q, 1 - q)).sum(dim=1)

"""Table 2, "careful design needed to ensure multiple properties": an RBM with one of them broken.

Block Gibbs sampling draws from the model because hidden units are independent given the visible
ones, because both directions share their weights, and because the sum over states is finite.
"""

import math

import torch
from torch import Tensor

from gan_repro.baselines.partition import binary_states
from gan_repro.baselines.rbm import Rbm
from gan_repro.extensions.boltzmann import gibbs_matrices
from gan_repro.extensions.records import Measure, exact

TRANSITIONS = 2_000
# Standard deviation of what is added to break a property, next to weights of about one.
STRENGTH = 0.5


def broken_properties(rbm: Rbm, rng: torch.Generator) -> dict[str, Measure]:
    """Return the total variation between what Gibbs chains draw and the model, exactly.

    For the intact RBM, for one with couplings among hidden units that the chain cannot see, and
    for one whose way down has other weights than its way up. And how much log Z grows where the
    range of two rectified units does, with a coupling that their squares hold, and one they do not.
    """
    up, down = gibbs_matrices(rbm)
    model = model_distribution(rbm, torch.zeros(len(rbm.hidden), len(rbm.hidden)).double())
    lateral = STRENGTH * _normal(len(rbm.hidden), len(rbm.hidden), rng).triu(1)
    other = Rbm(
        {
            "weight": rbm.weight + STRENGTH * _normal(*rbm.weight.shape, rng),
            "visible": rbm.visible,
            "hidden": rbm.hidden,
        }
    )
    found = {
        "intact": variation(stationary(up, down), model),
        "couplings within a layer": variation(
            stationary(up, down), model_distribution(rbm, lateral)
        ),
        "weights not shared": variation(stationary(up, gibbs_matrices(other)[1]), model),
    }
    growths = {
        f"growth of log Z/coupling {coupling:g}": exact(
            rectified_log_partition(coupling, 16) - rectified_log_partition(coupling, 8), "nats"
        )
        for coupling in (0.5, 1.5)
    }
    return {f"variation/{name}": exact(value) for name, value in found.items()} | growths


def model_distribution(rbm: Rbm, lateral: Tensor) -> Tensor:
    """Return p(v) of an RBM with (units, units) couplings h·L·h added, (2^d,)."""
    v, h = binary_states(len(rbm.visible)), binary_states(len(rbm.hidden))
    within = (h @ lateral * h).sum(dim=1) + h @ rbm.hidden
    logs = v @ rbm.weight @ h.T + (v @ rbm.visible)[:, None] + within
    return torch.softmax(torch.logsumexp(logs, dim=1), dim=0)


def stationary(up: Tensor, down: Tensor) -> Tensor:
    """Return the distribution of v that the chain up and down settles in."""
    p = torch.full((len(up),), 1 / len(up), dtype=up.dtype)
    for _ in range(TRANSITIONS):
        p = p @ up @ down
    return p


def variation(p: Tensor, q: Tensor) -> float:
    """Return the total variation distance of two distributions over the same states."""
    return float((p - q).abs().sum() / 2)


def rectified_log_partition(coupling: float, reach: float, points: int = 801) -> float:
    """Return log ∫∫ exp(w·v·h − (v² + h²)/2) over [0, reach]², finite in the limit for w < 1."""
    axis = torch.linspace(0, reach, points, dtype=torch.float64)
    v, h = axis[:, None], axis
    cell = 2 * math.log(float(axis[1]))
    return float(torch.logsumexp((coupling * v * h - (v**2 + h**2) / 2).flatten(), 0)) + cell


def _normal(rows: int, columns: int, rng: torch.Generator) -> Tensor:
    return torch.randn(rows, columns, generator=rng, dtype=torch.float64)

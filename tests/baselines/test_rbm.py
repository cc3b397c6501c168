"""The RBM against sums over every state of small ones."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from gan_repro.baselines.partition import ais, binary_states, log_partition
from gan_repro.baselines.rbm import Rbm
from gan_repro.errors import UserError


def small(visible: int = 4, hidden: int = 3, scale: float = 1.0, seed: int = 0) -> Rbm:
    rng = torch.Generator().manual_seed(seed)
    shapes = {"weight": (visible, hidden), "visible": (visible,), "hidden": (hidden,)}
    return Rbm(
        {n: scale * torch.randn(s, generator=rng, dtype=torch.float64) for n, s in shapes.items()}
    )


def probabilities(rbm: Rbm) -> torch.Tensor:
    """p(v) of every state, (2^d,)."""
    return torch.exp(-rbm.free_energy(binary_states(len(rbm.visible))) - log_partition(rbm))


def negative_energies(rbm: Rbm) -> torch.Tensor:
    """−E(v, h) of every pair of states, (2^d, 2^units), from the definition."""
    v, h = binary_states(len(rbm.visible)), binary_states(len(rbm.hidden))
    return v @ rbm.weight @ h.T + (v @ rbm.visible)[:, None] + h @ rbm.hidden


def negative_log_likelihood(parameters: list[torch.Tensor], data: torch.Tensor) -> torch.Tensor:
    rbm = Rbm(dict(zip(("weight", "visible", "hidden"), parameters, strict=True)))
    everything = binary_states(len(rbm.visible))
    return rbm.free_energy(data).mean() + torch.logsumexp(-rbm.free_energy(everything), dim=0)


@pytest.mark.parametrize(("visible", "hidden"), [(4, 3), (3, 5), (1, 1)])
def test_log_partition_is_the_sum_over_all_pairs_of_states(visible, hidden):
    rbm = small(visible, hidden)
    expected = float(torch.logsumexp(negative_energies(rbm).flatten(), dim=0))
    assert log_partition(rbm) == pytest.approx(expected, abs=1e-12)


def test_free_energy_sums_out_the_hidden_units():
    rbm = small()
    expected = -torch.logsumexp(negative_energies(rbm), dim=1)
    torch.testing.assert_close(rbm.free_energy(binary_states(4)), expected)


def test_probabilities_add_up_to_one():
    assert float(probabilities(small()).sum()) == pytest.approx(1, abs=1e-12)


def test_conditionals_are_those_of_the_joint():
    rbm = small()
    joint = negative_energies(rbm).exp()
    given_v = (joint @ binary_states(3)) / joint.sum(dim=1, keepdim=True)
    torch.testing.assert_close(rbm.hidden_logits(binary_states(4)).sigmoid(), given_v)
    given_h = (joint.T @ binary_states(4)) / joint.T.sum(dim=1, keepdim=True)
    torch.testing.assert_close(rbm.visible_logits(binary_states(3)).sigmoid(), given_h)


def transition_matrix(rbm: Rbm) -> torch.Tensor:
    """T[v, v'] of one Gibbs transition, from the conditionals that `gibbs` draws from."""
    v, h = binary_states(len(rbm.visible)), binary_states(len(rbm.hidden))

    def likelihood(p: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        return torch.exp(p.log() @ states.T + (1 - p).log() @ (1 - states).T)

    up = likelihood(rbm.hidden_logits(v).sigmoid(), h)
    return up @ likelihood(rbm.visible_logits(h).sigmoid(), v)


def test_the_model_is_the_left_eigenvector_of_the_gibbs_transition():
    rbm = small()
    transition, p = transition_matrix(rbm), probabilities(rbm)
    torch.testing.assert_close(transition.sum(dim=1), torch.ones(16, dtype=torch.float64))
    torch.testing.assert_close(p @ transition, p)


def codes(v: torch.Tensor) -> np.ndarray:
    return (v @ 2.0 ** torch.arange(v.shape[1], dtype=v.dtype)).long().numpy()


def test_gibbs_draws_leave_the_model_unchanged():
    rbm, rng = small(scale=1.5), torch.Generator().manual_seed(1)
    p, count = probabilities(rbm), 40_000
    v = binary_states(4)[torch.multinomial(p, count, replacement=True, generator=rng)]
    for _ in range(3):
        v, _ = rbm.gibbs(v, rng)
    assert chisquare(np.bincount(codes(v), minlength=16), count * p.numpy()).pvalue > 1e-3


def test_gibbs_draws_follow_the_transition_matrix():
    rbm, rng = small(scale=1.5), torch.Generator().manual_seed(2)
    count, start = 40_000, 5
    v, means = rbm.gibbs(binary_states(4)[start].expand(count, 4), rng)
    expected = count * transition_matrix(rbm)[start].numpy()
    assert chisquare(np.bincount(codes(v), minlength=16), expected).pvalue > 1e-3
    torch.testing.assert_close(means.mean(dim=0), v.mean(dim=0), atol=0.02, rtol=0)


def test_contrast_against_every_state_is_the_exact_gradient():
    rbm, data = small(), binary_states(4)[[0, 3, 3, 9, 14]]
    parameters = [t.clone().requires_grad_() for t in (rbm.weight, rbm.visible, rbm.hidden)]
    exact = torch.autograd.grad(negative_log_likelihood(parameters, data), parameters)
    rng = torch.Generator().manual_seed(3)
    rows = torch.multinomial(probabilities(rbm), 200_000, replacement=True, generator=rng)
    found, _ = rbm.contrast(data, rbm.hidden_logits(data), binary_states(4)[rows])
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one, other, atol=6e-3, rtol=0)


def test_contrast_is_the_gradient_of_the_difference_it_reports():
    rbm, rng = small(5, 4), torch.Generator().manual_seed(4)
    data = torch.rand(7, 5, generator=rng, dtype=torch.float64)
    model = torch.rand(3, 5, generator=rng, dtype=torch.float64).round()
    leaves = {n: getattr(rbm, n).clone().requires_grad_() for n in ("weight", "visible", "hidden")}
    free = Rbm(leaves)
    gap = free.free_energy(data).mean() - free.free_energy(model).mean()
    expected = torch.autograd.grad(gap, list(leaves.values()))
    found, reported = rbm.contrast(data, rbm.hidden_logits(data), model)
    torch.testing.assert_close(reported, gap.detach()[None])
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def contrastive_divergence(rbm: Rbm, data: torch.Tensor, steps: int) -> torch.Tensor:
    """The CD-k weight gradient, averaged over 40,000 chains."""
    rng = torch.Generator().manual_seed(5)
    data = data.repeat(40_000 // len(data), 1)
    model = data
    for _ in range(steps):
        model, _ = rbm.gibbs(model, rng)
    return rbm.contrast(data, rbm.hidden_logits(data), model)[0][0]


def test_contrastive_divergence_approaches_the_exact_gradient_with_its_steps():
    rbm, data = small(scale=2.0), binary_states(4)[[0, 3, 9, 15]]
    parameters = [t.clone().requires_grad_() for t in (rbm.weight, rbm.visible, rbm.hidden)]
    exact = torch.autograd.grad(negative_log_likelihood(parameters, data), parameters)[0]
    errors = [float((contrastive_divergence(rbm, data, k) - exact).norm()) for k in (1, 3, 50)]
    assert errors[0] > 1.5 * errors[1]
    assert errors[1] > 1.5 * errors[2]
    assert errors[2] < 0.02


# Where temperatures are few, a chain that lags by one of them is far behind.
@pytest.mark.parametrize(("temperatures", "chains"), [(500, 400), (5, 40_000)])
def test_ais_finds_the_exact_log_partition(temperatures, chains):
    rbm = small(12, 8, scale=0.6)
    found = ais(rbm, temperatures, chains, rng=torch.Generator().manual_seed(6))
    exact = log_partition(rbm)
    assert found.se < 0.03
    assert abs(found.log_z - exact) < 4 * found.se
    # The weights matter: without them log Z would be another number by far.
    independent = Rbm({"weight": 0 * rbm.weight, "visible": rbm.visible, "hidden": rbm.hidden})
    assert abs(exact - log_partition(independent)) > 1


def test_ais_is_exact_where_there_is_nothing_to_anneal():
    flat = small(5, 4, scale=0.0)
    found = ais(flat, temperatures=3, chains=2, rng=torch.Generator().manual_seed(0))
    assert found.log_z == pytest.approx(9 * math.log(2))
    assert found.se == 0


def test_too_many_states_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"2\^21 states"):
        log_partition(small(30, 21))

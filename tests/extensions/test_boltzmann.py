"""Boltzmann machines that are enumerated, against sums over states written out in loops."""

import itertools

import numpy as np
import pytest
import torch

from gan_repro.baselines.partition import log_partition
from gan_repro.extensions.boltzmann import (
    Dbm,
    by_chains,
    exactly,
    fit_dbm,
    fit_with,
    frequencies,
    gibbs_matrices,
    likelihood,
    mean_field,
    model_probabilities,
    new_rbm,
    relaxation,
    statistics,
    without_model,
)
from gan_repro.extensions.broken_properties import (
    model_distribution,
    rectified_log_partition,
    stationary,
    variation,
)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def states(size: int) -> list[tuple[int, ...]]:
    """Return every state, the first bit fastest, as the package orders them."""
    return [state[::-1] for state in itertools.product((0, 1), repeat=size)]


@pytest.fixture
def rbm():
    made = new_rbm(4, 3, rng())
    for part, seed in ((made.weight, 1), (made.visible, 2), (made.hidden, 3)):
        part.copy_(torch.randn(part.shape, generator=rng(seed), dtype=torch.float64))
    return made


def weight_of(rbm, v, h) -> float:
    v, h = (np.array(part, dtype=float) for part in (v, h))
    return np.exp(v @ rbm.weight.numpy() @ h + v @ rbm.visible.numpy() + h @ rbm.hidden.numpy())


def test_probabilities_and_likelihood_are_sums_over_states(rbm):
    table = np.array([[weight_of(rbm, v, h) for h in states(3)] for v in states(4)])
    expected = table.sum(axis=1) / table.sum()
    np.testing.assert_allclose(model_probabilities(rbm), expected, rtol=1e-10)
    assert log_partition(rbm) == pytest.approx(np.log(table.sum()))
    data = torch.rand(16, generator=rng(4), dtype=torch.float64)
    data /= data.sum()
    assert likelihood(rbm, data) == pytest.approx(float(data.numpy() @ np.log(expected)))
    up, down = gibbs_matrices(rbm)
    np.testing.assert_allclose(up, table / table.sum(axis=1, keepdims=True), rtol=1e-10)
    np.testing.assert_allclose(down, (table / table.sum(axis=0)).T, rtol=1e-10)


def test_the_gradient_is_that_of_the_likelihood(rbm):
    """Positive less negative statistics, against a difference quotient."""
    data = torch.rand(16, generator=rng(5), dtype=torch.float64)
    data /= data.sum()
    pairs = zip(statistics(rbm, data), exactly(rbm, data), strict=True)
    gradient = [positive - negative for positive, negative in pairs]
    for part, found in zip((rbm.weight, rbm.visible, rbm.hidden), gradient, strict=True):
        flat = part.view(-1)
        for place in range(flat.numel()):
            flat[place] += 1e-6
            above = likelihood(rbm, data)
            flat[place] -= 2e-6
            below = likelihood(rbm, data)
            flat[place] += 1e-6
            assert (above - below) / 2e-6 == pytest.approx(float(found.view(-1)[place]), abs=1e-7)


def test_many_transitions_are_the_exact_gradient_and_none_the_data(rbm):
    data = torch.rand(16, generator=rng(6), dtype=torch.float64)
    data /= data.sum()
    for found, expected in zip(by_chains(2_000)(rbm, data), exactly(rbm, data), strict=True):
        torch.testing.assert_close(found, expected)
    for found, expected in zip(by_chains(0)(rbm, data), statistics(rbm, data), strict=True):
        torch.testing.assert_close(found, expected)


def test_relaxation_is_the_rate_at_which_the_chain_forgets(rbm):
    rbm.weight.mul_(3)
    up, down = gibbs_matrices(rbm)
    model = model_probabilities(rbm)
    p = torch.zeros(16, dtype=torch.float64)
    p[0] = 1
    distances = []
    for _ in range(60):
        p = p @ up @ down
        distances.append(float((p - model).abs().sum()))
    rate = (distances[20] / distances[15]) ** (1 / 5)
    assert relaxation(rbm) == pytest.approx(1 / (1 - rate), rel=0.02)


def test_the_exact_gradient_fits_and_none_of_log_z_ruins():
    bits = torch.randint(2, (400, 1), generator=rng(7)).double().expand(-1, 4)
    data = frequencies(bits)
    assert data[0] + data[15] == pytest.approx(1)
    good = likelihood(fit_with(exactly, data, 3, 200, rng()), data)
    bad = likelihood(fit_with(without_model, data, 3, 200, rng()), data)
    entropy = float(torch.xlogy(data, data).sum())
    assert entropy - 0.2 < good <= entropy
    assert bad < good - 10


def random_dbm(scale: float) -> Dbm:
    shapes = ((4, 3), (3, 2), (4,), (3,), (2,))
    return Dbm(
        *(
            scale * torch.randn(*s, generator=rng(i), dtype=torch.float64)
            for i, s in enumerate(shapes)
        )
    )


def dbm_weight(dbm: Dbm, v, h1, h2) -> float:
    v, h1, h2 = (np.array(part, dtype=float) for part in (v, h1, h2))
    w1, w2, a, b, c = (part.numpy() for part in dbm)
    return np.exp(v @ w1 @ h1 + h1 @ w2 @ h2 + v @ a + h1 @ b + h2 @ c)


def test_mean_field_is_a_fixed_point_and_its_gap_a_divergence():
    """Against the posterior by enumeration: gap = KL(q ‖ p(h | v)) of the fixed point of q."""
    dbm, v = random_dbm(0.8), states(4)[5]
    found = mean_field(dbm, torch.tensor([v], dtype=torch.float64))
    q1, q2 = np.full(3, 0.5), np.full(2, 0.5)
    w1, w2, _, b, c = (part.numpy() for part in dbm)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    for _ in range(3_000):
        q1 = sigmoid(np.array(v) @ w1 + w2 @ q2 + b)
        q2 = sigmoid(q1 @ w2 + c)
    joint = {(h1, h2): dbm_weight(dbm, v, h1, h2) for h1 in states(3) for h2 in states(2)}
    total, divergence = sum(joint.values()), 0.0
    for (h1, h2), weight in joint.items():
        q = np.prod(np.where(h1, q1, 1 - q1)) * np.prod(np.where(h2, q2, 1 - q2))
        divergence += q * np.log(q / (weight / total))
    assert float(found.gap[0]) == pytest.approx(divergence, abs=1e-7)
    marginals = [sum(w for (h1, h2), w in joint.items() if (*h1, *h2)[j]) / total for j in range(5)]
    error = np.abs(np.concatenate([q1, q2]) - marginals).max()
    assert float(found.error[0]) == pytest.approx(error, abs=1e-7)
    assert found.gap[0] > 1e-3


def test_without_couplings_above_mean_field_is_exact():
    dbm = random_dbm(0.8)._replace(w2=torch.zeros(3, 2, dtype=torch.float64))
    found = mean_field(dbm, torch.tensor(states(4), dtype=torch.float64))
    assert found.gap.abs().max() < 1e-10
    assert found.error.max() < 1e-10


def test_a_dbm_is_fitted_by_its_exact_likelihood():
    bits = torch.randint(2, (400, 1), generator=rng(8)).double().expand(-1, 4)
    data = frequencies(bits)
    dbm, reached = fit_dbm(data, (3, 2), 200, rng())
    table = [
        sum(dbm_weight(dbm, v, h1, h2) for h1 in states(3) for h2 in states(2)) for v in states(4)
    ]
    expected = float(data.numpy() @ np.log(np.array(table) / sum(table)))
    assert expected == pytest.approx(reached, abs=0.05)
    assert expected > float(torch.xlogy(data, data).sum()) - 0.3


def test_an_intact_chain_draws_from_its_model_and_a_broken_one_does_not(rbm):
    up, down = gibbs_matrices(rbm)
    intact = model_distribution(rbm, torch.zeros(3, 3, dtype=torch.float64))
    torch.testing.assert_close(intact, model_probabilities(rbm))
    assert variation(stationary(up, down), intact) < 1e-12
    lateral = torch.randn(3, 3, generator=rng(9), dtype=torch.float64).triu(1)
    coupled = model_distribution(rbm, lateral)
    table = np.array(
        [
            [
                weight_of(rbm, v, h) * np.exp(np.array(h) @ lateral.numpy() @ np.array(h))
                for h in states(3)
            ]
            for v in states(4)
        ]
    )
    np.testing.assert_allclose(coupled, table.sum(axis=1) / table.sum(), rtol=1e-10)
    assert variation(stationary(up, down), coupled) > 0.01


def test_the_partition_function_of_rectified_units_is_an_orthant_probability():
    """∫∫ over the positive quadrant of a bivariate normal: (π/2 + asin w) / √(1 − w²)."""
    w = 0.5
    expected = np.log((np.pi / 2 + np.arcsin(w)) / np.sqrt(1 - w**2))
    assert rectified_log_partition(w, 10, 2_001) == pytest.approx(expected, abs=0.01)
    assert rectified_log_partition(1.5, 16) > rectified_log_partition(1.5, 8) + 50

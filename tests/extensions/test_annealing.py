"""AIS against models whose log p(x) is known: in closed form, and by integration on a grid."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from gan_repro.baselines.vae_model import Vae, log_gaussian
from gan_repro.extensions.annealing import (
    AnnealingOptions,
    Proposal,
    Target,
    ais_likelihood,
    anneal,
    anneal_back,
    effective_share,
    log_mean,
    log_standard,
    pilot,
    plain,
    schedule,
)
from gan_repro.networks.build import build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start

OPTIONS = AnnealingOptions(chains=200, temperatures=300, leapfrog=3)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def linear():
    """x = W u + 0.3 noise in 5 dimensions, u in 3: the log-density, and 6 images of the model."""
    weight = torch.randn(5, 3, generator=rng(), dtype=torch.float64)
    x = torch.randn(6, 3, generator=rng(1), dtype=torch.float64) @ weight.T
    x += 0.3 * torch.randn(6, 5, generator=rng(2), dtype=torch.float64)
    covariance = weight @ weight.T + 0.09 * torch.eye(5, dtype=torch.float64)
    exact = stats.multivariate_normal(np.zeros(5), covariance.numpy()).logpdf(x.numpy())

    def target(times: int, mean: float = 0.0, deviation: float = 1.0) -> Target:
        rows = x.repeat(times, 1)
        variance = torch.full((), 2 * math.log(0.3), dtype=torch.float64)
        proposal = Proposal(
            torch.full((len(rows), 3), mean, dtype=torch.float64),
            torch.full((len(rows), 3), deviation, dtype=torch.float64),
        )
        return Target(
            lambda u: log_standard(u) + log_gaussian(rows, u @ weight.T, variance), proposal
        )

    return weight, x, exact, target


def test_annealed_estimates_equal_the_closed_form(linear):
    *_, exact, target = linear
    found, _ = ais_likelihood(target, OPTIONS, rng(3))
    np.testing.assert_allclose(found.log_likelihood, exact, atol=0.15)
    assert (found.effective > 0.2).all()


def test_the_proposal_does_not_matter_to_the_estimate(linear):
    *_, exact, target = linear
    found, _ = ais_likelihood(lambda k: target(k, 0.3, 0.7), OPTIONS, rng(4))
    np.testing.assert_allclose(found.log_likelihood, exact, atol=0.15)


def test_plain_importance_sampling_agrees_where_it_has_enough_draws(linear):
    *_, exact, target = linear
    weights = plain(target, 40_000, rng(5))
    enough = (effective_share(weights) * len(weights) > 100).numpy()
    assert enough.sum() >= 2
    np.testing.assert_allclose(log_mean(weights)[enough], exact[enough], atol=0.3)


def test_backward_chains_bound_from_above_and_forward_ones_from_below(linear):
    """With few temperatures both bounds are loose, on their own sides of the truth."""
    weight, x, exact, target = linear
    precision = weight.T @ weight / 0.09 + torch.eye(3, dtype=torch.float64)
    covariance = torch.linalg.inv(precision)
    mean = x @ weight @ covariance / 0.09
    factor = torch.linalg.cholesky(covariance)
    normal = torch.randn(200 * 6, 3, generator=rng(6), dtype=torch.float64)
    posterior = mean.repeat(200, 1) + normal @ factor.T
    options = AnnealingOptions(chains=200, temperatures=200)
    steps = pilot(target(1), options, rng(7))
    start = torch.randn(200 * 6, 3, generator=rng(8), dtype=torch.float64)
    forward = anneal(target(200), start, steps, 2, rng(9)).view(200, 6)
    backward = anneal_back(target(200), posterior, steps, 2, rng(10)).view(200, 6)
    # Means of logarithms, so that Jensen's gap shows on both sides.
    assert (forward.mean(dim=0) < torch.from_numpy(exact)).all()
    assert (backward.mean(dim=0) > torch.from_numpy(exact)).all()
    np.testing.assert_allclose(-log_mean(-backward), exact, atol=0.6)


def test_a_decoder_with_two_coordinates_is_integrated_on_a_grid():
    layers = (
        Dense(type="relu", units=20, irange=1.0),
        Dense(type="sigmoid", units=9, irange=1.0),
    )
    decoder = build_stack(layers, 2, Start(rng(1))).double().requires_grad_(False)
    head = Dense(type="linear", units=4, irange=0.3)
    encoder = build_stack((head,), 9, Start(rng(2))).double().requires_grad_(False)
    vae = Vae(encoder, decoder, torch.tensor([math.log(0.2)], dtype=torch.float64))
    x = decoder(torch.randn(5, 2, generator=rng(3), dtype=torch.float64))
    x = x + 0.2 * torch.randn(5, 9, generator=rng(4), dtype=torch.float64)
    axis = torch.linspace(-7, 7, 561, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    cell = float(axis[1] - axis[0]) ** 2
    image = decoder(grid)
    exact = [
        torch.logsumexp(log_standard(grid) + log_gaussian(row, image, 2 * vae.log_deviation), 0)
        + math.log(cell)
        for row in x
    ]
    exact = torch.stack(exact)

    def target(times: int) -> Target:
        rows = x.repeat(times, 1)
        mean, log_variance = vae.posterior(rows)
        joint = lambda u: log_standard(u) + vae.log_conditional(rows, u)  # noqa: E731
        return Target(joint, Proposal(mean, (0.5 * log_variance).exp()))

    found, _ = ais_likelihood(target, OPTIONS, rng(5))
    np.testing.assert_allclose(found.log_likelihood, exact, atol=0.15)
    weighted = log_mean(plain(target, 20_000, rng(6)))
    np.testing.assert_allclose(weighted, exact, atol=0.15)
    # The bounds in order: one draw, a hundred, all.
    draws = plain(target, 4_000, rng(7))
    elbo = draws.mean(dim=0)
    hundred = log_mean(draws.view(40, 100, -1).transpose(0, 1)).mean(dim=0)
    assert (elbo < hundred).all()
    assert (hundred < exact + 0.05).all()


def test_equal_weights_are_all_effective_and_one_alone_is_one():
    assert effective_share(torch.zeros(8, 1)).item() == pytest.approx(1)
    lonely = torch.tensor([[0.0], [-900.0], [-900.0], [-900.0]])
    assert effective_share(lonely).item() == pytest.approx(0.25)


def test_temperatures_rise_from_0_to_1():
    betas = schedule(50)
    assert betas[0] == 0
    assert betas[-1] == 1
    assert (np.diff(betas) > 0).all()

"""Bounds of a VAE, in the order that theory gives them, and its integral."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from gan_repro.baselines.vae_model import Vae
from gan_repro.extensions.annealing import AnnealingOptions, plain
from gan_repro.extensions.directed import (
    DirectedOptions,
    importance_bounds,
    integral,
    posterior_target,
    prior_target,
    refine,
    refined_target,
)
from gan_repro.networks.build import build_stack
from gan_repro.networks.dense import Dense
from gan_repro.networks.layer import Start

DEVIATION = 0.4


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def linear() -> tuple[Vae, torch.Tensor, np.ndarray]:
    """A linear decoder of two latents in four dimensions, a poor encoder, images, evidence."""
    decoder = build_stack((Dense(type="linear", units=4, irange=1.0),), 2, Start(rng(1)))
    encoder = build_stack((Dense(type="linear", units=4, irange=0.2),), 4, Start(rng(2)))
    networks = [network.double().requires_grad_(False) for network in (encoder, decoder)]
    log_deviation = torch.tensor([math.log(DEVIATION)], dtype=torch.float64)
    vae = Vae(*networks, log_deviation)
    u = torch.randn(5, 2, generator=rng(3), dtype=torch.float64)
    x = vae.decoder(u) + DEVIATION * torch.randn(5, 4, generator=rng(4), dtype=torch.float64)
    origin = vae.decoder(torch.zeros(1, 2, dtype=torch.float64))
    basis = vae.decoder(torch.eye(2, dtype=torch.float64)) - origin
    covariance = basis.T @ basis + DEVIATION**2 * torch.eye(4, dtype=torch.float64)
    evidence = stats.multivariate_normal(origin[0].numpy(), covariance.numpy()).logpdf(x.numpy())
    return vae, x, evidence


def test_the_integral_over_the_plane_is_the_evidence(linear):
    vae, x, evidence = linear
    np.testing.assert_allclose(integral(vae, x, 201), evidence, atol=1e-4)


@pytest.mark.parametrize("target", [posterior_target, prior_target])
def test_importance_bounds_rise_with_their_samples_to_the_evidence(linear, target):
    vae, x, evidence = linear
    weights = plain(lambda k: target(vae, x, k), 20_000, rng(5))
    bounds = importance_bounds(weights, (1, 10, 100, 20_000))
    means = [bound.mean().item() for bound in bounds.values()]
    assert means == sorted(means)
    assert means[0] < evidence.mean() - 0.1
    np.testing.assert_allclose(bounds[20_000], evidence, atol=0.1)


def test_a_bound_of_one_sample_is_the_elbo_in_closed_form(linear):
    """E log N(x; Wz + b, s²) under q is known for a linear decoder."""
    vae, x, _ = linear
    weights = plain(lambda k: posterior_target(vae, x, k), 40_000, rng(6))
    mean, log_variance = vae.posterior(x)
    variance = log_variance.exp()
    basis = vae.decoder(torch.eye(2).double()) - vae.decoder(torch.zeros(1, 2).double())
    square = (x - vae.decoder(mean)).square().sum(1) + variance @ basis.square().sum(1)
    log_p = -0.5 * (square / DEVIATION**2 + 4 * math.log(2 * math.pi * DEVIATION**2))
    kl = 0.5 * (mean.square() + variance - 1 - log_variance).sum(dim=1)
    error = (importance_bounds(weights, (1,))[1] - (log_p - kl)).abs()
    assert (error < 4 * weights.std(dim=0) / len(weights) ** 0.5).all()


def test_a_refined_posterior_is_the_best_factorised_one(linear):
    """For a Gaussian posterior: its mean, and variances of one over the precisions' diagonal."""
    vae, x, evidence = linear
    options = DirectedOptions(
        images=5, annealing=AnnealingOptions(chains=1, temperatures=1), small_epochs=1,
        refine_steps=1_200, refine_rate=0.05,
    )  # fmt: skip
    found = refine(vae, x, options, rng(7))
    origin = vae.decoder(torch.zeros(1, 2, dtype=torch.float64))
    basis = vae.decoder(torch.eye(2, dtype=torch.float64)) - origin
    precision = basis @ basis.T / DEVIATION**2 + torch.eye(2, dtype=torch.float64)
    mean = torch.linalg.solve(precision, basis @ (x - origin).T / DEVIATION**2).T
    torch.testing.assert_close(found.mean, mean, atol=0.05, rtol=0)
    deviation = precision.diagonal().rsqrt().expand_as(mean)
    torch.testing.assert_close(found.deviation, deviation, rtol=0.15, atol=0)
    weights = plain(lambda k: refined_target(vae, x, found, k), 4_000, rng(8))
    learned = plain(lambda k: posterior_target(vae, x, k), 4_000, rng(8))
    assert (weights.mean(dim=0) > learned.mean(dim=0) - 0.05).all()
    assert (weights.mean(dim=0) < torch.from_numpy(evidence) + 0.05).all()

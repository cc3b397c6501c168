"""Bounds of a VAE, in the order that theory gives them, and its integral."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from scipy import stats

from gan_repro.baselines.vae_model import Vae
from gan_repro.extensions.annealing import AnnealingOptions, ais_likelihood, plain
from gan_repro.extensions.vae_evidence import (
    RefineOptions,
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


def affine(vae: Vae) -> tuple[torch.Tensor, torch.Tensor]:
    """Return b and W of a decoder u ↦ uW + b."""
    origin = vae.decoder(torch.zeros(1, 2, dtype=torch.float64))
    return origin, vae.decoder(torch.eye(2, dtype=torch.float64)) - origin


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
    origin, basis = affine(vae)
    covariance = basis.T @ basis + DEVIATION**2 * torch.eye(4, dtype=torch.float64)
    evidence = stats.multivariate_normal(origin[0].numpy(), covariance.numpy()).logpdf(x.numpy())
    return vae, x, evidence


def test_the_integral_over_the_plane_is_the_evidence(linear):
    vae, x, evidence = linear
    np.testing.assert_allclose(integral(vae, x, 201), evidence, atol=1e-4)


def test_a_posterior_much_narrower_than_a_cell_is_integrated_too(linear):
    vae, _, _ = linear
    narrow = Vae(vae.encoder, vae.decoder, torch.tensor([math.log(0.01)], dtype=torch.float64))
    origin, basis = affine(vae)
    near = vae.decoder(torch.tensor([[0.3, -0.7], [1.111, 0.013]], dtype=torch.float64)) + 0.002
    covariance = basis.T @ basis + 0.01**2 * torch.eye(4, dtype=torch.float64)
    expected = stats.multivariate_normal(origin[0].numpy(), covariance.numpy()).logpdf(near.numpy())
    np.testing.assert_allclose(integral(narrow, near, 201), expected, atol=0.01)


@pytest.mark.parametrize("places", [[[6.5, -0.3], [0.2, 14.0]], [[-5.97, 0.4]]])
def test_a_posterior_beyond_or_across_the_rim_of_the_first_square_is_integrated_too(linear, places):
    vae, _, _ = linear
    narrow = Vae(vae.encoder, vae.decoder, torch.tensor([math.log(0.05)], dtype=torch.float64))
    origin, basis = affine(vae)
    x = vae.decoder(torch.tensor(places, dtype=torch.float64))
    covariance = basis.T @ basis + 0.05**2 * torch.eye(4, dtype=torch.float64)
    expected = stats.multivariate_normal(origin[0].numpy(), covariance.numpy()).logpdf(x.numpy())
    np.testing.assert_allclose(integral(narrow, x, 201), expected, atol=1e-3)


class Square(torch.nn.Module):
    """A decoder that nearly forgets the sign of the first latent variable."""

    def forward(self, u):
        return torch.stack([u[:, 0].square(), 0.1 * u[:, 0], u[:, 1]], dim=1)


class Left(torch.nn.Module):
    """An encoder that points at the negative root, always."""

    def forward(self, x):
        mean = torch.stack([-x[:, 0].clamp(min=0.01).sqrt(), x[:, 2]], dim=1)
        return torch.cat([mean, torch.full_like(mean, -6.0)], dim=1)


def test_where_the_encoder_points_at_the_lesser_mode_the_other_is_found():
    vae = Vae(Left(), Square(), torch.tensor([math.log(0.02)], dtype=torch.float64))
    u = torch.tensor([[1.0, 0.5], [1.5, -0.3], [0.8, 0.0]], dtype=torch.float64)
    x = vae.decoder(u)
    x[:, 2] += 0.01
    found = refine(vae, x, RefineOptions(steps=400), rng(9))
    torch.testing.assert_close(found.mean[:, 0], u[:, 0], atol=0.05, rtol=0)
    weights = plain(lambda k: refined_target(vae, x, found, k), 4_000, rng(10))
    np.testing.assert_allclose(
        importance_bounds(weights, (4_000,))[4_000], integral(vae, x, 201), atol=0.3
    )


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
    _, basis = affine(vae)
    square = (x - vae.decoder(mean)).square().sum(1) + variance @ basis.square().sum(1)
    log_p = -0.5 * (square / DEVIATION**2 + 4 * math.log(2 * math.pi * DEVIATION**2))
    kl = 0.5 * (mean.square() + variance - 1 - log_variance).sum(dim=1)
    error = (importance_bounds(weights, (1,))[1] - (log_p - kl)).abs()
    assert (error < 4 * weights.std(dim=0) / len(weights) ** 0.5).all()


@pytest.mark.parametrize(
    ("options", "mean_error", "width_error"),
    [(RefineOptions(), 0.1, 0.25), (RefineOptions(steps=1_200, rate=0.05), 0.05, 0.15)],
)
def test_a_refined_posterior_is_the_best_factorised_one(linear, options, mean_error, width_error):
    """For a Gaussian posterior: its mean, and variances of one over the precisions' diagonal."""
    vae, x, evidence = linear
    found = refine(vae, x, options, rng(7))
    origin, basis = affine(vae)
    precision = basis @ basis.T / DEVIATION**2 + torch.eye(2, dtype=torch.float64)
    mean = torch.linalg.solve(precision, basis @ (x - origin).T / DEVIATION**2).T
    torch.testing.assert_close(found.mean, mean, atol=mean_error, rtol=0)
    deviation = precision.diagonal().rsqrt().expand_as(mean)
    torch.testing.assert_close(found.deviation, deviation, rtol=width_error, atol=0)
    weights = plain(lambda k: refined_target(vae, x, found, k), 4_000, rng(8))
    learned = plain(lambda k: posterior_target(vae, x, k), 4_000, rng(8))
    assert (weights.mean(dim=0) > learned.mean(dim=0) - 0.05).all()
    assert (weights.mean(dim=0) < torch.from_numpy(evidence) + 0.05).all()


def test_chains_that_start_wider_than_the_best_gaussian_have_more_even_weights(linear):
    """Of a correlated posterior, the best factorised Gaussian is narrower than its marginals."""
    vae, x, evidence = linear
    found = refine(vae, x, RefineOptions(steps=1_200, rate=0.05), rng(11))
    options = AnnealingOptions(chains=400, temperatures=4)
    narrow, wide = (
        ais_likelihood(partial(refined_target, vae, x, found.widened(factor)), options, rng(12))[0]
        for factor in (1.0, 2.0)
    )
    assert wide.effective.mean() > 1.5 * narrow.effective.mean()
    np.testing.assert_allclose(wide.log_likelihood, evidence, atol=0.15)

import numpy as np
import pytest
import torch
from scipy.stats import norm, wasserstein_distance

from gan_repro.adversarial.objective import generator_loss
from gan_repro.theory.densities.analytic import Gaussian
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.games.generator_losses import (
    DEVIATION,
    LOSSES,
    acceptance,
    distant_game,
    drift,
    measure,
    per_sample,
    trace,
)
from gan_repro.theory.optimum.discriminator import criterion


def test_per_sample_gradients_follow_the_chain_rule():
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)[:, None]
    found = per_sample(lambda x: 3 * x - 1, x)
    d = torch.sigmoid(3 * x - 1)
    torch.testing.assert_close(found["minimax"], -3 * d)
    torch.testing.assert_close(found["non_saturating"], -3 * (1 - d))
    torch.testing.assert_close(found["d"], d)


def test_norms_of_replicas_are_those_of_each_alone():
    played = distant_game("minimax", 0, 3, 2.0)
    norms = measure(played, 32, torch.Generator().manual_seed(0))[1]
    z = torch.empty(32, 3, dtype=torch.float64).uniform_(
        -(3**0.5), 3**0.5, generator=torch.Generator().manual_seed(0)
    )
    logits = played.game.discriminator(played.game.generator(z))[:, 1:2]
    parameters = played.game.generator.parameters()
    gradients = torch.autograd.grad(generator_loss(logits, "minimax"), parameters)
    norm = torch.cat([part.flatten() for part in gradients]).norm()
    assert norms[1] == pytest.approx(norm.item(), rel=1e-12)


def test_trace_starts_far_away_and_is_reproducible():
    first, second = (trace(distant_game("minimax", 0, 2, 3.0), 4, 0.05, every=2) for _ in range(2))
    assert first.steps.tolist() == [0, 2, 4]
    assert np.all(np.abs(first.distance[0] - 3) < 0.5)
    assert first.norms["minimax"].tobytes() == second.norms["minimax"].tobytes()


def test_what_is_measured_of_samples_is_what_scipy_says():
    played = distant_game("minimax", 0, 2, 1.0)
    d_fake, *_, distance, mean, deviation = measure(played, 500, torch.Generator().manual_seed(3))
    samples = played.samples(500, torch.Generator().manual_seed(3))[..., 0].numpy()
    quantiles = norm.ppf((np.arange(500) + 0.5) / 500, scale=DEVIATION)
    for replica, x in enumerate(samples):
        assert distance[replica] == pytest.approx(wasserstein_distance(x, quantiles), rel=1e-9)
        assert mean[replica] == pytest.approx(x.mean(), rel=1e-9)
        assert deviation[replica] == pytest.approx(x.std(ddof=1) / DEVIATION, rel=1e-9)
        points = torch.from_numpy(x)[:, None]
        d = played.discriminate(points)[:, replica].mean().item()
        assert d_fake[replica] == pytest.approx(d, rel=1e-9)


def test_a_head_start_moves_d_alone():
    ahead, alike = (distant_game("minimax", 0, 2, 3.0) for _ in range(2))
    first = trace(ahead, 0, 0.05, head_start=30)
    second = trace(alike, 0, 0.05)
    np.testing.assert_array_equal(first.mean, second.mean)
    assert (first.d_fake < second.d_fake).all()


def test_acceptance_uses_the_same_noise_each_time():
    played = distant_game("minimax", 0, 2, 1.0)
    first = acceptance(played)
    played.samples(10, played.rng)
    np.testing.assert_array_equal(acceptance(played), first)
    samples = played.samples(2048, torch.Generator().manual_seed(0))
    d = played.discriminate(samples[1])[:, 1].mean().item()
    assert first[1] == pytest.approx(d, rel=1e-12)


def test_both_drifts_vanish_where_the_family_contains_the_data():
    assert max(abs(drift(1.0, kind)) for kind in LOSSES) < 1e-12
    assert all(drift(0.8, kind) < 0 < drift(1.2, kind) for kind in LOSSES)


def test_minimax_drift_is_the_derivative_of_the_criterion():
    data = Mixture([0.5, 0.5], [Gaussian(-1.5, 1.0), Gaussian(1.5, 1.0)])
    low, high = (criterion(data, Gaussian(0.0, 1.3 + h)).value for h in (-1e-4, 1e-4))
    assert drift(1.3, "minimax", 1.5) == pytest.approx((high - low) / 2e-4, abs=1e-6)

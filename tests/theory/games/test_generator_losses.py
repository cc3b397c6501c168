import numpy as np
import pytest
import torch

from gan_repro.adversarial.objective import generator_loss
from gan_repro.theory.densities.analytic import Gaussian
from gan_repro.theory.densities.mixtures import Mixture
from gan_repro.theory.games.generator_losses import (
    LOSSES,
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
    parameters = list(played.game.generator.parameters())
    gradients = torch.autograd.grad(generator_loss(logits, "minimax"), parameters)
    norm = torch.cat([part.flatten() for part in gradients]).norm()
    assert norms[1] == pytest.approx(norm.item(), rel=1e-12)


def test_trace_starts_far_away_and_is_reproducible():
    first, second = (trace(distant_game("minimax", 0, 2, 3.0), 4, 0.05, every=2) for _ in range(2))
    assert first.steps.tolist() == [0, 2, 4]
    assert np.all(np.abs(first.distance[0] - 3) < 0.5)
    assert first.norms["minimax"].tobytes() == second.norms["minimax"].tobytes()


def test_both_drifts_vanish_where_the_family_contains_the_data():
    assert max(abs(drift(1.0, kind)) for kind in LOSSES) < 1e-12
    assert all(drift(0.8, kind) < 0 < drift(1.2, kind) for kind in LOSSES)


def test_minimax_drift_is_the_derivative_of_the_criterion():
    data = Mixture([0.5, 0.5], [Gaussian(-1.5, 1.0), Gaussian(1.5, 1.0)])
    low, high = (criterion(data, Gaussian(0.0, 1.3 + h)).value for h in (-1e-4, 1e-4))
    assert drift(1.3, "minimax", 1.5) == pytest.approx((high - low) / 2e-4, abs=1e-6)

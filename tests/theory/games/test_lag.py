import numpy as np
import pytest
import torch
from scipy.stats import norm

from gan_repro.theory.densities.modes import line
from gan_repro.theory.games.lag import CENTRES, EDGES, data_masses, distances, measure_lag
from gan_repro.theory.games.synchronisation import new_game

MODES = line(2)
P_DATA = data_masses(MODES)


def test_masses_are_those_of_the_modes():
    cdf = sum(norm.cdf(EDGES, centre, MODES.scale) / 2 for centre in MODES.centres[:, 0].tolist())
    np.testing.assert_allclose(P_DATA, np.diff(cdf), atol=1e-14)
    assert P_DATA.sum() == pytest.approx(1)


def test_distances_are_expectations_over_data_and_samples():
    """|D - D*| and |½ - D*| by sampling from both, with D* from a histogram of the bins."""
    played = new_game(MODES, 0, 2)
    played.train_discriminator(20, 0.1, 0.5)
    own, ignorant = distances(played, P_DATA)
    rng = torch.Generator().manual_seed(1)
    samples = played.samples(200_000, rng)[..., 0].numpy()
    for replica in range(2):
        p_g = np.histogram(samples[replica], EDGES)[0] / samples.shape[1]
        d = played.discriminate(torch.from_numpy(CENTRES)[:, None]).numpy()[:, replica]
        star = P_DATA / np.maximum(P_DATA + p_g, 1e-300)
        weight = (P_DATA + p_g) / (P_DATA + p_g).sum()
        assert own[replica] == pytest.approx(weight @ np.abs(d - star), abs=0.005)
        assert ignorant[replica] == pytest.approx(weight @ np.abs(0.5 - star), abs=0.005)


def test_distances_see_a_discriminator_that_knows_nothing():
    played = new_game(MODES, 0, 2)
    with torch.no_grad():
        for parameter in played.game.discriminator.parameters():
            parameter.zero_()
    own, ignorant = distances(played, P_DATA)
    np.testing.assert_allclose(own, ignorant, rtol=1e-12)


def test_the_lag_is_seen_every_few_updates_of_g():
    lag = measure_lag(
        MODES, seed=0, replicas=3, k=1, rates=(0.1, 0.01), head_start=20, updates=4, every=2
    )
    assert lag.updates.tolist() == [0, 2, 4]
    assert lag.own.shape == lag.ignorant.shape == (3, 3)
    played = new_game(MODES, 0, 3)
    played.train_discriminator(20, 0.1, 0.5)
    np.testing.assert_array_equal(lag.own[0], distances(played, P_DATA)[0])
    for _ in range(2):
        played.train_discriminator(1, 0.1, 0.5)
        played.train_generator(1, 0.01, 0.5)
    np.testing.assert_array_equal(lag.own[1], distances(played, P_DATA)[0])

import numpy as np
import torch

from gan_repro.theory.densities.modes import line, ring
from gan_repro.theory.games.synchronisation import mean_interval, new_game, train


def drawn(modes, count=4000, seed=3):
    return modes.sample(count, torch.Generator().manual_seed(seed))[None]


def test_the_data_cover_themselves():
    for modes in (line(4), ring(6)):
        samples = drawn(modes)
        assert modes.covered(samples) == [len(modes.centres)]
        assert abs(modes.diversity(samples).item() - 1) < 0.02
        assert modes.shares(samples).sum() > 0.98


def test_a_point_covers_one_mode_without_diversity():
    modes = ring(6)
    samples = modes.centres[2].expand(1, 100, 2)
    assert modes.covered(samples) == [1]
    assert modes.diversity(samples).item() < 1e-12
    np.testing.assert_array_equal(modes.shares(samples)[0], np.eye(6)[2])


def test_modes_do_not_overlap():
    for modes in (line(4), ring(6)):
        shares = modes.shares(drawn(modes))
        assert shares.sum() <= 1


def test_ring_has_its_radius_and_line_its_spacing():
    np.testing.assert_allclose(ring(5, radius=2).centres.norm(dim=1), 2)
    np.testing.assert_allclose(line(3, spacing=2).centres[:, 0], [-2, 0, 2])


def test_frozen_players_stay_where_they_are():
    modes = line(2)
    played = new_game(modes, 0, 2)
    course = train(
        played, modes, d_steps=1, g_steps=0, rounds=4, rates=(0.1, 0.1), looks=2, anneal=False
    )
    assert course.covered.shape == course.diversity.shape == (3, 2)
    assert course.updates.tolist() == [0, 0, 0]
    assert np.ptp(course.diversity, axis=0).max() < 0.1


def test_interval_covers_the_mean_at_its_level():
    draws = np.random.default_rng(0).normal(1, 2, (4000, 6))
    mean, half = mean_interval(draws)
    assert abs((np.abs(mean - 1) < half).mean() - 0.95) < 0.015

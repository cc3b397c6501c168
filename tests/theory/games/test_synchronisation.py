import numpy as np
import torch

from gan_repro.theory.densities.modes import line, ring
from gan_repro.theory.games.synchronisation import acceptance, new_game, train


def course_of(d_steps, g_steps, rounds, seed=0, **options):
    modes = line(2)
    played = new_game(modes, seed, 2)
    found = train(
        played,
        modes,
        d_steps=d_steps,
        g_steps=g_steps,
        rounds=rounds,
        rates=(0.1, 0.1),
        looks=2,
        **options,
    )
    return played, found


def parameters(player):
    return torch.cat([part.detach().flatten() for part in player.parameters()])


def test_frozen_generators_stay_where_they_are():
    _, course = course_of(1, 0, 4, anneal=False)
    assert course.covered.shape == course.diversity.shape == (3, 2)
    assert course.updates.tolist() == [0, 0, 0]
    assert np.ptp(course.diversity, axis=0).max() < 0.1


def test_updates_of_g_are_counted_at_each_look():
    _, course = course_of(1, 3, 8)
    assert course.updates.tolist() == [0, 12, 24]
    assert course.samples.shape == (2, 500, 1)


def test_as_many_updates_are_made_of_each_player_as_asked_for():
    modes = ring(3)
    played = new_game(modes, 0, 2)
    calls = []
    for name in ("step_discriminator", "step_generator"):
        step = getattr(played.game, name)
        setattr(played.game, name, lambda *a, n=name, f=step: (calls.append(n), f(*a))[1])
    train(played, modes, d_steps=2, g_steps=3, rounds=4, rates=(0.1, 0.1))
    assert calls == (["step_discriminator"] * 2 + ["step_generator"] * 3) * 4


def test_rates_fall_tenfold_over_the_second_half():
    """A tenth of the rate at the last of two rounds moves G by a tenth of what it would."""
    moved = {}
    for anneal in (False, True):
        played = new_game(line(2), 0, 1)
        seen = []
        played.train_discriminator = lambda steps, rate, momentum, seen=seen: seen.append(rate)
        played.train_generator = lambda steps, rate, momentum, seen=seen: seen.append(rate)
        train(played, line(2), d_steps=1, g_steps=1, rounds=4, rates=(0.2, 0.4), anneal=anneal)
        moved[anneal] = np.reshape(seen, (4, 2))
    np.testing.assert_allclose(moved[False], np.tile([0.2, 0.4], (4, 1)))
    expected = np.outer([1, 1, 0.1**0.5, 0.1], [0.2, 0.4])
    np.testing.assert_allclose(moved[True], expected)


def test_the_same_seed_gives_the_same_course():
    first, second, other = (course_of(1, 1, 4, seed=seed)[1] for seed in (0, 0, 1))
    assert torch.equal(first.samples, second.samples)
    assert not torch.equal(first.samples, other.samples)


def test_acceptance_is_each_discriminators_mean_on_its_own_samples():
    played, course = course_of(1, 1, 2)
    found = acceptance(played, course.samples)
    for replica in range(2):
        d = played.discriminate(course.samples[replica])[:, replica]
        assert abs(found[replica] - d.mean().item()) < 1e-12

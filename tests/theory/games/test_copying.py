import numpy as np
import pytest
import torch
from scipy.linalg import lstsq

from gan_repro.theory.games.copying import (
    decoder_update,
    digit_game,
    digits,
    outside,
    update,
)

IMAGES = digits()


@pytest.fixture(scope="module")
def two():
    return [update(IMAGES, IMAGES[start : start + 16], 0, iterations=3) for start in (0, 100)]


def test_digits_are_in_the_unit_interval():
    assert IMAGES.shape == (1797, 64)
    assert (IMAGES.min(), IMAGES.max()) == (0, 1)


def test_gs_update_knows_nothing_of_the_last_minibatch_but_ds_does(two):
    first, second = two
    np.testing.assert_array_equal(first.generator, second.generator)
    assert np.abs(first.generator).max() > 1e-6
    np.testing.assert_array_equal(first.directions, second.directions)
    assert np.abs(first.weights - second.weights).max() > 1e-6


def test_the_state_before_the_last_update_depends_on_the_data():
    last = IMAGES[:16]
    first = update(IMAGES[:600], last, 0, iterations=3)
    second = update(IMAGES[600:], last, 0, iterations=3)
    assert np.abs(first.generator - second.generator).max() > 1e-9


def test_ds_update_is_a_combination_of_what_it_saw(two):
    for found in two:
        residual = lstsq(found.seen.T, found.weights.T)[0]
        np.testing.assert_allclose(found.seen.T @ residual, found.weights.T, atol=1e-10)
        assert found.seen.shape == (32, 64)


def test_samples_seen_are_those_of_the_iteration(two):
    """The first 16 rows are the minibatch, the others G's samples: inside (0, 1), no image."""
    first, second = two
    np.testing.assert_array_equal(first.seen[:16], IMAGES[:16].numpy())
    np.testing.assert_array_equal(first.seen[16:], second.seen[16:])
    assert 0 < first.seen[16:].min() < first.seen[16:].max() < 1


def test_the_pull_lies_in_the_span_of_ds_first_layer(two):
    for found in two:
        assert outside(found.pixels, found.directions) < 1e-10
        assert np.linalg.norm(found.pixels, axis=1).min() > 0


def test_the_pull_raises_ds_opinion_of_a_sample():
    game = digit_game(0)
    from gan_repro.theory.games.copying import _pull

    samples, pull = _pull(game, 8)
    with torch.no_grad():
        before, after = game.discriminator(samples), game.discriminator(samples + 1e-3 * pull)
    assert (after > before).all()


def test_a_decoder_copies_the_mean_of_its_minibatch():
    np.testing.assert_allclose(decoder_update(IMAGES[:7]), IMAGES[:7].mean(dim=0), atol=1e-15)


def test_outside_is_the_sine_of_the_angle_to_the_span():
    span = np.array([[1.0, 0, 0], [0, 2, 0], [1, 2, 0]])
    assert outside(np.array([[3.0, 4, 0]]), span) == pytest.approx(0, abs=1e-15)
    assert outside(np.array([[3.0, 0, 4]]), span) == pytest.approx(0.8)
    assert outside(np.array([[0.0, 0, 1]]), span) == 1

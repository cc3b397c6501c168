"""Displacement: nothing at the start, one when the start is forgotten."""

import numpy as np
import pytest

from gan_repro.evaluation.drift import displacement


def test_chains_that_stand_still_have_not_moved():
    starts = np.random.default_rng(0).random((10, 5)).astype(np.float32)
    assert displacement(np.tile(starts, (3, 1)), starts) == 0


def test_samples_that_forget_their_start_are_as_far_from_it_as_any_two():
    rng = np.random.default_rng(1)
    starts, samples = rng.random((200, 30)), rng.random((4_000, 30))
    assert displacement(samples, starts) == pytest.approx(1, abs=0.01)


def test_each_sample_is_measured_from_its_own_chain():
    starts = np.array([[0.0], [10.0]])
    assert displacement(np.array([[1.0], [11.0], [2.0], [12.0]]), starts) == pytest.approx(0.15)

"""Nearest training images against SciPy, and the measure of memorisation at its ends."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from gan_repro.evaluation import neighbours
from gan_repro.evaluation.neighbours import memorisation, nearest


def test_neighbours_are_scipys_whatever_the_block(monkeypatch):
    rng = np.random.default_rng(0)
    points, images = rng.random((30, 20)), rng.random((101, 20))
    distances = cdist(points, images)
    for block in (7, 101, 500):
        monkeypatch.setattr(neighbours, "BLOCK", block)
        rows, found = nearest(points, images)
        np.testing.assert_array_equal(rows, distances.argmin(axis=1))
        np.testing.assert_allclose(found, distances.min(axis=1), rtol=1e-12)


def test_a_copy_is_at_distance_zero():
    images = np.random.default_rng(0).random((50, 784)).astype(np.float32)
    rows, found = nearest(images[[7, 3]], images)
    assert rows.tolist() == [7, 3]
    assert found.tolist() == [0, 0]


def test_copies_of_training_images_are_found_out(tiny):
    found = memorisation(tiny.images(tiny.train), tiny, count=40)
    assert found["ratio"] == found["samples_to_training"] == 0
    assert found["test_to_training"] > 0
    assert (found["samples"], found["test_images"]) == (40, 10)


def test_unseen_images_keep_the_distance_of_test_images(tiny):
    found = memorisation(tiny.images(tiny.fold(0).test), tiny, count=10)
    assert found["ratio"] == pytest.approx(1)


@pytest.mark.parametrize(("count", "ours", "theirs"), [(8, 8, 8), (40, 15, 10)])
def test_distances_are_given_by_mean_standard_error_and_smallest(tiny, count, ours, theirs):
    samples = np.random.default_rng(1).random((15, 4), dtype=np.float32)
    found, images = memorisation(samples, tiny, count), tiny.images(tiny.train)
    assert (found["samples"], found["test_images"]) == (ours, theirs)
    for name, points in (("samples", samples), ("test", tiny.images(tiny.fold(0).test))):
        distances = cdist(points[:count], images).min(axis=1)
        error = distances.std() / math.sqrt(len(distances))
        assert found[f"{name}_to_training"] == pytest.approx(distances.mean())
        assert found[f"{name}_se"] == pytest.approx(error)
        assert found[f"{name}_smallest"] == pytest.approx(distances.min())
    ratio = found["samples_to_training"] / found["test_to_training"]
    assert found["ratio"] == pytest.approx(ratio)

"""Calibration samples come from the training images, and from nothing else."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from gan_repro.data.embedded import read_digits
from gan_repro.evaluation.calibration import kmeans_centroids, training_images


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return read_digits("digits", "digits", tmp_path_factory.mktemp("none"))


def test_training_images_are_distinct_and_drawn_by_seed(digits):
    images = digits.images(digits.train)
    rows = {image.tobytes() for image in images}
    first, again, other = (training_images(digits, 200, seed) for seed in (0, 0, 1))
    assert {sample.tobytes() for sample in first} <= rows
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(training_images(digits, 10**6, 0)) == len(images)


def test_centroids_are_closer_to_the_data_than_images_are(digits):
    images = digits.images(digits.train).astype(float)
    held_out = digits.images(digits.fold(0).test).astype(float)

    def error(centres):
        squares = (held_out**2).sum(1)[:, None] + (centres**2).sum(1) - 2 * held_out @ centres.T
        return squares.min(axis=1).mean()

    centroids = kmeans_centroids(digits, 100, seed=0)
    assert centroids.shape == (100, 64)
    assert error(centroids) < error(training_images(digits, 100, seed=0))
    assert len(kmeans_centroids(digits, 10**6, seed=0)) == len(images) // 2


def lloyd(centres: np.ndarray, images: np.ndarray) -> np.ndarray:
    """One iteration: each centre moves to the mean of the images that are nearest to it."""
    nearest = cdist(images, centres).argmin(axis=1)
    return np.stack([images[nearest == k].mean(axis=0) for k in range(len(centres))])


def test_centroids_are_those_after_six_iterations_of_lloyds(digits):
    images = digits.images(digits.train)
    first = KMeans(10, init="random", n_init=1, max_iter=1, random_state=0).fit(images)
    centres = first.cluster_centers_.astype(float)
    for _ in range(5):
        centres = lloyd(centres, images)
    found = kmeans_centroids(digits, 10, seed=0)
    # An image on the line between two centres moves them by less, a seventh iteration by more.
    np.testing.assert_allclose(found, centres, atol=0.01)
    assert np.abs(lloyd(centres, images) - found).max() > 0.03


@pytest.mark.parametrize("count", [1, 5, 20, 100, 500])
def test_rounding_takes_no_centroid_beyond_the_data(digits, count):
    images = digits.images(digits.train)
    for seed in range(3):
        centroids = kmeans_centroids(digits, count, seed)
        assert images.min() <= centroids.min()
        assert centroids.max() <= images.max()

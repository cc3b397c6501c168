"""The protocol: σ from validation data, the test set read once, known-good numbers on MNIST."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp

from gan_repro.data.dataset import load
from gan_repro.evaluation import parzen
from gan_repro.evaluation.calibration import training_images

RNG = np.random.default_rng(0)


def exact(points: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """Sum the window term by term in float64, from differences rather than products."""
    squares = ((points[:, None].astype(float) - samples[None].astype(float)) ** 2).sum(axis=2)
    constant = points.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return logsumexp(-squares / (2 * sigma**2), axis=1) - math.log(len(samples)) - constant


def test_the_authors_grid_is_ten_points_from_a_tenth_to_one():
    expected = [0.1, 0.129, 0.167, 0.215, 0.278, 0.359, 0.464, 0.599, 0.774, 1.0]
    np.testing.assert_allclose(parzen.AUTHORS_GRID, expected, atol=5e-4)


@pytest.mark.parametrize(("best", "edge"), [(0, True), (1, False), (2, True)])
def test_the_bandwidth_is_the_best_on_validation_data_and_edges_are_flagged(best, edge):
    valid = np.zeros((3, 5))
    valid[best] = 1
    chosen = parzen.choose_bandwidth(np.array([0.1, 0.2, 0.3]), valid)
    assert chosen.sigma == pytest.approx(0.1 * (best + 1))
    assert chosen.at_edge is edge
    assert chosen.valid_ll == 1


def test_the_score_never_looks_at_test_images_to_choose(tiny):
    samples = RNG.random((50, 4)).astype(np.float32)
    first = parzen.score(samples, tiny)
    pixels = tiny.pixels.copy()
    pixels[tiny.fold(0).test] = 255 - pixels[tiny.fold(0).test]
    second = parzen.score(samples, replace(tiny, pixels=pixels))
    for grid in parzen.GRIDS["unit"]:
        assert first.grids[grid].sigma == second.grids[grid].sigma
        assert first.grids[grid].test_ll != second.grids[grid].test_ll


def test_the_score_is_a_mean_and_its_standard_error(tiny):
    samples = RNG.random((50, 4)).astype(np.float32)
    record = parzen.score(samples, tiny)
    found = record.grids["authors"]
    values = exact(tiny.images(tiny.fold(0).test), samples, found.sigma)
    assert found.test_ll == pytest.approx(values.mean(), abs=1e-6)
    assert found.test_se == pytest.approx(values.std() / math.sqrt(10), abs=1e-6)
    assert (record.valid_points, record.test_points) == (10, 10)


def test_the_first_thousand_validation_images_choose_and_all_test_images_are_scored(uneven):
    samples, fold = RNG.random((50, 4)).astype(np.float32), uneven.fold(0)
    record = parzen.score(samples, uneven)
    assert (record.valid_points, record.test_points) == (1_000, 7)
    for found in record.grids.values():
        valid = exact(uneven.images(fold.valid[:1_000]), samples, found.sigma)
        test = exact(uneven.images(fold.test), samples, found.sigma)
        assert found.valid_ll == pytest.approx(valid.mean(), abs=1e-6)
        assert found.test_ll == pytest.approx(test.mean(), abs=1e-6)
        assert found.test_se == pytest.approx(test.std() / math.sqrt(7), abs=1e-6)


def test_an_edge_of_the_grid_is_a_warning(tiny):
    record = parzen.score(np.full((1, 4), 50, dtype=np.float32), tiny)
    assert any("edge of the authors grid" in warning for warning in record.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "low", "high"), [(1_000, 117, 123), (10_000, 241, 245)])
def test_real_training_images_as_samples_score_what_they_should(mnist_data, count, low, high):
    mnist = load(mnist_data / "prepared/mnist.npz")
    record = parzen.score(training_images(mnist, count, seed=0), mnist)
    assert low <= record.grids["authors"].test_ll <= high
    assert record.grids["authors"].sigma == pytest.approx(
        {1_000: 0.2154, 10_000: 0.1668}[count], abs=1e-3
    )

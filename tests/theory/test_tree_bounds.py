"""The tree's bookkeeping in Python against the library's own, and against the exact sum."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.neighbors import KDTree, KernelDensity

from gan_repro.theory.tree_bounds import kernel_sum


def data(dimension, samples=300, points=8):
    rng = np.random.default_rng(0)
    return rng.normal(size=(samples, dimension)), rng.normal(size=(points, dimension))


def sums(samples, points, bandwidth):
    """Return the library's sums of kernels, and the exact ones, as logarithms."""
    kde = KernelDensity(bandwidth=bandwidth).fit(samples)
    constant = len(samples) * (bandwidth * np.sqrt(2 * np.pi)) ** samples.shape[1]
    squares = ((points[:, None] - samples) ** 2).sum(axis=2)
    exact = logsumexp(-squares / (2 * bandwidth**2), axis=1)
    return kde.score_samples(points) + np.log(constant), exact


def test_where_nothing_is_lost_it_returns_what_the_library_returns():
    samples, points = data(2)
    tree = KDTree(samples, leaf_size=40)
    library, exact = sums(samples, points, 0.5)
    found = [kernel_sum(tree, point, 0.5).result for point in points]
    np.testing.assert_allclose(found, library, atol=1e-6)
    np.testing.assert_allclose(found, exact, atol=1e-6)


@pytest.mark.parametrize("bandwidth", [0.3, 0.4])
def test_it_is_wrong_as_the_library_is_and_by_no_more_than_rounding_can_leave(bandwidth):
    """What is left at a point is chance; N kernels of at most 1 in 53 bits leave log N - 36.7."""
    samples, points = data(60)
    tree = KDTree(samples, leaf_size=40)
    library, exact = sums(samples, points, bandwidth)
    found = np.array([kernel_sum(tree, point, bandwidth).result for point in points])
    for values in (library, found):
        wrong = values > exact + 50
        assert wrong.any()
        assert values[wrong].max() < np.log(len(samples)) - 36.7 + 5
        np.testing.assert_allclose(values[values < -60], exact[values < -60], atol=1e-6)


def test_the_lower_bound_ends_at_the_exact_sum_even_where_the_result_does_not():
    samples, points = data(60)
    tree = KDTree(samples, leaf_size=40)
    _, exact = sums(samples, points, 0.3)
    found = [kernel_sum(tree, point, 0.3) for point in points]
    assert {one.visited for one in found} == {len(samples)}
    np.testing.assert_allclose([one.lower for one in found], exact, atol=1e-6)


def test_one_leaf_leaves_no_spread():
    samples, points = data(60)
    tree = KDTree(samples, leaf_size=len(samples) + 1)
    found = kernel_sum(tree, points[0], 0.3)
    _, exact = sums(samples, points[:1], 0.3)
    assert found.spread == -np.inf
    assert found.result == pytest.approx(exact[0], rel=1e-12)

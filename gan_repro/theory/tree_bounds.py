"""Why scikit-learn's KernelDensity is wrong in high dimension: its running bounds, in Python.

The tree keeps a lower bound of the sum of kernels and a *spread*, upper bound minus lower bound.
A visited node's share is subtracted from both and replaced by its children's, or by its samples'.
With the default tolerances of zero every node is visited, and the spread should end at zero. It is
kept as a logarithm in 53 bits, so that what is left of it may be N·2⁻⁵³ times the largest kernel
that a node's bound allowed; and half of it is added to the result.
"""

import heapq
import math
from typing import NamedTuple

import numpy as np
from sklearn.neighbors import KDTree


class Sum(NamedTuple):
    """What the bookkeeping ends with, as logarithms.

    Attributes:
        lower: the lower bound, by then the sum of the kernels at all samples.
        spread: what rounding has left of the spread; -inf where nothing is left.
        visited: samples whose kernels were added.
    """

    lower: float
    spread: float
    visited: int

    @property
    def result(self) -> float:
        """What the tree returns: lower bound plus half of the spread."""
        return float(np.logaddexp(self.lower, self.spread - math.log(2)))


def kernel_sum(tree: KDTree, point: np.ndarray, bandwidth: float) -> Sum:
    """Return the logarithm of Σ exp(-‖point - s‖²/2σ²) as the tree computes it, breadth first."""
    data, order, nodes, bounds = (np.asarray(part) for part in tree.get_arrays())

    def kernel(square: float) -> float:
        return -square / (2 * bandwidth**2)

    def count(node: int) -> int:
        return int(nodes[node]["idx_end"] - nodes[node]["idx_start"])

    def reach(node: int) -> tuple[float, float]:
        """Return the least and largest squared distance that the node's box allows."""
        low, high = bounds[0, node], bounds[1, node]
        outside = np.maximum(0, np.maximum(low - point, point - high))
        farthest = np.maximum(np.abs(point - low), np.abs(point - high))
        return float((outside**2).sum()), float((farthest**2).sum())

    near, far = reach(0)
    lower = math.log(count(0)) + kernel(far)
    spread = _subtract(math.log(count(0)) + kernel(near), lower)
    shares, heap, visited = {0: (lower, spread)}, [(near, 0)], 0
    while heap:
        _, node = heapq.heappop(heap)
        lower, spread = (
            _subtract(total, part)
            for total, part in zip((lower, spread), shares.pop(node), strict=True)
        )
        if nodes[node]["is_leaf"]:
            for index in order[nodes[node]["idx_start"] : nodes[node]["idx_end"]]:
                lower = np.logaddexp(lower, kernel(((point - data[index]) ** 2).sum()))
            visited += count(node)
            continue
        for child in (2 * node + 1, 2 * node + 2):
            near, far = reach(child)
            # The tree takes the children's upper bound for their spread.
            shares[child] = tuple(math.log(count(child)) + kernel(d) for d in (far, near))
            lower = np.logaddexp(lower, shares[child][0])
            spread = np.logaddexp(spread, shares[child][1])
            heapq.heappush(heap, (near, child))
    return Sum(float(lower), float(spread), visited)


def _subtract(a: float, b: float) -> float:
    """Return log(eᵃ - eᵇ) as the tree computes it; -inf where b is not smaller."""
    if a <= b:
        return -math.inf
    difference = 1 - math.exp(b - a)
    return a + math.log(difference) if difference > 0 else -math.inf

"""Everything that `make bench` may be asked to do smaller or larger, in one place."""

from typing import NamedTuple


class Sizes(NamedTuple):
    """Sizes of the workloads.

    Attributes:
        rounds: how often each pair of workloads is timed in turn; the best of each counts.
        seconds: of one timing, at least.
        batch: images per step.
        points: that a window is evaluated at.
        samples: that it is fitted to.
        slow_points: points of formulas whose cost is known to be linear in them.
        width: pixels of an image, where no model says it.
        seeds: trained together.
        conv_batch: images per convolution.
        centroids: of k-means.
        neighbours: candidates for the nearest one.
        chains: of annealed importance sampling.
        temperatures: of it.
        stream: numbers of samples of the memory test.
        start: seconds that a worker may take to begin.
    """

    rounds: int = 3
    seconds: float = 0.3
    batch: int = 100
    points: int = 1_000
    samples: int = 2_000
    slow_points: int = 20
    width: int = 784
    seeds: int = 5
    conv_batch: int = 32
    centroids: int = 500
    neighbours: int = 8_192
    chains: int = 100
    temperatures: int = 50
    stream: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    start: float = 6.0


FULL = Sizes()
# For the tests of the benchmarks themselves.
TINY = Sizes(
    rounds=1, seconds=0.0, width=16, batch=4, points=12, samples=40, slow_points=3, seeds=2,
    conv_batch=2, centroids=3, neighbours=50, chains=4, temperatures=4, stream=(200, 400),
    start=0.0,
)  # fmt: skip

"""How the score of Markov chains depends on how far they have moved from their training images."""

import numpy as np

from gan_repro.config.schema import Spec
from gan_repro.evaluation.scores import GridScore


class DriftPoint(Spec):
    """The score of chains after a burn-in.

    Attributes:
        burn_in: transitions before the first sample.
        displacement: mean distance of the samples from the image that their chain started at, as a
            share of the mean distance between two of these images: near 1, the start is forgotten.
        grids: the score on each grid, as in `parzen.json`.
    """

    burn_in: int
    displacement: float
    grids: dict[str, GridScore]


class Drift(Spec):
    """`drift.json`: the score of a run's chains at growing burn-ins."""

    experiment: str
    row: str
    seed: int
    epochs: int
    title: str
    chains: int
    samples: int
    points: tuple[DriftPoint, ...]


def displacement(samples: np.ndarray, starts: np.ndarray) -> float:
    """Return how far samples are from their starts, as a share of how far starts are apart.

    Args:
        samples: (n, d), row t·c + k of the k-th of c chains.
        starts: (c, d), where the chains started.
    """
    chains = len(starts)
    moved = samples.astype(np.float64) - starts[np.arange(len(samples)) % chains]
    apart = starts[:, None].astype(np.float64) - starts[None]
    pairs = np.linalg.norm(apart, axis=2)[~np.eye(chains, dtype=bool)]
    return float(np.linalg.norm(moved, axis=1).mean() / pairs.mean())

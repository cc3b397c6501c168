"""How the score of Markov chains depends on how far they have moved from their training images."""

from pathlib import Path

import numpy as np

from gan_repro.config.schema import read_record
from gan_repro.evaluation.scores import Score

BURN_INS = (0, 10, 100, 1_000, 10_000)
# Of the row that stands in Table 1's notes beside the one whose burn-in validation images chose:
# fixed before any score at it was seen, and the longest of the search behind the baselines.
FIXED_BURN_IN = 1_000


class DriftPoint(Score):
    """A record of `drift.json`: the score of a run's chains after a burn-in, on fold 0.

    Attributes:
        burn_in: transitions before the first sample.
        chains: how many run side by side.
        displacement: mean distance of the samples from the image that their chain started at, as a
            share of the mean distance between two of these images: near 1, the start is forgotten.
    """

    burn_in: int
    chains: int
    displacement: float


def at_fixed_burn_in(scores: Path) -> list[Score]:
    """Read the score at the fixed burn-in, a row of its own, from the drift.json beside a score."""
    path = scores.with_name("drift.json")
    points = read_record(path, list[DriftPoint]) if path.exists() else []
    return [
        point.model_copy(update={"row": f"{point.row} (burn-in {FIXED_BURN_IN:,})"})
        for point in points
        if point.burn_in == FIXED_BURN_IN
    ]


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

"""The records of scores: `parzen.json` is a list of them, one per fold."""

from pathlib import Path

from typing_extensions import TypedDict

from gan_repro.config.schema import Seed, Spec, read_record


class Drawn(Spec):
    """Beside drawn samples: the digests of the weights that they are from, and of themselves."""

    weights_sha256: str
    samples_sha256: str


class SampleOrigin(Spec):
    """What samples are of.

    Attributes:
        experiment: that drew them.
        row: of the table they belong to.
        seed: of the run.
        epochs: that the run was trained for, where it was trained.
        recipe_epochs: of its experiment, where that is another number.
        samples_sha256: of the file.
    """

    experiment: str
    row: str
    seed: Seed
    epochs: int | None = None
    recipe_epochs: int | None = None
    samples_sha256: str | None = None


class GridScore(Spec):
    """A score with σ from one grid, in nats.

    Attributes:
        sigma: the grid point with the largest mean validation log-likelihood.
        at_edge: the choice is an end of the grid.
        valid_ll: that mean.
        test_ll: mean log-likelihood of the test images.
        test_se: its standard error over test images, population std / √N.
        sigmas: the grid.
        valid_curve: mean validation log-likelihood at each of its points.
    """

    sigma: float
    at_edge: bool
    valid_ll: float
    test_ll: float
    test_se: float
    sigmas: tuple[float, ...]
    valid_curve: tuple[float, ...]


class Grids(TypedDict):
    """A score on each grid of bandwidths."""

    authors: GridScore
    fine: GridScore


class FoldScore(Spec):
    """The score of samples on one fold of a dataset, by the paper's protocol.

    Attributes:
        dataset: key of the dataset.
        title: its name in tables and figures.
        dataset_sha256: of the prepared file.
        fold: whose validation images chose σ and whose test images were scored.
        samples: how many centres the window has.
        valid_points: validation images.
        test_points: test images.
        grids: ``authors`` and ``fine``.
        warnings: what a reader must know, such as a σ at the edge of its grid.
    """

    dataset: str
    title: str
    dataset_sha256: str
    fold: int
    samples: int
    valid_points: int
    test_points: int
    grids: Grids
    warnings: tuple[str, ...]


class Score(FoldScore, SampleOrigin):
    """A record of `parzen.json`: where samples came from, and what they scored on one fold."""


class Redrawn(Score):
    """A record of `redrawn.json`: the score as it might have been drawn, or validated.

    Attributes:
        draw: number of the series of draws; the run's own samples are series 0.
        subset: number of the thousand validation images that chose σ; the protocol's are 0.
    """

    draw: int
    subset: int = 0


def read_redrawn(scores: Path) -> list[Redrawn]:
    """Read the redrawn.json beside a parzen.json; an empty list where there is none."""
    path = scores.with_name("redrawn.json")
    return read_record(path, list[Redrawn]) if path.exists() else []


def read_scores(path: Path) -> list[Score]:
    """Read a parzen.json; raises UserError where it is missing or damaged."""
    return read_record(path, list[Score])

"""The score as a function of the number of samples: draws made on the fly, none stored.

The paper does not say how many samples its windows were fitted to; the authors' script has 10,000
as a default. All that Table 1 prints can be read off the record for any number of samples and
any grid of σ: mean log-likelihoods of validation and test images, and the latter's standard error.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from gan_repro.config.schema import Spec, to_json
from gan_repro.data.dataset import Dataset
from gan_repro.errors import UserError
from gan_repro.evaluation.parzen import GRIDS, VALIDATION_POINTS
from gan_repro.evaluation.scores import SampleOrigin
from gan_repro.evaluation.window import ParzenWindow
from gan_repro.training.tensors import load_tensors, save_tensors

CHUNK = 10_000
STEPS = (1, 2, 5)
SMALLEST = 100


class GrowthPoint(Spec):
    """Scores of the first so many samples, in nats, for each σ.

    Attributes:
        samples: how many.
        valid_ll: (k,) mean log-likelihood of the validation images that choose σ.
        test_ll: (k,) mean log-likelihood of the test images.
        test_se: (k,) its standard error over test images.
    """

    samples: int
    valid_ll: tuple[float, ...]
    test_ll: tuple[float, ...]
    test_se: tuple[float, ...]

    def chosen(self, sigmas: Sequence[float], grid: Sequence[float]) -> int:
        """Return the position in ``sigmas`` of the grid's best point on validation images."""
        inside = [position for position, sigma in enumerate(sigmas) if sigma in grid]
        return max(inside, key=lambda position: self.valid_ll[position])


class Growth(SampleOrigin):
    """`growth.json`: the score of a run against the number of its samples, on fold 0.

    Attributes:
        dataset: key of the dataset.
        title: its name in tables and figures.
        dataset_sha256: of the prepared file.
        draw: which of the run's series of draws; 0 begins with its `samples.npy`.
        sigmas: every σ of every grid, rising.
        points: in the order of their numbers of samples.
    """

    dataset: str
    title: str
    dataset_sha256: str
    draw: int
    sigmas: tuple[float, ...]
    points: tuple[GrowthPoint, ...]


def counts(largest: int) -> list[int]:
    """Return 100, 200, 500, 1,000, … up to ``largest``, which is always one of them."""
    powers = range(2, 1 + int(math.log10(max(largest, SMALLEST))))
    series = {step * 10**power for power in powers for step in STEPS}
    return sorted({count for count in series if count < largest} | {largest})


def all_sigmas(dataset: Dataset) -> np.ndarray:
    """Return every σ of every grid of a dataset, rising."""
    return np.unique(np.concatenate(list(GRIDS[dataset.space].values())))


class Series:
    """The growth of one score, resumable after any chunk of samples.

    Args:
        dataset: whose fold 0 chooses σ and is scored.
        largest: number of samples at the end.
        state: where to keep what is summed so far; removed by whoever has the result.
        marks: what the state belongs to; another one's is refused.
        device: where to compute.
    """

    def __init__(
        self, dataset: Dataset, largest: int, state: Path, marks: dict, device: torch.device
    ) -> None:
        fold, self.sigmas = dataset.fold(0), all_sigmas(dataset)
        self.valid = ParzenWindow(
            dataset.images(fold.valid[:VALIDATION_POINTS]), self.sigmas, device
        )
        self.test = ParzenWindow(dataset.images(fold.test), self.sigmas, device)
        self.largest, self.state, self.marks = largest, state, marks
        self.points: list[GrowthPoint] = []

    def run(self, draw: Callable[[int], np.ndarray]) -> Iterator[GrowthPoint]:
        """Add chunks of draws until the end, and yield each point as it is reached.

        Args:
            draw: number of a chunk → (CHUNK, d) samples, the same each time it is asked.

        Raises:
            UserError: the state belongs to another series.
        """
        if self.state.exists():
            self._resume()
        while self.test.count < self.largest:
            number, used = divmod(self.test.count, CHUNK)
            chunk = draw(number)[used : used + self.largest - self.test.count]
            for part in self._parts(chunk):
                self.valid.add(part)
                self.test.add(part)
                if self.test.count in counts(self.largest):
                    self.points.append(self._point())
                    yield self.points[-1]
            self._save()

    def _parts(self, chunk: np.ndarray) -> list[np.ndarray]:
        first = self.test.count
        cuts = [count - first for count in counts(self.largest)]
        return np.split(chunk, [cut for cut in cuts if 0 < cut < len(chunk)])

    def _point(self) -> GrowthPoint:
        valid, test = self.valid.log_likelihoods(), self.test.log_likelihoods()
        return GrowthPoint(
            samples=self.test.count,
            valid_ll=tuple(valid.mean(axis=1).tolist()),
            test_ll=tuple(test.mean(axis=1).tolist()),
            test_se=tuple((test.std(axis=1) / math.sqrt(test.shape[1])).tolist()),
        )

    def _save(self) -> None:
        tensors = {"valid": self.valid.log_sums, "test": self.test.log_sums}
        points = [to_json(point) for point in self.points]
        save_tensors(
            self.state, tensors, {"marks": self.marks, "count": self.test.count, "points": points}
        )

    def _resume(self) -> None:
        tensors, state = load_tensors(self.state)
        if state["marks"] != self.marks or state["count"] > self.largest:
            raise UserError(f"{self.state} belongs to another series of draws; move it away")
        for window, name in ((self.valid, "valid"), (self.test, "test")):
            window.log_sums.copy_(tensors[name])
            window.count = state["count"]
        self.points = [GrowthPoint(**point) for point in state["points"]]

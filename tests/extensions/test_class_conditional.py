"""Windows of each class, and the spread within one, against loops over images placed by hand."""

import math
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import special, stats

from gan_repro.config.extensions import Entry
from gan_repro.data.dataset import Dataset, Fold
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.extensions import class_conditional
from gan_repro.extensions.class_conditional import ClassConditionalOptions
from gan_repro.extensions.extension import Context, Findings

CLASSES, EACH = 3, 10
CENTRES = np.array([[60, 60, 190, 190], [190, 60, 60, 190], [60, 190, 190, 60]])


@pytest.fixture
def dataset() -> Dataset:
    """Thirty 2 × 2 images for training, 12 and 18 others, around the centres of three classes."""
    labels = np.arange(60) % CLASSES
    # Each class is wider than the one before.
    noise = np.random.default_rng(0).integers(-9, 10, (60, 4)) * (1 + labels[:, None])
    rows = np.arange(60)
    return Dataset(
        name="digits",
        title="three classes",
        shape=(2, 2),
        pixels=(CENTRES[labels] + noise).astype(np.uint8),
        labels=labels,
        maximum=255,
        train=rows[:30],
        folds=(Fold(valid=rows[30:42], test=rows[42:]),),
    )


@pytest.fixture
def measured(dataset, monkeypatch):
    """What is measured of a model whose (3, n, 4) draws of each class and of all are given."""

    def measure(draws: np.ndarray, marginal: np.ndarray) -> Findings:
        each = draws.shape[1]

        def decode(c: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
            return torch.from_numpy(draws[c.argmax(dim=1), np.arange(len(c)) % each])

        run = SimpleNamespace(
            experiment=SimpleNamespace(model=None),
            tensors={},
            draw=lambda count, seed, device: marginal[:count],
        )
        monkeypatch.setattr(Context, "restored", lambda *_: run)
        monkeypatch.setattr(class_conditional, "ConditionalDecoder", lambda *_: decode)
        context = Context("class_conditional", dataset, Entry(), Path(), torch.device("cpu"))
        return class_conditional.measure(context, ClassConditionalOptions(draws=each))

    return measure


def around(centres: np.ndarray, count: int, deviation: float) -> np.ndarray:
    """Draw (k, count, 4) images around each of k centres."""
    noise = np.random.default_rng(1).normal(0, deviation, (len(centres), count, 4))
    return (centres[:, None] / 255 + noise).astype(np.float32)


def window(x: np.ndarray, samples: np.ndarray, sigma: float) -> float:
    """Return log of the mean over samples s of N(x; s, σ²I)."""
    logs = stats.norm.logpdf(x, samples.astype(float), sigma).sum(axis=1)
    return special.logsumexp(logs) - math.log(len(logs))


def scores(dataset: Dataset, sets: list[np.ndarray]) -> tuple[float, list[float]]:
    """Return σ of the largest validation mean, and log p of the test images, class k under set k.

    One image after another.
    """

    def of(rows: np.ndarray, sigma: float) -> list[float]:
        pairs = zip(dataset.images(rows), dataset.labels[rows], strict=True)
        return [window(x, sets[label], sigma) for x, label in pairs]

    fold = dataset.fold(0)
    sigma = max(AUTHORS_GRID, key=lambda sigma: np.mean(of(fold.valid, sigma)))
    return sigma, of(fold.test, sigma)


def test_each_image_is_scored_by_the_window_of_its_own_class_and_by_that_of_all(dataset, measured):
    draws, marginal = around(CENTRES, 6, 0.05), around(CENTRES.mean(axis=0)[None], 18, 0.4)[0]
    (one, told), (other, guessed) = scores(dataset, [*draws]), scores(dataset, [marginal] * CLASSES)
    # Each model has a σ of its own.
    assert one < other
    measures, close = measured(draws, marginal).measures, partial(pytest.approx, abs=1e-4)
    assert measures["parzen/p(x|c)"].value == close(np.mean(told))
    assert measures["parzen/p(x)"].value == close(np.mean(guessed))
    gain = measures["parzen/gain"]
    assert gain.value == close(np.mean(told) - np.mean(guessed))
    # Image by image: the interval is that of differences.
    half = stats.sem(np.subtract(told, guessed)) * stats.t.ppf(0.975, len(told) - 1)
    assert gain.high - gain.value == close(half)
    labels = dataset.labels[dataset.fold(0).test]
    for k in range(CLASSES):
        expected = np.mean([score for score, label in zip(told, labels, strict=True) if label == k])
        assert measures[f"parzen/class {k}"].value == close(expected)


def test_a_draw_is_recognised_where_it_shows_the_class_that_was_asked_for(measured):
    draws = around(CENTRES, 8, 0.01)
    draws[1, :2] = draws[0, :2]
    draws[2] = draws[1, ::-1]
    found = measured(draws, draws.reshape(-1, 4))
    shares = [found.measures[f"recognised/class {k}"].value for k in range(CLASSES)]
    assert shares == [1, 6 / 8, 0]
    assert found.series["recognised"] == (1, 6 / 8, 0)
    assert found.measures["recognised/samples"].value == pytest.approx(14 / 24)
    assert found.measures["recognised/test images"].value == 1
    np.testing.assert_array_equal(found.arrays["draws"], draws)


def test_diversity_is_the_part_of_a_standard_deviation_that_is_left(dataset, measured):
    """Training images drawn together towards the mean of their class have that part, in each."""
    images, labels = dataset.images(dataset.train), dataset.labels[dataset.train]
    parts, draws = (0.9, 0.5, 0.25), np.empty((CLASSES, EACH, 4), np.float32)
    for k, part in enumerate(parts):
        middle = images[labels == k].mean(axis=0)
        draws[k] = middle + part * (images[labels == k] - middle)
    found = measured(draws, images).measures["diversity"]
    assert found.value == pytest.approx(np.mean(parts), abs=1e-5)
    assert found.repeats == CLASSES

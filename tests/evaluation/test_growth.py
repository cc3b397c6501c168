"""Scores of growing numbers of samples: those of the protocol, resumable, none stored."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_repro.errors import UserError
from gan_repro.evaluation import growth, parzen
from gan_repro.evaluation.growth import Series, counts
from gan_repro.evaluation.window import log_likelihoods

CPU = torch.device("cpu")


@pytest.fixture
def draws(monkeypatch):
    """Chunks of 300 samples by their number, and which were asked for."""
    monkeypatch.setattr(growth, "CHUNK", 300)
    asked = []

    def draw(chunk: int) -> np.ndarray:
        asked.append(chunk)
        return np.random.default_rng(chunk).random((300, 4)).astype(np.float32)

    draw.asked = asked
    return draw


def series(tiny, tmp_path, largest=1_000, marks=None) -> Series:
    return Series(tiny, largest, tmp_path / "state.safetensors", marks or {"seed": 1}, CPU)


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (100, [100]),
        (1_000, [100, 200, 500, 1_000]),
        (1_500, [100, 200, 500, 1_000, 1_500]),
        (40_000, [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000]),
    ],
)
def test_counts_are_ones_twos_and_fives_and_the_last(largest, expected):
    assert counts(largest) == expected


def test_each_point_is_the_protocols_score_of_as_many_samples(tiny, tmp_path, draws):
    run = series(tiny, tmp_path)
    points = list(run.run(draws))
    assert [point.samples for point in points] == [100, 200, 500, 1_000]
    every = np.concatenate([draws(chunk) for chunk in range(4)])
    sigmas = run.sigmas.tolist()
    for point in points:
        expected = parzen.score(every[: point.samples], tiny)
        for name, grid in parzen.GRIDS["unit"].items():
            best = point.chosen(sigmas, grid)
            assert sigmas[best] == expected.grids[name].sigma
            for key in ("valid_ll", "test_ll", "test_se"):
                assert getattr(point, key)[best] == pytest.approx(
                    getattr(expected.grids[name], key), abs=1e-6
                )


def test_a_point_is_of_the_first_thousand_validation_images_and_all_test_images(
    uneven, tmp_path, draws
):
    run, fold = series(uneven, tmp_path, largest=100), uneven.fold(0)
    (point,) = run.run(draws)
    valid, test = (
        log_likelihoods(uneven.images(rows), draws(0)[:100], run.sigmas)
        for rows in (fold.valid[:1_000], fold.test)
    )
    np.testing.assert_allclose(point.valid_ll, valid.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(point.test_ll, test.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(point.test_se, test.std(axis=1) / 7**0.5, atol=1e-6)


def test_an_interrupted_series_ends_as_an_unbroken_one(tiny, tmp_path, draws):
    (tmp_path / "unbroken").mkdir()
    expected = list(series(tiny, tmp_path / "unbroken").run(draws))

    def stops(chunk: int) -> np.ndarray:
        if chunk == 2:
            raise KeyboardInterrupt
        return draws(chunk)

    with pytest.raises(KeyboardInterrupt):
        list(series(tiny, tmp_path).run(stops))
    draws.asked.clear()
    again = series(tiny, tmp_path)
    list(again.run(draws))
    assert draws.asked == [2, 3]
    assert again.points == expected


@pytest.mark.parametrize(("first", "largest"), [(600, 1_000), (500, 1_000), (1_000, 2_000)])
def test_a_finished_series_can_be_extended(tiny, tmp_path, draws, first, largest):
    """Also from within a chunk, whose first samples have been added before."""
    list(series(tiny, tmp_path, first).run(draws))
    longer = series(tiny, tmp_path, largest)
    list(longer.run(draws))
    (tmp_path / "whole").mkdir()
    whole = series(tiny, tmp_path / "whole", largest)
    list(whole.run(draws))
    assert longer.points[-1] == whole.points[-1]


@pytest.mark.parametrize(("largest", "marks"), [(1_000, {"seed": 2}), (300, {"seed": 1})])
def test_the_state_of_another_series_is_refused(tiny, tmp_path, draws, largest, marks):
    list(series(tiny, tmp_path).run(draws))
    with pytest.raises(UserError, match="another series of draws; move it away"):
        list(series(tiny, tmp_path, largest, marks).run(draws))


def test_contrast_images_have_their_own_grids(tiny):
    found = growth.all_sigmas(replace(tiny, space="contrast"))
    assert found.max() == 1.5
    assert len(found) > len(parzen.AUTHORS_GRID)

"""Global contrast normalisation against its formula, and what it means for a dataset."""

from dataclasses import replace

import numpy as np
import pytest

from gan_repro.data.dataset import load, save
from gan_repro.data.spaces import BLOCK, to_model_space
from gan_repro.evaluation.parzen import GRIDS


def test_every_image_is_centred_and_has_norm_55():
    pixels = np.random.default_rng(0).integers(0, 256, (BLOCK + 7, 48), dtype=np.uint8)
    found = to_model_space(pixels, "contrast", 255)
    assert found.dtype == np.float32
    for image, raw in zip(found[[0, 3, BLOCK, -1]], pixels[[0, 3, BLOCK, -1]], strict=True):
        centred = raw.astype(np.float64) - raw.astype(np.float64).mean()
        expected = centred / (np.sqrt((centred**2).sum()) / 55)
        np.testing.assert_allclose(image, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 55, rtol=1e-6)


def test_a_constant_image_becomes_zero():
    assert not to_model_space(np.full((2, 48), 200, np.uint8), "contrast", 255).any()


def test_the_root_mean_square_of_cifar_images_is_almost_one():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3072), dtype=np.uint8)
    rms = np.sqrt((to_model_space(pixels, "contrast", 255) ** 2).mean())
    assert rms == pytest.approx(0.992, abs=5e-4)


def test_the_space_survives_a_round_trip_and_is_unit_where_none_is_said(tiny, tmp_path):
    save(tiny, tmp_path / "unit.npz")
    save(replace(tiny, space="contrast"), tmp_path / "contrast.npz")
    assert load(tmp_path / "unit.npz").space == "unit"
    assert load(tmp_path / "contrast.npz").space == "contrast"


def test_both_spaces_are_scored_on_the_authors_grid_and_a_fine_one_of_their_scale():
    assert GRIDS["unit"]["authors"] is GRIDS["contrast"]["authors"]
    np.testing.assert_allclose(GRIDS["contrast"]["fine"], 3 * GRIDS["unit"]["fine"])

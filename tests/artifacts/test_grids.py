"""A picture of samples: their order, their colours, and what is no picture."""

import numpy as np
import pytest
from PIL import Image

from gan_repro.artifacts.figures import gap_width
from gan_repro.artifacts.grids import draw_grid, image_shape
from gan_repro.errors import UserError


@pytest.mark.parametrize(
    ("pixels", "shape"),
    [(784, (28, 28)), (3072, (3, 32, 32)), (64, (8, 8)), (625, (25, 25)), (2304, (48, 48))],
)
def test_shapes_are_those_of_the_datasets(pixels, shape):
    assert image_shape(pixels) == shape


def test_other_widths_are_one_line():
    with pytest.raises(UserError, match="65 values per sample are no square image"):
        image_shape(65)


def pixels(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image, dtype=float) / 255


def test_samples_are_laid_out_in_their_order(tmp_path):
    samples = np.repeat(np.linspace(0, 1, 6)[:, None], 100 * 100, axis=1)
    sheet = pixels(draw_grid(samples, 2, 3, tmp_path / "grid.png"))
    step, gap = 100 + 2 + gap_width(100), gap_width(100)
    centres = [
        sheet[gap + 51 + row * step, gap + 51 + column * step, 0]
        for row in range(2)
        for column in range(3)
    ]
    np.testing.assert_allclose(centres, np.linspace(0, 1, 6), atol=0.003)


def test_contrast_samples_share_one_scale(tmp_path):
    samples = np.stack([np.full(3 * 100 * 100, value) for value in (-2.0, 0.0, 4.0)])
    sheet = pixels(draw_grid(samples, 1, 3, tmp_path / "grid.png"))
    step, middle = 100 + 2 + gap_width(100), gap_width(100) + 51
    found = [sheet[middle, middle + column * step, 0] for column in range(3)]
    np.testing.assert_allclose(found, [0.25, 0.5, 1.0], atol=0.003)


def test_fewer_samples_than_places_leave_grey(tmp_path):
    sheet = pixels(draw_grid(np.ones((1, 100 * 100)), 1, 2, tmp_path / "grid.png"))
    assert sheet[60, 60, 0] == 1
    assert sheet[60, -60, 0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_one_line(tmp_path, value):
    samples = np.ones((3, 4))
    samples[1, 2] = value
    with pytest.raises(UserError, match="sample 1 has NaN or infinite values"):
        draw_grid(samples, 1, 2, tmp_path / "grid.png")
    assert not list(tmp_path.iterdir())
    assert draw_grid(samples, 1, 1, tmp_path / "grid.png").exists()

"""Lines between images, against lines whose measures are known."""

import numpy as np
import pytest

from gan_repro.evaluation.interpolation import measure_lines


def measured(images, dataset) -> dict[str, float]:
    return {line.measure: line.value for line in measure_lines(images, dataset)}


def test_a_straight_line_has_equal_steps(tiny):
    images = tiny.images(tiny.train)
    alpha = np.linspace(0, 1, 11)[:, None]
    lines = np.stack([(1 - alpha) * images[2 * i] + alpha * images[2 * i + 1] for i in range(3)])
    assert measured(lines, tiny)["steps"] == pytest.approx(1 / 10, rel=1e-5)


def test_a_jump_is_one_step(tiny):
    images = tiny.images(tiny.train)
    line = np.repeat(images[[0, 1]], [4, 7], axis=0)[None]
    assert measured(line, tiny)["steps"] == pytest.approx(1)
    assert measure_lines(line, tiny)[1].value > measure_lines(line, tiny)[1].bound


def test_inner_images_that_are_no_images_are_farther_from_them(tiny):
    images = tiny.images(tiny.train)
    ends = images[[0, 1]] + np.float32(0.01)
    noise = np.random.default_rng(0).random((1, 5, images.shape[1]), dtype=np.float32)
    line = np.concatenate([ends[:1], noise[0], ends[1:]])[None]
    between = measure_lines(line, tiny)[0]
    reference = np.linalg.norm(noise[0][:, None] - images[None], axis=2).min(axis=1).mean()
    own = np.linalg.norm(ends[:, None] - images[None], axis=2).min(axis=1).mean()
    assert between.value == pytest.approx(reference / own, rel=1e-4)
    assert between.value > between.bound

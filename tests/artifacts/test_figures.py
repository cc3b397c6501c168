"""Figures 2 and 3: what is shown, where, and in which colours."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from gan_repro.artifacts import figures
from gan_repro.artifacts.figures import GREY, YELLOW, displayed, draw_figure2, draw_figure3, mosaic
from gan_repro.data.dataset import load, save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import parse_experiment
from gan_repro.experiments.restored import interpolate, sample
from gan_repro.experiments.run import train
from gan_repro.files import sha256, write_json, write_npy
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")


def test_neighbours_are_of_the_fifth_sample_of_each_row(tiny):
    draws = tiny.images(tiny.train)[:20]
    found = figures.panel("a", "copies", draws, tiny)
    np.testing.assert_array_equal(found.samples, draws)
    np.testing.assert_array_equal(found.neighbours, draws[[4, 9, 14, 19]])


def test_too_few_draws_for_a_panel_are_one_line(tiny):
    with pytest.raises(UserError, match=r"panel \(a\) shows 20 samples, not 19; draw more"):
        figures.panel("a", "few", tiny.images(tiny.train)[:19], tiny)


def test_unit_images_are_shown_as_they_are(tiny):
    draws = tiny.images(tiny.train)[:4]
    found = displayed(draws, draws[:0], tiny)
    np.testing.assert_array_equal(found[..., 0], draws.reshape(4, 2, 2))
    np.testing.assert_array_equal(found[..., 0], found[..., 2])


def test_contrast_images_share_one_scale_and_neighbours_are_clipped(tiny):
    colour = replace(tiny, space="contrast", shape=(3, 1, 1), pixels=tiny.pixels[:, :3])
    samples = np.array([[-2, 0, 4], [1, 1, 1]], np.float32)
    neighbours = np.array([[8, -8, 2]], np.float32)
    found = displayed(samples, neighbours, colour)
    np.testing.assert_allclose(found[0, 0, 0], [0.25, 0.5, 1])
    np.testing.assert_allclose(found[2, 0, 0], [1, 0, 0.75])


def test_a_mosaic_has_gaps_of_five_pixels_and_frames_the_last_column():
    tiles = [[np.full((28, 28, 3), value) for value in (0.1, 0.2)] for _ in range(3)]
    sheet = mosaic(tiles, framed=True)
    assert sheet.shape == (3 * 35 + 5, 2 * 35 + 5, 3)
    assert (sheet[:5] == GREY).all()
    assert (sheet[6:34, 6:34] == 0.1).all()
    assert (sheet[5, 5:35] == GREY).all()
    assert (sheet[5, 40:70] == YELLOW).all()
    assert (sheet[6:34, 41:69] == 0.2).all()
    assert (sheet[6:34, 70:] == GREY).all()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a prepared dataset and a sampled run of one epoch on it."""
    root = tmp_path_factory.mktemp("figures")
    save(read_digits("digits", "digits 8×8 (not MNIST)", root), root / "prepared/digits.npz")
    content = {
        "title": "t", "row": "Adversarial nets", "dataset": "digits",
        "plan": {"epochs": 1, "batch_size": 200, "validate_samples": 50},
        "model": {
            "kind": "adversarial",
            "generator": {
                "noise": {"distribution": "uniform", "size": 5},
                "layers": [{"type": "sigmoid", "units": 64, "irange": 0.5, "bias": "marginals"}],
            },
            "discriminator": {"layers": [{"type": "sigmoid", "units": 1, "irange": 0.1}]},
            "recipe": {"update": "simultaneous", "generator_loss": "non_saturating"},
            "learning_rate": {"initial": 0.1}, "momentum": {},
        },
    }  # fmt: skip
    experiment = parse_experiment(content, "toy")
    folder = RunFolder(root / "run")
    train("toy", experiment, 3, root / "prepared", folder, CPU)
    write_npy(folder.path / "samples.npy", sample(folder.weights, 40, None, CPU))
    return root


def test_figure_2_is_written_whole_in_parts_and_as_numbers(finished, tmp_path):
    paths = draw_figure2({"a": finished / "run"}, finished / "prepared", tmp_path, CPU)
    assert {path.name for path in paths} == {
        "fig2.png", "fig2.pdf", "fig2a.png", "fig2a.pdf", "fig2_distances.csv",
    }  # fmt: skip
    with Image.open(tmp_path / "fig2a.png") as image:
        assert min(image.size) > 600
    (line,) = pd.read_csv(tmp_path / "fig2_distances.csv").to_dict("records")
    assert line["data"] == "digits 8×8 (not MNIST)"
    assert line["samples"] == 40
    assert line["ratio"] == pytest.approx(
        line["samples_to_training"] / line["test_to_training"], rel=1e-3
    )


def test_the_same_run_gives_the_same_bytes(finished, tmp_path):
    for part in ("one", "two"):
        draw_figure3(finished / "run", finished / "prepared", tmp_path / part, CPU)
    for name in ("fig3.png", "fig3.pdf", "fig3_distances.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_lines_in_z_are_straight_and_their_ends_are_fair_draws(finished):
    weights = RunFolder(finished / "run").weights
    found = interpolate(weights, 2, 5, CPU)
    assert found.shape == (2, 5, 64)
    # The toy generator is a sigmoid of an affine map, so its log-odds are linear in α.
    log_odds = np.log(found.astype(np.float64)) - np.log1p(-found.astype(np.float64))
    varying = np.abs(log_odds) < 8
    middle = (log_odds[:, 0] + log_odds[:, 4]) / 2
    where = varying[:, [0, 2, 4]].all(axis=1)
    np.testing.assert_allclose(log_odds[:, 2][where], middle[where], atol=1e-3)
    assert np.abs(found[0, 0] - found[1, 0]).max() > 0.01
    more = interpolate(weights, 3, 2, CPU)
    np.testing.assert_allclose(more[:2, 0], found[:, 0], atol=1e-6)


def test_other_data_than_the_runs_is_one_line(finished, tmp_path):
    other = load(finished / "prepared/digits.npz")
    save(replace(other, title="another"), tmp_path / "digits.npz")
    with pytest.raises(UserError, match="another version of digits"):
        draw_figure3(finished / "run", tmp_path, tmp_path, CPU)


def test_a_run_without_samples_is_drawn_from(finished, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(finished / "run", copy)
    (copy / "samples.npy").unlink()
    for number, folder in enumerate((finished / "run", copy)):
        draw_figure2({"a": folder}, finished / "prepared", tmp_path / str(number), CPU)
    pictures = [(tmp_path / part / "fig2a.png").read_bytes() for part in ("0", "1")]
    assert pictures[0] == pictures[1]


def test_samples_of_other_weights_are_one_line(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished / "run", run)
    digest = sha256(run / "samples.npy")
    write_json(run / "samples.drawn.json", {"weights_sha256": "0", "samples_sha256": digest})
    with pytest.raises(UserError, match="was drawn from other weights than model.safetensors"):
        draw_figure2({"a": run}, finished / "prepared", tmp_path / "out", CPU)
    weights = sha256(run / "model.safetensors")
    write_json(run / "samples.drawn.json", {"weights_sha256": weights, "samples_sha256": digest})
    assert draw_figure2({"a": run}, finished / "prepared", tmp_path / "out", CPU)


def test_a_folder_without_a_run_is_one_line(finished, tmp_path):
    with pytest.raises(UserError, match="no finished run"):
        draw_figure2({"a": tmp_path}, finished / "prepared", tmp_path, CPU)

"""Numbers that look like results and are none are refused, or named."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_repro.data.dataset import Fold, load, save
from gan_repro.errors import UserError
from gan_repro.evaluation.guards import data_warnings, run_warnings, sample_warnings, spread
from gan_repro.evaluation.scored import score_file
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.systems import system

CPU = torch.device("cpu")


@pytest.mark.parametrize("count", [1, 50])
def test_samples_that_are_all_alike_have_no_score(tiny, tmp_path, count):
    np.save(tmp_path / "samples.npy", np.full((count, 4), 0.5, np.float32))
    with pytest.raises(UserError, match="a score of that means nothing"):
        score_file(tmp_path / "samples.npy", tiny, [0], CPU)


def test_repeated_and_narrow_samples_are_named_in_the_score(tiny, tmp_path):
    rows = np.random.default_rng(0).random((20, 4), dtype=np.float32)
    np.save(tmp_path / "samples.npy", np.repeat(rows, 5, axis=0))
    (record,) = score_file(tmp_path / "samples.npy", tiny, [0], CPU)
    assert "only 20 of 100 samples are distinct" in record.warnings
    assert sample_warnings(rows, tiny) == []
    (found,) = sample_warnings(0.5 + 0.001 * rows, tiny)
    assert found.startswith("samples hardly vary: by 0.0003 per pixel")


@pytest.mark.parametrize(
    ("distinct", "expected"), [(9, []), (8, ["only 8 of 10 samples are distinct"])]
)
def test_samples_are_named_where_fewer_than_nine_of_ten_differ(tiny, distinct, expected):
    rows = np.random.default_rng(0).random((10, 4), dtype=np.float32)
    rows[distinct:] = rows[0]
    assert sample_warnings(rows, tiny) == expected


@pytest.mark.parametrize(("share", "named"), [(0.055, False), (0.045, True)])
def test_samples_are_named_below_a_twentieth_of_the_spread_of_the_data(tiny, share, named):
    rows = np.random.default_rng(0).random((50, 4))
    narrow = rows * share * spread(tiny.images(tiny.train)) / spread(rows)
    found = sample_warnings(narrow, tiny)
    assert [warning.startswith("samples hardly vary") for warning in found] == [True] * named


def test_repeated_test_images_are_named_and_constant_ones_refused(tiny, tmp_path):
    fold = tiny.folds[0]
    copies = replace(tiny, folds=(Fold(fold.valid, np.repeat(fold.test[:2], 5)),))
    assert data_warnings(copies, 0) == ["only 2 of 10 test images are distinct"]
    assert data_warnings(tiny, 0) == []
    save(replace(tiny, pixels=np.full_like(tiny.pixels, 7)), tmp_path / "digits.npz")
    with pytest.raises(UserError, match="the images of a part are all alike"):
        load(tmp_path / "digits.npz")


def test_spread_is_the_mean_deviation_of_the_columns():
    rows = np.random.default_rng(0).normal(size=(2_500, 3)) * [1, 2, 3]
    assert spread(rows) == pytest.approx(rows.std(axis=0).mean())


@pytest.mark.parametrize(
    ("name", "rate"), [("digits_dbn", 10.0), ("digits_gsn", 1e4), ("digits_cae", 10.0)]
)
def test_an_absurd_learning_rate_is_named(digits_images, name, rate):
    images, dataset = digits_images
    content = load_experiment(name)[1].with_epochs(4).model.model_dump()
    if "layers" in content:
        content["layers"] = [layer | {"learning_rate": rate} for layer in content["layers"]]
    else:
        content["learning_rate"] = rate
    kind = system(content["kind"])
    learner = kind.learner(kind.spec(**content), images, 0)
    for epoch in range(1, 5):
        for step, batch in enumerate(images.split(100)):
            learner.step((batch,), step, epoch)
    assert all(tensor.isfinite().all() for tensor in learner.tensors().values())
    assert run_warnings(learner.sample(200, 0), learner.weights(), dataset)

"""Other draws from the same weights: each its own, each scored as the first are."""

import dataclasses

import numpy as np
import pytest
import torch

from gan_repro.data.dataset import Fold, save
from gan_repro.data.embedded import read_digits
from gan_repro.evaluation import parzen
from gan_repro.evaluation.parzen import score
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.job import Options
from gan_repro.experiments.redrawn import redraw
from gan_repro.experiments.restored import restore
from gan_repro.experiments.run import train
from gan_repro.files import sha256
from gan_repro.training.runs import RunFolder
from gan_repro.training.seeds import stream_seed

CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=["digits_authors", "digits_gsn"])
def trained(tmp_path_factory, request):
    root = tmp_path_factory.mktemp("redrawn")
    dataset = read_digits("digits", "digits", root)
    save(dataset, root / "digits.npz")
    name, experiment = load_experiment(request.param)
    short, own = experiment.for_epochs(1)
    options = Options(recipe_epochs=own)
    train(name, short, 3, root, RunFolder(root / "run"), CPU, options=options)
    return RunFolder(root / "run"), dataset


def test_each_series_is_new_and_repeats(trained):
    folder, dataset = trained
    told = []
    found = redraw(folder, dataset, 3, 200, CPU, told.append)
    assert told == found == redraw(folder, dataset, 3, 200, CPU)
    assert [record.draw for record in found] == [1, 2, 3]
    assert len({record.grids["authors"].test_ll for record in found}) == 3
    assert {(record.experiment, record.seed, record.samples) for record in found} == {
        (folder.read_record().experiment, 3, 200)
    }


def test_a_score_of_other_draws_says_how_long_the_run_was_trained(trained):
    folder, dataset = trained
    (found,) = redraw(folder, dataset, 1, 20, CPU)
    record = folder.read_record()
    assert (found.epochs, found.recipe_epochs) == (1, record.recipe_epochs)
    assert found.recipe_epochs > 1
    assert found.samples_sha256 == sha256(folder.weights)


def test_a_series_scores_as_its_samples_do(trained):
    folder, dataset = trained
    (found,) = redraw(folder, dataset, 1, 200, CPU)
    samples = restore(folder.weights).draw(200, stream_seed(3, "samples 1 0"), CPU)
    assert found.grids == score(samples, dataset, 0, CPU).grids


def test_the_same_samples_are_scored_with_other_validation_images(trained, monkeypatch):
    folder, dataset = trained
    monkeypatch.setattr(parzen, "VALIDATION_POINTS", 40)
    subsets = parzen.validation_subsets(dataset)
    assert len(subsets) == len(dataset.fold(0).valid) // 40 > 2
    assert len(np.unique(np.concatenate(subsets))) == 40 * len(subsets)
    found = redraw(folder, dataset, 1, 200, CPU)
    assert [(record.draw, record.subset) for record in found] == [
        (1, 0),
        *((0, subset) for subset in range(1, len(subsets))),
    ]
    samples = restore(folder.weights).draw(200, stream_seed(3, "samples"), CPU)
    for record in found[1:]:
        rows = Fold(subsets[record.subset], dataset.fold(0).test)
        other = dataclasses.replace(dataset, folds=(rows,))
        assert record.grids == score(samples, other, 0, CPU).grids
    assert len({record.grids["authors"].valid_ll for record in found[1:]}) == len(subsets) - 1

"""The chains of finished runs, reported with what they do to a score."""

import pytest
import torch

from gan_repro.data.dataset import save
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.measured_chains import mixing_of
from gan_repro.experiments.run import train
from gan_repro.training.runs import RunFolder


@pytest.mark.parametrize(("name", "independent"), [("digits_gsn", False), ("digits_authors", True)])
def test_a_run_is_reported_with_its_scores(tmp_path, tiny, name, independent):
    save(tiny, tmp_path / "digits.npz")
    experiment = load_experiment(name)[1].with_epochs(1)
    if independent:
        generator = experiment.model.generator
        last = generator.layers[-1].model_copy(update={"units": 4})
        layers = (*generator.layers[:-1], last)
        generator = generator.model_copy(update={"layers": layers})
        model = experiment.model.model_copy(update={"generator": generator})
        experiment = experiment.model_copy(update={"model": model})
    folder, device = RunFolder(tmp_path / "run"), torch.device("cpu")
    train(name, experiment, 0, tmp_path, folder, device)
    found = mixing_of(folder, tiny, chains=4, steps=64, device=device)
    assert found.independent == independent
    assert (found.leak is None) == independent
    assert len(found.scores) == 10
    assert {score.samples for score in found.scores} == {16}
    assert found.effective > 0
    again = mixing_of(folder, tiny, chains=4, steps=64, device=device)
    assert again == found

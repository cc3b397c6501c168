"""The chains of finished runs, reported with what they do to a score."""

import shutil

import pytest
import torch

from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.evaluation.parzen import score
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.measured_chains import after_burn_in, drift_of, mixing_of
from gan_repro.experiments.restored import restore, sample
from gan_repro.experiments.run import train
from gan_repro.files import read_json, write_json
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")


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


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A CAE that has learned digits a little, and walks slowly."""
    root = tmp_path_factory.mktemp("drift")
    dataset = read_digits("digits", "digits", root)
    save(dataset, root / "digits.npz")
    experiment = load_experiment("digits_cae")[1].with_epochs(40)
    slow = experiment.model.model_copy(update={"walk_noise": 0.2})
    experiment = experiment.model_copy(update={"model": slow})
    train("digits_cae", experiment, 0, root, RunFolder(root / "run"), CPU)
    return RunFolder(root / "run"), dataset


@pytest.mark.parametrize("other", [{"experiment": "digits_dbn"}, {"seed": 3}])
def test_weights_of_another_run_are_refused(stack, tmp_path, other):
    folder = RunFolder(tmp_path)
    shutil.copy(stack[0].weights, folder.weights)
    assert restore(folder.weights).seed == 0
    write_json(folder.record, read_json(stack[0].record) | other)
    with pytest.raises(UserError, match="is of digits_cae, seed 0, but run.json beside") as caught:
        restore(folder.weights)
    assert "\n" not in str(caught.value)


def test_chains_are_read_after_another_burn_in_and_nothing_else_changes(stack):
    run = restore(stack[0].weights)
    longer = after_burn_in(run, 7)
    assert longer.experiment.model.chains.burn_in == 7
    assert after_burn_in(longer, run.experiment.model.chains.burn_in) == run


def test_a_longer_burn_in_moves_chains_further_from_their_images(stack):
    folder, dataset = stack
    found = drift_of(folder, dataset, (0, 5, 50), 300, CPU)
    moved = [point.displacement for point in found]
    assert 0 < moved[0] < moved[1] < moved[2]
    assert {(point.chains, point.samples) for point in found} == {(100, 300)}


def test_the_score_is_that_of_a_run_that_burns_in_as_long(stack):
    folder, dataset = stack
    run = restore(folder.weights)
    own = run.experiment.model.chains.burn_in
    (point,) = drift_of(folder, dataset, (own,), 300, CPU)
    assert point.grids == score(sample(folder.weights, 300), dataset).grids


@pytest.mark.parametrize(
    ("name", "message"),
    [("digits_authors", "independent, nothing drifts"), ("digits_gsn", "one chain")],
)
def test_what_cannot_drift_is_one_line(tmp_path, tiny, name, message):
    save(read_digits("digits", "digits", tmp_path), tmp_path / "digits.npz")
    folder = RunFolder(tmp_path / "run")
    train(name, load_experiment(name)[1].with_epochs(1), 0, tmp_path, folder, CPU)
    with pytest.raises(UserError, match=message):
        drift_of(folder, tiny, (0,), 100, CPU)

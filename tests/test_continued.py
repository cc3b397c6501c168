"""A run that goes on from the last state of another, under schedules of its own."""

import pytest
import torch

from gan_repro.data.dataset import save
from gan_repro.data.embedded import read_digits
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import Experiment, load_experiment
from gan_repro.experiments.run import train
from gan_repro.files import read_json
from gan_repro.training.checkpoint import last_state
from gan_repro.training.runs import RunFolder

CPU = torch.device("cpu")


def experiment(
    pretrained: str | None = None, rate: float = 0.1, kind: str = "authors"
) -> Experiment:
    content = load_experiment(f"digits_{kind}")[1].with_epochs(2)
    plan = content.plan.model_copy(update={"validate_samples": 50, "select": "last"})
    changes: dict = {"plan": plan, "pretrained": pretrained}
    if kind == "authors":
        slower = content.model.learning_rate.model_copy(update={"initial": rate, "minimum": 0.0})
        changes["model"] = content.model.model_copy(update={"learning_rate": slower})
    return content.model_copy(update=changes)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with data and a finished run of two epochs."""
    root = tmp_path_factory.mktemp("continued")
    save(read_digits("digits", "digits 8×8 (not MNIST)", root), root / "digits.npz")
    train("first", experiment(), 3, root, RunFolder(root / "first"), CPU)
    return root


def go_on(place, name: str, **changes) -> RunFolder:
    folder = RunFolder(place / name)
    content = experiment("first", **changes)
    train(name, content, 3, place, folder, CPU, pretrained=RunFolder(place / "first"))
    return folder


def test_it_starts_where_the_other_ended_velocities_included(place):
    """With a learning rate of almost nothing the weights only coast on their velocities."""
    folder = go_on(place, "coasting", rate=1e-30)
    before, after = (last_state(run.checkpoint) for run in (RunFolder(place / "first"), folder))
    steps, momentum = 2 * 13, load_experiment("digits_authors")[1].model.momentum
    factors = [momentum.at(1)] * 13 + [momentum.at(2)] * 13
    for name in before:
        if not name.endswith("weight"):
            continue
        velocity = before[name.replace("weight", "velocity")].double()
        expected = before[name].double()
        for factor in factors[:steps]:
            velocity = velocity * factor
            expected = expected + velocity
        torch.testing.assert_close(after[name].double(), expected, rtol=1e-4, atol=1e-6)


def test_what_it_started_from_is_recorded(place):
    record = read_json(go_on(place, "recorded").record)
    assert len(record["pretrained_sha256"]) == 64
    assert record["config"]["pretrained"] == "first"


def test_another_model_is_refused(place):
    with pytest.raises(UserError, match="is of another model than this one"):
        go_on(place, "another", kind="gsn")


def test_without_the_first_run_the_command_is_named(place, tmp_path):
    with pytest.raises(UserError, match="run: gan-repro train first"):
        train("x", experiment("first"), 3, place, RunFolder(tmp_path), CPU)

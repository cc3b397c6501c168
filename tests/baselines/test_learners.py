"""The baselines in the shared loop: greedy stages, resume, seeds, and sampling from files."""

import copy

import numpy as np
import pytest
import torch
from harness import IMAGES, Killed, finish, make_training

from gan_repro.baselines.chains import Chains
from gan_repro.config.catalogue import config_folder
from gan_repro.config.experiments import find_experiment, resolve
from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment, parse_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.loop import Training
from gan_repro.training.plan import Plan
from gan_repro.training.tensors import load_tensors

PLAN = Plan(epochs=4, batch_size=16, select="last", validate_every=1, validate_samples=20)
BASELINES = ("gsn", "cae", "dbn")


def model(kind: str):
    """The demo's model of a kind, narrower; a stack has two epochs for each of its two layers."""
    spec = load_experiment(f"digits_{kind}")[1].model
    spec = spec.model_copy(update={"chains": Chains(count=10, burn_in=2, thin=2)})
    if kind == "gsn":
        return spec.model_copy(update={"hidden": (12, 10)})
    narrow = [layer.model_copy(update={"units": 12}) for layer in spec.layers]
    return spec.model_copy(update={"layers": tuple(narrow)}).with_epochs(4)


def persistent():
    spec = model("dbn")
    layers = [
        layer.model_copy(update={"negative": layer.negative.model_copy(update={"chain": "pcd"})})
        for layer in spec.layers
    ]
    return spec.model_copy(update={"layers": tuple(layers)})


def training(folder, spec, seed=5, stop_at=None) -> Training:
    return make_training(folder, spec, PLAN, seed, stop_at, {"kind": spec.kind})


@pytest.mark.parametrize("steps", [[1], [5, 10], [4, 9, 10, 11, 15], list(range(1, 20))])
@pytest.mark.parametrize("spec", [*map(model, BASELINES), persistent()], ids=[*BASELINES, "pcd"])
def test_a_killed_run_ends_with_the_bytes_of_an_unbroken_one(tmp_path, spec, steps):
    expected = finish(training(tmp_path / "unbroken", spec))
    for step in steps:
        with pytest.raises(Killed):
            training(tmp_path / "broken", spec, stop_at=step).run()
    assert finish(training(tmp_path / "broken", spec)) == expected


@pytest.mark.parametrize("kind", BASELINES)
def test_another_seed_gives_other_bytes(tmp_path, kind):
    runs = [training(tmp_path / str(seed), model(kind), seed) for seed in (5, 6)]
    assert finish(runs[0]) != finish(runs[1])


@pytest.mark.parametrize("kind", BASELINES)
def test_saved_weights_draw_what_the_learner_draws(tmp_path, kind):
    run, spec = training(tmp_path, model(kind)), model(kind)
    finish(run)
    weights, _ = load_tensors(run.folder.weights)
    found = system(kind).sample(spec, weights, 30, 9, torch.device("cpu"))
    assert found.shape == (30, 64)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1
    np.testing.assert_array_equal(found, run.learner.sample(30, 9))
    assert not np.array_equal(found, run.learner.sample(30, 10))


@pytest.mark.parametrize("kind", ["cae", "dbn"])
def test_each_stage_trains_one_layer_and_leaves_the_others(kind):
    learner = system(kind).learner(model(kind), IMAGES, 0)
    untrained = {n: t.clone() for n, t in learner.weights().items()}
    learner.step((IMAGES,), 0, 2)
    middle = {n: t.clone() for n, t in learner.weights().items()}
    learner.step((IMAGES,), 1, 3)
    for name, tensor in learner.weights().items():
        assert torch.equal(untrained[name], middle[name]) == (not name.startswith("0."))
        assert torch.equal(middle[name], tensor) == (not name.startswith("1."))


@pytest.mark.parametrize("kind", ["cae", "dbn"])
def test_a_stack_in_its_first_stage_is_sampled_without_its_untrained_layers(kind):
    learner = system(kind).learner(model(kind), IMAGES, 0)
    learner.step((IMAGES,), 0, 1)
    before = learner.sample(20, 3)
    for name, tensor in learner.weights().items():
        if name.startswith("1."):
            tensor.zero_()
    np.testing.assert_array_equal(learner.sample(20, 3), before)


@pytest.mark.parametrize(("epochs", "shares"), [(2, [1, 1]), (5, [3, 2]), (200, [100, 100])])
def test_epochs_are_divided_between_the_layers(epochs, shares):
    spec = load_experiment("digits_cae")[1]
    changed = spec.model_copy(
        update={"model": spec.model.with_epochs(200), "plan": spec.plan}
    ).with_epochs(epochs)
    found = [layer.epochs for layer in changed.model.layers]
    assert sum(found) == changed.plan.epochs == epochs
    assert max(abs(a - b) for a, b in zip(found, shares, strict=True)) <= 1


def test_fewer_epochs_than_layers_are_refused():
    with pytest.raises(UserError, match="1 epochs for 2 layers"):
        load_experiment("digits_dbn")[1].with_epochs(1)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("plan", "epochs"), 7, "plan.epochs is 7"),
        (("plan", "select"), "validation", "need plan.select: last"),
        (("model", "layers", 0, "negative", "chain"), "cdd", "'cd' or 'pcd'"),
        (("model", "layers", 1, "momentum"), 1.0, "less than 1"),
    ],
)
def test_a_plan_that_does_not_fit_its_layers_is_refused(path, value, message):
    content = copy.deepcopy(resolve(find_experiment("digits_dbn")))
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(UserError, match=message):
        parse_experiment(content, "a file")


def test_a_misspelt_key_of_a_layer_is_answered_with_the_known_one(tmp_path):
    text = (config_folder() / "experiments" / "digits_cae.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("contraction:", "contractoin:"), encoding="utf-8")
    with pytest.raises(UserError, match="did you mean 'contraction'"):
        load_experiment(str(path))

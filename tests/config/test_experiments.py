"""What an experiment inherits, on which data it is, and what its file must not say."""

import os
from pathlib import Path

import pytest
import yaml

from gan_repro.config.catalogue import catalogue, config_folder
from gan_repro.config.experiments import find_experiment, known_experiments, merged, resolve
from gan_repro.errors import UserError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder with a base, a variant of it, and one for two datasets."""
    experiments = tmp_path / "config/experiments"
    experiments.mkdir(parents=True)
    datasets = (config_folder() / "datasets.yaml").read_text(encoding="utf-8")
    (tmp_path / "config/datasets.yaml").write_text(datasets, encoding="utf-8")
    write(experiments, "base", dataset="mnist", plan={"epochs": 3, "batch_size": 5}, model={
        "layers": [{"units": 1, "keep": 0.5}, {"units": 2}], "sizes": [1, 2]})  # fmt: skip
    write(experiments, "tfd_one", extends="base", dataset=["tfd", "lfw"], choices=["ours"])
    write(experiments, "tfd_two", extends="tfd_one", pretrained="tfd_one", plan={"epochs": 4})
    monkeypatch.chdir(tmp_path)
    return experiments


def write(folder: Path, name: str, **content) -> None:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def test_only_what_differs_is_said(folder):
    write(folder, "mine", extends="base", plan={"epochs": 7}, model={"layers": {1: {"units": 9}}})
    found = resolve(find_experiment("mine"))
    assert found == {
        "dataset": "mnist",
        "plan": {"epochs": 7, "batch_size": 5},
        "model": {"layers": [{"units": 1, "keep": 0.5}, {"units": 9}], "sizes": [1, 2]},
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"a": {"b": 2}}, {"a": {"b": 2, "c": [1, 2, 3]}}),
        ({"a": {"c": [9]}}, {"a": {"b": 1, "c": [9]}}),
        ({"a": {"c": {2: 9}}}, {"a": {"b": 1, "c": [1, 2, 9]}}),
        ({"a": None}, {"a": None}),
        ({"d": {"e": 1}}, {"a": {"b": 1, "c": [1, 2, 3]}, "d": {"e": 1}}),
        ({}, {"a": {"b": 1, "c": [1, 2, 3]}}),
    ],
)
def test_changes_reach_their_place_and_leave_the_base_alone(changes, expected):
    base = {"a": {"b": 1, "c": [1, 2, 3]}}
    assert merged(base, changes, "here") == expected
    assert base == {"a": {"b": 1, "c": [1, 2, 3]}}


def test_a_position_that_a_list_does_not_have_is_named():
    with pytest.raises(UserError, match="here: layers: no element 2 in a list of 2"):
        merged({"layers": [1, 2]}, {"layers": {2: 5}}, "here")


def test_a_file_for_two_datasets_is_an_experiment_on_each(folder):
    assert {"tfd_one", "lfw_one", "tfd_two", "lfw_two"} <= set(known_experiments())
    tfd, lfw = (resolve(find_experiment(name)) for name in ("tfd_two", "lfw_two"))
    assert (tfd["dataset"], tfd["pretrained"]) == ("tfd", "tfd_one")
    assert (lfw["dataset"], lfw["pretrained"]) == ("lfw", "lfw_one")
    assert tfd["choices"] == ["ours"]
    first, second = lfw["choices"]
    assert "not TFD" in first
    assert second == "ours"
    assert tfd["plan"] == lfw["plan"] == {"epochs": 4, "batch_size": 5}


def test_what_was_resolved_can_be_changed_without_changing_the_file(folder):
    resolve(find_experiment("base"))["model"]["layers"][0]["units"] = 99
    assert resolve(find_experiment("base"))["model"]["layers"][0]["units"] == 1


def test_a_changed_file_is_read_again(folder):
    assert resolve(find_experiment("tfd_two"))["plan"]["batch_size"] == 5
    write(folder, "base", dataset="mnist", plan={"epochs": 3, "batch_size": 66}, model={})
    assert resolve(find_experiment("tfd_two"))["plan"]["batch_size"] == 66


def test_a_new_file_and_a_changed_catalogue_are_seen(folder):
    # Files change within one tick of the clock here, never where a person changes them.
    listed = folder.parent / "datasets.yaml"
    for path in (folder, listed):
        os.utime(path, ns=(1, 1))
    before = set(catalogue())
    assert "fourth" not in known_experiments()
    write(folder, "fourth", dataset="mnist")
    assert "fourth" in known_experiments()
    listed.write_text(listed.read_text(encoding="utf-8").replace("mnist:", "renamed:", 1))
    assert set(catalogue()) - before == {"renamed"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"extends": "bas"}, "extends unknown experiment 'bas' .did you mean 'base'"),
        ({"extends": "mine"}, "extends itself"),
        ({"extends": "base", "dataset": []}, "dataset: name one"),
        ({"extends": "base", "dataset": [3]}, "dataset: name one"),
        ({"extends": "base", "model": {"layers": {5: {}}}}, "no element 5 in a list of 2"),
    ],
)
def test_a_file_that_makes_no_sense_is_one_line(folder, content, message):
    write(folder, "mine", **content)
    with pytest.raises(UserError, match=message) as caught:
        resolve(find_experiment("mine"))
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_files_that_extend_each_other_are_one_line(folder):
    write(folder, "one", extends="two")
    write(folder, "two", extends="one")
    with pytest.raises(UserError, match="extends itself through"):
        find_experiment("one")


def test_no_file_of_the_project_repeats_what_it_inherits():
    """A value that a file says again is one that it need not say."""

    def repeated(base, own):
        if isinstance(base, dict) and isinstance(own, dict):
            return [k for k in own if k in base and (repeated(base[k], own[k]))]
        if isinstance(base, list) and isinstance(own, dict):
            return [k for k in own if repeated(base[k], own[k])]
        return [own] if base == own else []

    for path in (config_folder() / "experiments").glob("*.yaml"):
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "extends" in own:
            parent = own.pop("extends")
            own_file = config_folder() / "experiments" / f"{parent}.yaml"
            base = yaml.safe_load(own_file.read_text(encoding="utf-8"))
            if "variants" not in base:
                base = resolve(find_experiment(parent))
            assert not repeated(base, own), path

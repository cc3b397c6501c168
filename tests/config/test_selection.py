"""Which experiments are trained depends on which data can be had."""

import json
from pathlib import Path

import pytest

from gan_repro.config.catalogue import config_folder, load_yaml
from gan_repro.config.selection import (
    can_be_had,
    check_starts,
    column_datasets,
    column_options,
    groups,
    notebook_parameters,
    select,
)
from gan_repro.errors import UserError


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GAN_REPRO_MIRROR", raising=False)
    return tmp_path / "raw"


def bring_tfd(raw: Path) -> None:
    (raw / "tfd").mkdir(parents=True)
    (raw / "tfd/TFD_48x48.mat").touch()


def test_a_stand_in_takes_the_place_of_what_cannot_be_had(raw):
    assert (can_be_had("tfd", raw), can_be_had("lfw", raw), can_be_had("mnist", raw)) == (
        False, True, True,
    )  # fmt: skip
    chosen = select(["mnist_dbn", "tfd_stage1", "tfd_stage2"], raw)
    assert list(chosen) == ["mnist_dbn", "lfw_stage1", "lfw_stage2"]
    assert chosen["lfw_stage2"]["pretrained"] == "lfw_stage1"


def test_what_the_user_brings_is_used(raw):
    bring_tfd(raw)
    assert can_be_had("tfd", raw)
    assert not can_be_had("lfw", raw)
    assert list(select(["tfd_stage1", "tfd_dbn"], raw)) == ["tfd_stage1", "tfd_dbn"]


def test_a_stand_in_asked_for_by_name_is_not_trained_beside_the_real_data(raw):
    assert list(select(["lfw_dbn"], raw)) == ["lfw_dbn"]
    bring_tfd(raw)
    assert list(select(["lfw_dbn"], raw)) == []


@pytest.mark.parametrize("profile", ["config", "demo", "cpu", "reference"])
def test_whatever_starts_from_another_run_has_it(profile, raw):
    content = load_yaml(config_folder() / f"{profile}.yaml")
    chosen = select(content["experiments"], raw)
    check_starts(chosen)
    firsts = {found["pretrained"] for found in chosen.values() if found.get("pretrained")}
    assert firsts
    for first in firsts:
        with pytest.raises(UserError, match=f"starts from {first}: name {first} among"):
            check_starts({name: found for name, found in chosen.items() if name != first})


def test_an_unknown_experiment_is_answered_with_the_nearest(raw):
    with pytest.raises(UserError, match="did you mean 'mnist_authors'"):
        select(["mnist_author"], raw)


def test_table_1_needs_its_columns_and_their_stand_ins_and_no_other_dataset():
    assert column_datasets(["mnist", "tfd"]) == ["mnist", "tfd", "lfw"]
    assert column_datasets(["digits", "faces"]) == ["digits", "faces"]


def test_an_empty_column_says_why(raw):
    options = column_options(["mnist", "tfd"], raw)
    assert options[:2] == ["--column", "MNIST=MNIST"]
    assert "not distributed publicly" in options[-1]
    bring_tfd(raw)
    assert "MD5" in column_options(["tfd"], raw)[-1]


def test_parameters_of_notebooks_are_those_that_they_have(tmp_path):
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["seed = 0\n"]}
    (tmp_path / "01_one.ipynb").write_text(json.dumps({"cells": [cell]}))
    path = tmp_path / "notebooks.yaml"
    path.write_text("01_one: {seed: 3}\n")
    assert notebook_parameters(str(path), tmp_path) == {"01_one": {"seed": 3}}
    assert notebook_parameters(None, tmp_path) == {}
    for text, message in (
        ("01_one: 3", "01_one: expected parameters"),
        ("01_oen: {}", "unknown notebook '01_oen' .did you mean '01_one'"),
        ("01_one: {sed: 3}", "unknown parameter 'sed' .did you mean 'seed'"),
        ("01_one: {seed: [3]}", "seed: expected a number or a text"),
    ):
        path.write_text(f"{text}\n")
        with pytest.raises(UserError, match=message):
            notebook_parameters(str(path), tmp_path)


KNOWN = ["digits_gsn", "digits_vae", "faces_stage1", "faces_stage2"]


def test_groups_are_as_they_are_given():
    given = [["digits_vae", "digits_gsn"], ["faces_stage2"]]
    assert groups(given, KNOWN, {"faces_stage1"}) == given
    assert groups([], KNOWN, {"faces_stage1"}) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([["digits_vea"]], "not trained here .did you mean 'digits_vae'"),
        ([["digits_vae"], ["digits_gsn", "digits_vae"]], "digits_vae is named twice"),
        ([["faces_stage1", "faces_stage2"]], "faces_stage1 is a first stage"),
    ],
)
def test_a_wrong_group_is_one_line(given, said):
    with pytest.raises(UserError, match=said):
        groups(given, KNOWN, {"faces_stage1"})

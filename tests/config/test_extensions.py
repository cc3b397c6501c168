"""Sets of extensions, and experiments that are variants of one file."""

import pytest
import yaml

from gan_repro.config.experiments import find_experiment, known_experiments, resolve
from gan_repro.config.extensions import ExtensionSet, load_extensions
from gan_repro.config.outputs import ON_RECORDS
from gan_repro.errors import UserError

SET = ExtensionSet(
    dataset="digits",
    extensions={
        "a": {"experiments": {"one": "x", "two": "y"}, "seeds": [0, 2]},
        "b": {"experiments": {"one": "x"}, "seeds": [1], "mixing": ["z"]},
    },
)


def test_an_entry_waits_for_its_runs_and_for_how_they_mix():
    files = SET.files(["b"])
    assert len(files) == 2
    assert "x/seed1/trained.sha256" in files[0]
    assert files[1].endswith("z/seed1/mixing.json")
    assert len(SET.files(["a"])) == 4
    assert len(SET.files(["a", "b"])) == 6


def test_seeds_are_those_that_some_extension_reads():
    assert SET.seeds("x") == [0, 1, 2]
    assert SET.seeds("z") == [1]
    assert SET.seeds("w") == []
    assert SET.experiments() == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"dataset": "digits"}, "extensions"),
        ({"dataset": "digits", "extensions": {"a": {"seeds": []}}}, "seeds"),
        ({"dataset": "digits", "extensions": {"a": {"seed": [1]}}}, "seed"),
    ],
)
def test_a_wrong_set_is_one_line(tmp_path, content, said):
    path = tmp_path / "set.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match=said) as error:
        load_extensions(str(path))
    assert "\n" not in str(error.value)


def test_a_set_may_be_a_part_of_another(tmp_path):
    whole, part = load_extensions("mnist"), load_extensions("mnist_table2")
    assert part.dataset == whole.dataset
    assert {name: whole.extensions[name] for name in part.extensions} == part.extensions
    assert "mnist_efficiency_base" not in part.experiments()
    path = tmp_path / "part.yaml"
    path.write_text(yaml.safe_dump({"extends": str(path), "only": ["directed"]}))
    with pytest.raises(UserError, match="part.yaml"):
        load_extensions(str(path))
    path.write_text(yaml.safe_dump({"extends": "mnist", "only": ["direct"]}))
    with pytest.raises(UserError, match="did you mean 'directed'"):
        load_extensions(str(path))


def test_a_set_may_change_what_it_takes_from_another(tmp_path):
    whole, path = load_extensions("mnist"), tmp_path / "less.yaml"
    changes = {"efficiency": {"seeds": [0]}, "semi_supervised": {"options": {"labels": [100]}}}
    path.write_text(yaml.safe_dump({"extends": "mnist", "extensions": changes}))
    less = load_extensions(str(path))
    assert [*less.extensions] == [*whole.extensions]
    assert less.entry("efficiency").seeds == (0,)
    assert less.entry("efficiency").experiments == whole.entry("efficiency").experiments
    own, other = less.entry("semi_supervised"), whole.entry("semi_supervised")
    assert own.options == {**other.options, "labels": [100]}
    path.write_text(yaml.safe_dump({"extends": "mnist", "extensions": {"direct": {}}}))
    with pytest.raises(UserError, match="did you mean 'directed'"):
        load_extensions(str(path))
    path.write_text(yaml.safe_dump({"extends": "mnist", "extensions": {"directed": {"seed": 1}}}))
    with pytest.raises(UserError, match=r"less\.yaml.*seed"):
        load_extensions(str(path))


def test_a_set_may_leave_a_role_out(tmp_path):
    path, whole = tmp_path / "less.yaml", load_extensions("mnist")
    changes = {"efficiency": {"experiments": {"k2": None}}}
    path.write_text(yaml.safe_dump({"extends": "mnist", "extensions": changes}))
    roles = dict(whole.entry("efficiency").experiments)
    del roles["k2"]
    assert load_extensions(str(path)).entry("efficiency").experiments == roles


def test_a_notebook_is_executed_where_all_its_records_are_measured():
    assert load_extensions("mnist").notebooks() == [*ON_RECORDS]
    assert load_extensions("mnist_table2").notebooks() == ["11_table_2"]
    assert SET.notebooks() == []


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'digits'"):
        load_extensions("digit")
    with pytest.raises(UserError, match="unknown extension"):
        SET.entry("c")


def test_variants_are_experiments_of_their_own():
    sources = known_experiments()
    base, k5 = (resolve(sources[f"mnist_efficiency_{name}"]) for name in ("base", "k5"))
    assert "variants" not in base
    assert k5["model"]["recipe"]["discriminator_steps"] == 5
    assert base["model"]["recipe"]["discriminator_steps"] == 1
    del k5["model"]["recipe"]["discriminator_steps"], base["model"]["recipe"]["discriminator_steps"]
    assert k5["model"] == base["model"]
    assert "mnist_efficiency" not in sources


def test_a_variants_file_is_no_experiment_and_says_which_are():
    path = known_experiments()["digits_efficiency_base"].path
    with pytest.raises(UserError, match="digits_efficiency_base, "):
        find_experiment(str(path))

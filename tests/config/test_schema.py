"""A wrong configuration is answered with the place and the nearest known key."""

from pathlib import Path

import pytest
import yaml

from gan_repro.config.experiments import find_experiment, known_experiments, resolve
from gan_repro.errors import UserError, suggest
from gan_repro.experiments.experiment import load_experiment


def edited(tmp_path: Path, change) -> str:
    content = resolve(find_experiment("digits_authors"))
    change(content)
    path = tmp_path / "edited.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c["plan"].update(epoch=3), "plan.epoch: unknown key (did you mean 'epochs'?)"),
        (lambda c: c["model"].update(learning_rat=1), "did you mean 'learning_rate'?"),
        (
            lambda c: c["model"]["generator"]["layers"][0].update(unit=3),
            "unknown key (did you mean 'units'?)",
        ),
        (lambda c: c["model"]["learning_rate"].update(initial=-0.1), "greater than 0 (got -0.1)"),
        (lambda c: c["model"]["momentum"].update(final=1.5), "less than 1 (got 1.5)"),
        (lambda c: c["plan"].update(epochs=0), "plan.epochs"),
        (lambda c: c.pop("dataset"), "dataset: name one"),
        (
            lambda c: c["model"]["recipe"].update(discriminator_steps=2),
            "a simultaneous update has discriminator_steps: 1",
        ),
    ],
)
def test_a_wrong_key_or_value_is_named_in_one_line(tmp_path, change, expected):
    with pytest.raises(UserError) as caught:
        load_experiment(edited(tmp_path, change))
    assert expected in str(caught.value)
    assert "edited.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_experiment_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'mnist_authors'"):
        load_experiment("mnist_author")


def test_yaml_that_does_not_parse_is_one_line(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("plan: {epochs: 3\nmodel")
    with pytest.raises(UserError) as caught:
        load_experiment(str(path))
    assert "\n" not in str(caught.value)
    assert "broken.yaml is not valid YAML" in str(caught.value)


def test_every_experiment_of_the_project_is_valid():
    names = known_experiments()
    assert {"tfd_stage2", "lfw_stage2", "mnist_authors"} <= set(names)
    for name in names:
        assert load_experiment(name)[0] == name


def test_suggestions_list_everything_where_nothing_is_close():
    assert suggest("zzz", ["alpha", "beta"]) == " (known: alpha, beta)"

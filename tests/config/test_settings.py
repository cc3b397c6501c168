"""Settings of the workflow: numbers that arrive as texts, and mistakes in one line."""

import pytest
import yaml
from checkouts import ROOT

from gan_repro.config.experiments import merged
from gan_repro.config.settings import check_settings, with_numbers
from gan_repro.errors import UserError

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
PLAIN = yaml.safe_load((ROOT / "config/config.yaml").read_text())


def test_numbers_are_read_wherever_they_are_and_nothing_else_is():
    given = {"seeds": ["0", "-3"], "epochs": {"digits_gsn": "20"}, "share": "0.5", "device": "cpu"}
    read = {"seeds": [0, -3], "epochs": {"digits_gsn": 20}, "share": 0.5, "device": "cpu"}
    assert with_numbers(given) == read
    texts = ["", "1e3", "0x1", "2 words", "1_000", "mnist", "١", "1.2.3"]
    assert [type(value) for value in with_numbers(texts)] == [str] * len(texts)


@pytest.mark.parametrize("name", ["config", "demo", "cpu", "reference"])
def test_what_the_project_ships_is_allowed(name):
    own = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    check_settings(merged(PLAIN, own, name), SCHEMA)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sampels": 500}, r"'sampels' was unexpected \(did you mean 'samples'\?\)"),
        ({"seeds": ["a"]}, "seeds.0: 'a' is not of type 'integer'"),
        ({"seeds": [-1]}, "seeds.0: -1 is less than the minimum of 0"),
        ({"epochs": {"mnist_gsn": "x"}}, "epochs.mnist_gsn: 'x' is not of type 'integer'"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(changes, said):
    with pytest.raises(UserError, match=f"^the configuration: {said}") as caught:
        check_settings({**PLAIN, **changes}, SCHEMA)
    assert "\n" not in str(caught.value)

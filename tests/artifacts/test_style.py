"""Every model looks the same in every figure, and unlike every other one."""

import pytest
from matplotlib import pyplot as plt

from gan_repro.artifacts.style import MODELS, STRANGERS, looks, save_figure
from gan_repro.paper import TABLE_1


def test_no_two_models_look_alike_with_or_without_colour():
    assert len(set(MODELS.values())) == len(MODELS)
    strokes = [(line, marker) for _, line, marker in MODELS.values()]
    assert len(set(strokes)) == len(strokes)


def test_a_row_looks_the_same_in_any_company():
    alone = looks(["Deep GSN"])["Deep GSN"]
    assert looks(["mine", *reversed(TABLE_1)])["Deep GSN"] == alone


def test_strangers_differ_from_each_other():
    found = looks(["one", "two", "three"])
    assert len({str(look) for look in found.values()}) == len(STRANGERS) == 3


@pytest.mark.parametrize("name", ["cur.v2", "cur.v2.png", "cur.v2.pdf"])
def test_a_dot_in_a_figure_s_name_stays(tmp_path, name):
    figure, _ = plt.subplots(figsize=(1, 1))
    paths = save_figure(figure, tmp_path / name)
    assert [path.name for path in paths] == ["cur.v2.png", "cur.v2.pdf"]
    assert {path.name for path in tmp_path.iterdir()} == {"cur.v2.png", "cur.v2.pdf"}

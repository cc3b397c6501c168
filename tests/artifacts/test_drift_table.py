"""The drift of chains as a table and as a figure: nothing but what was measured."""

import pytest

from gan_repro.artifacts import drift_table
from gan_repro.config.schema import to_json
from gan_repro.errors import UserError
from gan_repro.evaluation.drift import DriftPoint
from gan_repro.files import write_json


def point(row: str, burn_in: int, displacement: float, score: float) -> DriftPoint:
    grid = {
        "sigma": 0.2, "at_edge": False, "valid_ll": 1.0, "test_ll": score, "test_se": 2.0,
        "sigmas": [0.2], "valid_curve": [1.0],
    }  # fmt: skip
    return DriftPoint(
        row=row, title="MNIST", experiment=f"of {row}", seed=0, epochs=2, samples=10_000, fold=0,
        chains=100, valid_points=10, test_points=10, warnings=(), dataset="mnist",
        dataset_sha256="0", burn_in=burn_in, displacement=displacement,
        grids={"authors": grid, "fine": grid | {"test_ll": score + 5}},
    )  # fmt: skip


POINTS = [
    point("DBN", 0, 0.3, 170.0),
    point("DBN", 1_000, 0.9, -80.0),
    point("Stacked CAE", 0, 0.4, 120.0),
    point("Stacked CAE", 1_000, 0.8, 60.0),
]


def test_a_run_that_is_given_twice_is_one_line(tmp_path):
    paths = [tmp_path / f"{number}.json" for number in range(3)]
    for path, points in zip(paths, (POINTS[:2], POINTS[2:], POINTS[1:2]), strict=True):
        write_json(path, [to_json(one) for one in points])
    assert drift_table.read_points(paths[:2]) == POINTS
    for again in (paths[0], paths[2]):
        with pytest.raises(UserError, match=r"is of the same run as .*0\.json; name each"):
            drift_table.read_points([*paths[:2], again])


def test_the_table_has_every_point():
    table = drift_table.table(POINTS)
    assert table["burn_in"].tolist() == [0, 1_000, 0, 1_000]
    assert table["test_ll"].tolist() == [170.0, -80.0, 120.0, 60.0]
    assert table["test_ll_fine_grid"].tolist() == [175.0, -75.0, 125.0, 65.0]


def test_the_figure_has_a_line_per_run_and_the_papers_levels():
    (axis,) = drift_table.figure(POINTS).axes
    lines = {tuple(line.get_ydata()) for line in axis.lines}
    assert {(170.0, -80.0), (120.0, 60.0), (138, 138), (121, 121)} == lines
    assert {text.get_text() for text in axis.texts} == {"0", "1,000"}


def test_points_that_would_share_a_place_share_a_label():
    near = [point("DBN", 10, 0.31, 168.0), point("DBN", 100, 0.32, 166.0)]
    (axis,) = drift_table.figure([POINTS[0], *near, *POINTS[1:]]).axes
    assert [text.get_text() for text in axis.texts] == ["0 to 100", "1,000", "0", "1,000"]


def test_each_dataset_has_a_panel_of_its_own():
    faces = [value.model_copy(update={"title": "TFD-format faces (not TFD)"}) for value in POINTS]
    figure = drift_table.figure([*POINTS[:2], *faces[2:]])
    assert [axis.get_title() for axis in figure.axes] == ["MNIST", "TFD-format faces (not TFD)"]
    assert [tuple(axis.lines[0].get_ydata()) for axis in figure.axes] == [(170, -80), (120, 60)]
    (bars,) = figure.axes[0].collections
    assert [tuple(bar[:, 1]) for bar in bars.get_segments()] == [(168, 172), (-82, -78)]


@pytest.mark.parametrize("title", ["digits 8×8 (not MNIST)"])
def test_stand_in_data_meets_no_level_of_the_paper(title):
    points = [value.model_copy(update={"title": title}) for value in POINTS]
    (axis,) = drift_table.figure(points).axes
    assert len(axis.lines) == 2

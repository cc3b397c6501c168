"""Figures of growth: series of one model are told apart, labels are apart, the table is theirs."""

from itertools import combinations
from types import SimpleNamespace

import pytest

from gan_repro.artifacts import growth_figures
from gan_repro.config.schema import to_json
from gan_repro.errors import UserError
from gan_repro.evaluation.growth import Growth, GrowthPoint, all_sigmas
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.files import write_json

SIGMAS = tuple(all_sigmas(SimpleNamespace(space="unit")).tolist())


def record(epochs: int, shift: float) -> Growth:
    """A series whose best σ is the grid's third below 10,000 samples, and its second from there."""
    points = []
    for samples in (1_000, 10_000, 100_000):
        best = SIGMAS.index(AUTHORS_GRID[3 if samples < 10_000 else 2])
        scores = tuple(shift + samples**0.2 - 10 * abs(i - best) for i in range(len(SIGMAS)))
        errors = tuple(0.4 / sigma for sigma in SIGMAS)
        points.append(GrowthPoint(samples=samples, valid_ll=scores, test_ll=scores, test_se=errors))
    return Growth(
        experiment="mnist_authors", row="Adversarial nets", seed=0, epochs=epochs,
        dataset="mnist", title="MNIST", dataset_sha256="0" * 64, draw=0, sigmas=SIGMAS,
        points=tuple(points),
    )  # fmt: skip


RECORDS = [record(1_000, 200.0), record(200, 150.0)]


def written(folder, records: list[Growth]) -> list:
    """Write records, each into a file of its own."""
    paths = [folder / f"{number}.json" for number in range(len(records))]
    for path, content in zip(paths, records, strict=True):
        write_json(path, to_json(content))
    return paths


def test_a_series_that_is_given_twice_is_one_line(tmp_path):
    another = RECORDS[0].model_copy(update={"draw": 1})
    first, *others = written(tmp_path, [*RECORDS, another, RECORDS[0]])
    assert growth_figures.read_growth([first, *others[:2]]) == [*RECORDS, another]
    for again in (first, others[2]):
        with pytest.raises(UserError, match=r"is of the same run as .*0\.json; name each") as error:
            growth_figures.read_growth([first, *others[:2], again])
        assert "\n" not in str(error.value)


def test_series_of_two_datasets_are_one_line(tmp_path):
    faces = RECORDS[1].model_copy(update={"dataset": "tfd", "title": "TFD"})
    with pytest.raises(UserError, match="are of MNIST and of TFD, but a figure is of one"):
        growth_figures.read_growth(written(tmp_path, [RECORDS[0], faces]))


@pytest.mark.parametrize("draw", [growth_figures.draw_growth, growth_figures.draw_errors])
def test_series_of_one_model_are_told_apart(draw):
    figure = draw(RECORDS, "MNIST")
    lines = [line for line in figure.axes[0].get_lines() if "epochs" in str(line.get_label())]
    assert len(lines) == 2
    assert len({line.get_color() for line in lines}) == 1
    assert len({line.get_linestyle() for line in lines}) == 2


def test_epochs_are_named_where_they_tell_series_apart_or_fall_short_of_the_recipe():
    whole, early = RECORDS
    short = early.model_copy(update={"row": "Deep GSN", "recipe_epochs": 1_000})
    assert growth_figures.label(whole, [whole, short]) == "Adversarial nets"
    assert growth_figures.label(whole, RECORDS) == "Adversarial nets, 1,000 epochs"
    assert growth_figures.label(short, [whole, short]) == "Deep GSN, 200 of 1,000 epochs"


@pytest.mark.parametrize("draw", [growth_figures.draw_growth, growth_figures.draw_errors])
def test_labels_do_not_overlap(draw):
    figure = draw(RECORDS, "MNIST")
    figure.canvas.draw()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert any(axes.texts for axes in figure.axes)


def test_the_table_has_the_fine_grid_of_the_data():
    sigmas = tuple(all_sigmas(SimpleNamespace(space="contrast")).tolist())
    scores = tuple(-abs(sigma - 0.9) for sigma in sigmas)
    point = GrowthPoint(samples=100, valid_ll=scores, test_ll=scores, test_se=scores)
    of_contrast = RECORDS[0].model_copy(update={"sigmas": sigmas, "points": (point,)})
    assert growth_figures.table([of_contrast])["sigma_fine"].tolist() == [0.9]
    assert growth_figures.table(RECORDS)["sigma_fine"].max() <= 0.5
    fewer = of_contrast.model_copy(update={"sigmas": sigmas[1:]})
    with pytest.raises(UserError, match="has other grids of σ; measure it again"):
        growth_figures.table([fewer])


def test_the_table_names_the_bandwidth_of_each_grid():
    table = growth_figures.table(RECORDS)
    assert table["samples"].tolist() == [1_000, 10_000, 100_000] * 2
    assert table["sigma_authors"].tolist() == [0.2154, 0.1668, 0.1668] * 2
    assert table["test_ll_authors"].iloc[1] == pytest.approx(200 + 10_000**0.2, abs=0.01)
    assert table["test_se_authors"].iloc[1] == pytest.approx(0.4 / AUTHORS_GRID[2], abs=0.001)


def test_errors_are_of_the_most_samples_where_nobody_has_the_usual_number():
    short = [
        one.model_copy(update={"points": one.points[:1], "title": "digits"}) for one in RECORDS
    ]
    figure = growth_figures.draw_errors(short, "digits")
    mean, error = figure.axes
    assert "1,000 samples" in figure.get_suptitle()
    assert "paper" not in figure.get_suptitle()
    for axes in (mean, error):
        curves = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
        assert len(curves) == 2
        low, high = axes.get_ylim()
        assert all(((line.get_ydata() > low) & (line.get_ydata() < high)).any() for line in curves)


@pytest.mark.parametrize(
    ("points", "upright", "chosen"), [(1, 0, ["σ = 0.215"]), (3, 1, ["σ = 0.167", "σ = 0.215"])]
)
def test_the_usual_number_is_marked_where_a_series_comes_there(points, upright, chosen):
    short = [one.model_copy(update={"points": one.points[:points]}) for one in RECORDS]
    (axes,) = growth_figures.draw_growth(short, "MNIST").axes
    lines = [line for line in axes.get_lines() if [*line.get_xdata()] == [10_000, 10_000]]
    assert len(lines) == upright
    assert [text.get_text() for text in axes.get_legend().get_texts()] == chosen

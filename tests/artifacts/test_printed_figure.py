"""The figure of what prints 225 ± 2: broad exactly where the error does, dots where σ is chosen."""

import numpy as np
import pytest

from gan_repro.artifacts.printed_figure import SIGMAS, draw_printed, prints_as
from gan_repro.evaluation.growth import Growth, GrowthPoint
from gan_repro.evaluation.parzen import AUTHORS_GRID

GRID = tuple(AUTHORS_GRID.tolist())
SAMPLES = (1_000, 10_000, 100_000)


def record(row: str, errors: tuple[float, ...], title: str = "MNIST") -> Growth:
    """A series whose every σ has the same error at a number of samples; the third σ is chosen."""
    scores = tuple(-10.0 * abs(place - 2) for place in range(len(GRID)))
    points = tuple(
        GrowthPoint(
            samples=count,
            valid_ll=scores,
            test_ll=tuple(score + 100 * np.log10(count) for score in scores),
            test_se=(error,) * len(GRID),
        )
        for count, error in zip(SAMPLES, errors, strict=True)
    )
    return Growth(
        experiment="x", row=row, seed=0, epochs=9, dataset="x", title=title,
        dataset_sha256="0" * 64, draw=0, sigmas=GRID, points=points,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "printed", "expected"),
    [
        (1.5001, 2, True), (2.4999, 2, True), (1.4999, 2, False), (2.5001, 2, False),
        (1.5501, 1.6, True), (1.6499, 1.6, True), (1.5499, 1.6, False), (2, 1.6, False),
    ],
)  # fmt: skip
def test_an_error_prints_as_another_where_it_rounds_to_it(error, printed, expected):
    assert prints_as(error, printed) is expected


def test_a_line_is_broad_where_its_error_is_the_paper_s_and_has_dots_where_sigma_is_chosen():
    figure = draw_printed([record("Adversarial nets", (1.0, 2.0, 2.2))], "MNIST")
    assert [axes.get_title() for axes in figure.axes] == [f"σ = {s:.3g}" for s in SIGMAS]
    for axes, sigma in zip(figure.axes, SIGMAS, strict=True):
        thin, broad, dots = axes.get_lines()[:3]
        assert broad.get_linewidth() > 2 * thin.get_linewidth()
        np.testing.assert_array_equal(np.isfinite(broad.get_ydata()), [False, True, True])
        np.testing.assert_array_equal(broad.get_ydata()[1:], thin.get_ydata()[1:])
        assert [*dots.get_xdata()] == ([*SAMPLES] if sigma == GRID[2] else [])
        assert 225 in axes.get_lines()[3].get_ydata()


def test_adversarial_nets_and_real_images_of_one_dataset_are_shown():
    rows = ("DBN", "Adversarial nets", "Adversarial nets (then annealed)")
    records = [record(row, (2, 2, 2)) for row in (*rows, "Training images as samples")]
    records.append(record("Adversarial nets (narrow)", (2, 2, 2), "another"))
    figure = draw_printed(records, "MNIST")
    assert figure.get_suptitle() == "MNIST"
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named[:3] == [one.row for one in records[1:4]]
    assert not [name for name in named if "DBN" in name or "narrow" in name]


def test_data_that_the_paper_does_not_have_is_held_against_nothing():
    figure = draw_printed([record("Adversarial nets", (2, 2, 2), "digits")], "digits")
    for axes in figure.axes:
        _, broad, _ = axes.get_lines()
        assert np.isnan(broad.get_ydata()).all()
    assert not [t for t in figure.legends[0].get_texts() if "prints" in t.get_text()]


def test_a_folder_without_adversarial_nets_has_an_empty_figure():
    figure = draw_printed([record("DBN", (2, 2, 2))], "MNIST")
    assert all(len(axes.get_lines()) == 2 for axes in figure.axes)

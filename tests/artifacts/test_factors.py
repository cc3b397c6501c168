"""Runs with one factor changed are compared at the epochs that both were validated at."""

import pandas as pd
import pytest
from harness import run_record

from gan_repro.artifacts import factors
from gan_repro.config.schema import to_json
from gan_repro.errors import UserError
from gan_repro.files import write_json


def course(folder, scores, row="Adversarial nets", seed=0, dataset=None):
    """Write a run whose validation scores are given by epoch, and read it."""
    record = run_record()
    config = record.config | {"title": row, "row": row}
    changes = {"config": config, "row": row, "seed": seed, "experiment": row.lower()}
    if dataset:
        changes["dataset"] = record.dataset.model_copy(update={"name": dataset})
    write_json(folder / "run.json", to_json(record.model_copy(update=changes)))
    epochs = range(1, max(scores, default=1) + 1)
    rows = [{"epoch": epoch, "valid_ll": scores.get(epoch)} for epoch in epochs]
    pd.DataFrame(rows).to_csv(folder / "metrics.csv", index=False)
    return factors.read_course(folder)


@pytest.fixture
def recipe(tmp_path):
    return course(tmp_path / "recipe", {10: 0.0, 20: 50.0, 30: 80.0, 40: 95.0, 50: 99.0})


def test_differences_are_of_the_last_common_validations(tmp_path, recipe):
    other = course(tmp_path / "b", {10: 7.0, 20: 51.0, 30: 90.0, 35: 400.0, 40: 99.0}, "B")
    (line,) = factors.table(recipe, [other]).to_dict("records")
    assert (line["first_epoch"], line["last_epoch"]) == (20, 40)
    assert line["difference"] == pytest.approx((1 + 10 + 4) / 3)
    assert (line["smallest"], line["largest"]) == (1, 10)
    assert line["valid_ll"] - line["recipe_valid_ll"] == pytest.approx(line["difference"])


def test_another_seed_of_the_recipe_is_named(tmp_path, recipe):
    other = course(tmp_path / "c", dict(recipe.scores), seed=1)
    (line,) = factors.table(recipe, [other]).to_dict("records")
    assert (line["model"], line["difference"]) == ("Adversarial nets, seed 1", 0)


@pytest.mark.parametrize(
    "scores", [{10: 1.0, 20: 2.0}, {5: 1.0, 15: 2.0, 25: 3.0}, {}], ids=["few", "others", "none"]
)
def test_what_was_not_validated_with_the_recipe_has_no_numbers(tmp_path, recipe, scores):
    short = course(tmp_path / "d", scores, "D")
    whole = course(tmp_path / "w", {10: 1.0, 20: 2.0, 30: 3.0}, "W")
    lines = factors.table(recipe, [short, whole]).set_index("model")
    assert lines.loc["D", list(factors.NUMBERS)].isna().all()
    assert lines.loc["W", list(factors.NUMBERS)].notna().all()
    assert len(factors.draw(recipe, [short, whole]).axes[0].get_lines()) == 3


def test_a_run_of_other_data_is_refused_in_one_line(tmp_path, recipe):
    other = course(tmp_path / "d", {10: 1.0, 20: 2.0, 30: 3.0}, "D", dataset="other")
    with pytest.raises(UserError, match="compare it with its own") as error:
        factors.table(recipe, [other])
    assert "\n" not in str(error.value)


def test_a_run_of_another_version_of_the_data_is_refused_in_one_line(tmp_path, recipe):
    other = course(tmp_path / "d", {10: 1.0, 20: 2.0, 30: 3.0}, "D")
    data = other.record.dataset.model_copy(update={"sha256": "another"})
    record = other.record.model_copy(update={"dataset": data})
    with pytest.raises(UserError, match="d, seed 0, is of another version of") as error:
        factors.table(recipe, [other._replace(record=record)])
    assert "\n" not in str(error.value)


def test_the_figure_ends_with_the_changed_runs(tmp_path, recipe):
    other = course(tmp_path / "e", {10: 1.0, 20: 2.0, 30: 3.0}, "Adversarial nets (Gaussian z)")
    again = course(tmp_path / "f", {10: 1.0, 20: 2.0, 30: 3.0}, seed=1)
    lines = factors.draw(recipe, [other, again]).axes[0].get_lines()
    assert [line.get_xdata()[-1] for line in lines] == [30, 30, 30]
    assert [line.get_label() for line in lines] == [
        "Adversarial nets",
        "Gaussian z",
        "Adversarial nets, seed 1",
    ]
    looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines}
    assert len(looks) == 3


def test_runs_of_one_row_are_told_apart_and_named(tmp_path, recipe):
    scores = {10: 1.0, 20: 2.0, 30: 3.0}
    rows = {
        "Adversarial nets": (1, 2),
        "Adversarial nets (minimax loss)": (0, 1),
        "Adversarial nets (Gaussian z)": (0, 0),
    }
    runs = [
        course(tmp_path / f"{row} {number}", {**scores, 20: number}, row, seed)
        for row, seeds in rows.items()
        for number, seed in enumerate(seeds)
    ]
    figure = factors.draw(recipe, runs)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Adversarial nets",
        "Adversarial nets, seed 1",
        "Adversarial nets, seed 2",
        "minimax loss",
        "minimax loss, seed 1",
        "Gaussian z",
        "Gaussian z, again, to epoch 30",
    ]
    for axes in figure.axes:
        looks = {(line.get_color(), line.get_linestyle(), line.get_marker(),
                  line.get_markerfacecolor()) for line in axes.get_lines()}  # fmt: skip
        assert len(looks) == len(axes.get_lines()) >= 6


@pytest.mark.parametrize(("last", "drawn"), [(3.0, 1), (4.0, 2)], ids=["repeated", "another"])
def test_a_run_that_a_longer_one_repeats_is_drawn_once(tmp_path, recipe, last, drawn):
    row = "Adversarial nets (Gaussian z)"
    short = course(tmp_path / "s", {10: 1.0, 20: 2.0, 30: last}, row)
    long = course(tmp_path / "l", {10: 1.0, 20: 2.0, 30: 3.0, 40: 5.0}, row)
    other = course(tmp_path / "o", {10: 1.0, 20: 2.0, 30: 3.0}, "Adversarial nets (minimax loss)")
    lines = factors.draw(recipe, [short, long, other]).axes[0].get_lines()
    assert len(lines) == 2 + drawn
    # Each has its line in the table.
    assert len(factors.table(recipe, [short, long])) == 2


def test_differences_are_shown_as_far_as_other_seeds_go(tmp_path, recipe):
    again = course(tmp_path / "a", {10: 8.0, 20: 46.0, 30: 81.0}, seed=1)
    lost = course(tmp_path / "m", {10: 1.0, 20: -2.0, 30: -300.0}, "Adversarial nets (Gaussian z)")
    axes = factors.draw(recipe, [again, lost]).axes[1]
    assert axes.get_ylim() == pytest.approx((-1.15 * 8, 1.15 * 8))
    level, seed, changed = (line.get_ydata().tolist() for line in axes.get_lines())
    assert level == [0.0, 0.0, 0.0]
    assert seed == [8.0, -4.0, 1.0]
    assert changed == [1.0, -52.0, -380.0]
    low, high = factors.draw(recipe, [lost]).axes[1].get_ylim()
    assert low < -380 < 0 < high

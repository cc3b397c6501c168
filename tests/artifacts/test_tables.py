"""Tables are laid out as the paper's and computed only from scores."""

import math
import shutil
import statistics
from dataclasses import replace

import pytest

from gan_repro import paper
from gan_repro.artifacts import tables
from gan_repro.artifacts.cells import read_cells
from gan_repro.errors import UserError
from gan_repro.files import read_json, write_json

COLUMNS = {"MNIST": "MNIST", "TFD": "TFD"}


@pytest.fixture
def scores(tmp_path):
    """Write parzen JSON files: (row, title, seed, fold, test_ll, test_se) each."""

    def write(*entries, **last):
        paths = []
        for number, (row, title, seed, fold, test_ll, test_se) in enumerate(entries):
            grid = {
                "sigma": 0.1668,
                "at_edge": False,
                "valid_ll": test_ll,
                "test_ll": test_ll,
                "test_se": test_se,
                "sigmas": [0.1668],
                "valid_curve": [test_ll],
            }
            record = {
                "row": row, "title": title, "experiment": row, "seed": seed, "fold": fold,
                "epochs": 20, "samples": 10_000, "valid_points": 1_000, "test_points": 10_000,
                "warnings": [], "dataset": "d", "dataset_sha256": "0",
                "samples_sha256": f"of {row} {seed}",
                "grids": {"authors": grid, "fine": grid | {"test_ll": test_ll + 5}},
            }  # fmt: skip
            paths.append(tmp_path / f"{number}.json")
            changes = last if number == len(entries) - 1 else {}
            write_json(paths[-1], [record | changes])
        return read_cells(paths)

    return write


def test_the_papers_own_numbers_give_the_papers_own_table(scores):
    cells = scores(
        *[
            (row, "MNIST", 0, 0, cells["MNIST"].mean, cells["MNIST"].se)
            for row, cells in paper.TABLE_1.items()
        ]
    )
    found, expected = tables.table1(cells, COLUMNS), tables.paper_table1()
    assert list(found.columns) == list(expected.columns) == ["Model", "MNIST", "TFD"]
    assert found["Model"].tolist() == expected["Model"].tolist()
    assert found["MNIST"].tolist() == expected["MNIST"].tolist()
    assert found["TFD"].tolist() == [""] * 4


def test_seeds_are_averaged_and_their_spread_is_reported(scores):
    row = "Adversarial nets"
    (cell,) = scores((row, "MNIST", 0, 0, 200, 2), (row, "MNIST", 1, 0, 210, 3))
    assert (cell.seeds, cell.folds) == (2, 1)
    assert cell.estimate == paper.Estimate(205, 2.5)
    assert cell.spread == pytest.approx(math.sqrt(50))
    assert cell.fine == 210


def redrawn(tmp_path, means, **changes):
    """Put other draws beside the score that `scores` writes, one per mean."""
    (record,) = read_json(tmp_path / "0.json")
    shutil.copy(tmp_path / "0.json", tmp_path / "parzen.json")
    records = []
    for draw, mean in enumerate(means, 1):
        grid = record["grids"]["authors"] | {"test_ll": mean}
        grids = record["grids"] | {"authors": grid}
        records.append(record | {"grids": grids, "draw": draw, **changes})
    write_json(tmp_path / "redrawn.json", records)
    return read_cells([tmp_path / "parzen.json"])


def test_all_draws_are_compared_and_their_spread_enters_the_total(tmp_path, scores):
    scores(("Adversarial nets", "MNIST", 0, 0, 221.0, 2))
    (cell,) = redrawn(tmp_path, [213.0, 217.0, 215.0, 219.0])
    draws = [221, 213, 217, 215, 219]
    assert (cell.estimate.mean, cell.over_draws, cell.series) == (221, 217, 5)
    assert cell.draws == pytest.approx(statistics.stdev(draws))
    # The mean of five has a fifth of a draw's variance, the paper's one draw all of it.
    total = math.sqrt(2**2 + statistics.variance(draws) * (1 / 5 + 1))
    assert cell.total_se == pytest.approx(total)
    (line,) = tables.comparison([cell]).to_dict("records")
    assert (line["ours"], line["ours_over_draws"], line["difference"]) == (221, 217, -8)
    assert line["se_draws"] == round(cell.draws, 2)
    assert line["difference_in_se"] == pytest.approx(-8 / math.hypot(2, total), abs=0.05)


def test_a_lucky_draw_does_not_make_a_score_agree(tmp_path, scores):
    """As of the stacked CAE: one chain within two standard errors, four others outside."""
    scores(("Stacked CAE", "MNIST", 0, 0, 125.8, 1.7))
    (cell,) = redrawn(tmp_path, [128.1, 130.2, 130.9, 127.4])
    (line,) = tables.comparison([cell]).to_dict("records")
    assert line["verdict"].startswith("higher than the paper")
    alone = replace(cell, over_draws=cell.estimate.mean)
    (line,) = tables.comparison([alone]).to_dict("records")
    assert line["verdict"].startswith("agrees (within 2 SE)")


def test_the_spread_over_validation_images_enters_the_total(tmp_path, scores):
    scores(("Adversarial nets", "MNIST", 0, 0, 221.0, 2))
    assert math.isnan(redrawn(tmp_path, [219.0, 223.0])[0].validation)
    records = read_json(tmp_path / "redrawn.json")
    others = [dict(record) for record in records]
    for subset, (record, mean) in enumerate(zip(others, (221.0, 224.0), strict=True), 1):
        grids = record["grids"]
        changed = grids | {"authors": grids["authors"] | {"test_ll": mean}}
        record |= {"draw": 0, "subset": subset, "grids": changed}
    write_json(tmp_path / "redrawn.json", records + others)
    (cell,) = read_cells([tmp_path / "parzen.json"])
    assert cell.draws == pytest.approx(statistics.stdev([221, 219, 223]))
    assert cell.validation == pytest.approx(statistics.stdev([221, 221, 224]))
    drawn = cell.draws * math.sqrt(1 + 1 / 3)
    assert cell.total_se == pytest.approx(math.hypot(2, drawn, cell.validation))
    (line,) = tables.comparison([cell]).to_dict("records")
    assert line["se_validation"] == round(cell.validation, 2)


def test_a_burn_in_fixed_beforehand_is_a_row_of_its_own(tmp_path, scores):
    scores(("DBN", "MNIST", 0, 0, 168.0, 2))
    (record,) = read_json(tmp_path / "0.json")
    shutil.copy(tmp_path / "0.json", tmp_path / "parzen.json")
    points = []
    for burn_in in (10, 1_000, 10_000):
        grids = {
            name: grid | {"test_ll": 168.0 - burn_in} for name, grid in record["grids"].items()
        }
        about = {"burn_in": burn_in, "chains": 100, "displacement": 0.5}
        points.append(record | about | {"grids": grids})
    write_json(tmp_path / "drift.json", points)
    own, fixed = tables.comparison(read_cells([tmp_path / "parzen.json"])).to_dict("records")
    assert (own["model"], own["ours"]) == ("DBN", 168)
    assert (fixed["model"], fixed["ours"]) == ("DBN (burn-in 1,000)", 168 - 1_000)
    assert fixed["verdict"] == "no counterpart in the paper"


def test_draws_of_something_else_are_refused(tmp_path, scores):
    scores(("Adversarial nets", "MNIST", 0, 0, 221.0, 2))
    for changes in ({"seed": 1}, {"samples": 9}, {"dataset_sha256": "1"}, {"experiment": "other"}):
        with pytest.raises(UserError, match="redrawn.json is of other samples than parzen.json"):
            redrawn(tmp_path, [219.0], **changes)


def test_seeds_that_are_not_alike_are_no_mean(scores):
    row = "Adversarial nets"
    for changes, message in (
        ({"samples_sha256": f"of {row} 0"}, "seeds 0 and 1 .* have the same samples"),
        ({"samples": 10}, "samples is 10, but 10000 in another"),
        ({"dataset_sha256": "1"}, "dataset_sha256 is 1, but 0 in another"),
    ):
        entries = [(row, "MNIST", seed, 0, 200, 2) for seed in (0, 1)]
        with pytest.raises(UserError, match=message):
            scores(*entries, **changes)


def test_folds_give_the_standard_error_across_folds(scores):
    values = [2000, 2010, 2050, 1990, 2000]
    entries = [("DBN", "TFD", 0, fold, value, 99) for fold, value in enumerate(values)]
    (cell,) = scores(*entries)
    mean = sum(values) / 5
    variance = sum((value - mean) ** 2 for value in values) / 4
    assert (cell.seeds, cell.folds) == (1, 5)
    assert cell.estimate.mean == mean
    assert cell.estimate.se == pytest.approx(math.sqrt(variance / 5))


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [(226, "agrees (within 2 SE)"), (150, "lower than the paper"), (300, "higher than the paper")],
)
def test_the_verdict_is_in_combined_standard_errors(scores, ours, verdict):
    row = "Adversarial nets"
    cells = scores((row, "MNIST", 0, 0, ours - 3, 2), (row, "MNIST", 1, 0, ours + 3, 2))
    (line,) = tables.comparison(cells).to_dict("records")
    combined = math.sqrt(2**2 + 2**2 + 18 * (1 + 1 / 2))
    assert line["difference"] == ours - 225
    assert line["difference_in_se"] == pytest.approx((ours - 225) / combined, abs=0.05)
    assert line["verdict"] == verdict


def test_a_training_cut_short_is_not_comparable(tmp_path, scores):
    cells = scores(("Adversarial nets", "MNIST", 0, 0, 174, 2))
    short = replace(cells[0], epochs=20, recipe_epochs=1_000)
    (line,) = tables.comparison([short]).to_dict("records")
    assert line["verdict"] == "not comparable: 20 of 1,000 epochs"
    assert math.isnan(line["difference_in_se"])
    assert line["difference"] == 174 - 225


@pytest.mark.parametrize(("row", "named"), [("DBN", True), ("Adversarial nets", False)])
def test_chains_that_score_by_standing_still_are_named(scores, row, named):
    (line,) = tables.comparison(scores((row, "MNIST", 0, 0, 400, 2))).to_dict("records")
    assert line["verdict"].startswith("higher than the paper")
    assert ("chains" in line["verdict"]) == named


def test_stand_in_data_never_meets_the_papers_numbers(scores):
    cells = scores(("Adversarial nets", "digits 8×8 (not MNIST)", 0, 0, 225, 2))
    (line,) = tables.comparison(cells).to_dict("records")
    assert line["verdict"] == tables.STAND_IN
    assert math.isnan(line["paper"])
    assert math.isnan(line["difference"])
    assert (tables.table1(cells, COLUMNS)[["MNIST", "TFD"]] == "").all(axis=None)
    named = tables.table1(cells, {"digits 8×8 (not MNIST)": "digits 8×8 (not MNIST)"})
    assert named.iloc[3, 1] == "225 ± 2"


def test_every_cell_has_a_note(scores):
    cells = scores(("Adversarial nets", "MNIST", 4, 0, 225, 2), ("k-means", "MNIST", 0, 0, 330, 2))
    notes = tables.notes(cells, COLUMNS, {"TFD": "no file"}).set_index(["model", "column"])["note"]
    assert len(notes) == 9
    assert "seeds 4" in notes["Adversarial nets", "MNIST"]
    assert "20 epochs" in notes["Adversarial nets", "MNIST"]
    assert "σ = 0.167" in notes["Adversarial nets", "MNIST"]
    assert notes["DBN", "MNIST"] == "empty: not run"
    assert notes["DBN", "TFD"] == "empty: no file"
    assert "k-means" in notes.index.get_level_values("model")


@pytest.mark.parametrize(
    ("estimate", "text"),
    [((224.6, 2.04), "225 ± 2"), ((121.3, 1.62), "121 ± 1.6"), ((1908.8, 65.9), "1909 ± 66")],
)
def test_cells_are_rounded_as_the_paper_rounds(estimate, text):
    assert tables.format_estimate(paper.Estimate(*estimate)) == text


def test_table_2_has_the_papers_shape_in_both_versions():
    nips, arxiv = tables.table2("nips"), tables.table2("arxiv")
    assert nips.shape == (5, 5)
    assert list(nips.columns) == ["", *paper.TABLE_2_COLUMNS]
    assert (nips != arxiv).to_numpy().sum() == 1


def test_every_row_that_differs_from_the_paper_says_why(scores):
    cells = scores(*[(row, "MNIST", 0, 0, 10.0, 1.0) for row in paper.TABLE_1])
    lines = tables.comparison(cells).set_index("model")
    for row in paper.TABLE_1:
        assert lines["verdict"][row] == "lower than the paper"
        assert len(lines["likely_reason"][row]) > 40

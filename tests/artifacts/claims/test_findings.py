"""What is read from a folder of results, each kind of file against values set by hand."""

import pandas as pd
import pytest

from gan_repro import paper
from gan_repro.artifacts import tables
from gan_repro.artifacts.cells import Cell
from gan_repro.artifacts.claims.findings import find
from gan_repro.artifacts.evidence import TABLE, evidence
from gan_repro.errors import UserError
from gan_repro.extensions.records import Record, exact
from gan_repro.paper import Estimate
from gan_repro.theory.checks import Checks
from gan_repro.theory.estimates import Estimate as Measured


def cell(row: str, dataset: str, mean: float, **more) -> Cell:
    about = {
        "experiment": "x", "seeds": 1, "folds": 1, "estimate": Estimate(mean, 2.0),
        "over_draws": mean, "series": 1,
        "spread": float("nan"), "draws": float("nan"), "validation": float("nan"),
        "fine": mean, "epochs": None, "recipe_epochs": None, "note": "",
    }  # fmt: skip
    return Cell(row=row, dataset=dataset, **(about | more))


def compared(tmp_path, *cells: Cell):
    tables.write_csv(tables.comparison(cells), tmp_path / "table1_comparison.csv")
    return find(tmp_path)


def test_a_check_keeps_its_numbers_and_says_what_it_must_be_where_it_fails(tmp_path):
    made = Checks("03_convergence")
    made.add(id="a", claim="... one", location="4", measured=Measured(0.5, 0.4, 0.6, 9),
             relation="between", bound=(0, 1))  # fmt: skip
    made.add(id="b", claim="two", location="4", measured=2, relation="<=", bound=1e-6)
    made.write(tmp_path / "checks/03_convergence.json")
    found = find(tmp_path)
    assert set(found) == {"03/a", "03/b"}
    assert found["03/a"] == (
        "confirmed", "one", "checks/03_convergence.json", 0.5, 0.4, 0.6, "between", "0 to 1", 9, (),
    )  # fmt: skip
    assert (found["03/b"].verdict, found["03/b"].said) == ("check failed", "two; must be ≤ 1e−06")
    assert (found["03/b"].relation, found["03/b"].bound) == ("<=", "1e-06")


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (224.0, "confirmed"),
        (230.6, "confirmed"),
        (231.0, "not reproduced"),
        (212.0, "not reproduced"),
    ],
)
def test_a_score_is_confirmed_within_two_standard_errors(tmp_path, ours, verdict):
    # √(2² + 2²) = 2.83, so the bounds are 225 ± 5.66.
    found = compared(tmp_path, cell("Adversarial nets", "MNIST", ours))
    score = found["table1/Adversarial nets/MNIST"]
    assert (score.verdict, score.measured, score.bound) == (verdict, ours, "219.3 to 230.7")
    assert score.relation == "between"
    assert (score.low, score.high) == pytest.approx((ours - 3.92, ours + 3.92), abs=0.05)


def test_a_training_that_was_cut_short_is_no_verdict(tmp_path):
    short = cell("Deep GSN", "MNIST", 145.0, epochs=20, recipe_epochs=1000)
    score = compared(tmp_path, short)["table1/Deep GSN/MNIST"]
    assert score.verdict == "not checked yet"
    assert "20 of 1,000 epochs" in score.said


def test_stand_in_data_is_no_score_of_the_paper(tmp_path):
    assert compared(tmp_path, cell("DBN", "digits 8×8 (not MNIST)", 138.0)) == {}


def all_four(**scores: float) -> list[Cell]:
    names = dict(zip(paper.TABLE_1, ("dbn", "cae", "gsn", "gan"), strict=True))
    return [cell(row, "MNIST", scores[short]) for row, short in names.items()]


def test_the_order_needs_all_four_in_full(tmp_path):
    found = compared(tmp_path, *all_four(dbn=138, cae=121, gsn=214, gan=225))
    assert (found["order/MNIST"].verdict, found["order/MNIST"].measured) == ("confirmed", 11.0)
    assert found["second/MNIST"].verdict == "not reproduced"
    found = compared(tmp_path, *all_four(dbn=100, cae=300, gsn=214, gan=225))
    assert (found["order/MNIST"].verdict, found["order/MNIST"].measured) == ("not reproduced", -75)
    assert (found["second/MNIST"].verdict, found["second/MNIST"].measured) == ("confirmed", 11.0)
    assert "order/MNIST" not in compared(tmp_path, *all_four(dbn=1, cae=1, gsn=1, gan=1)[:3])
    cells = all_four(dbn=138, cae=121, gsn=100, gan=225)
    cells[2] = cell("Deep GSN", "MNIST", 100, epochs=20, recipe_epochs=1000)
    assert compared(tmp_path, *cells)["order/MNIST"].verdict == "not checked yet"


def test_a_cell_of_table_2_brings_the_number_of_its_first_check(tmp_path):
    made, about = Checks("11_table_2"), {"about": "", "dataset": "", "runs": (), "cpu_seconds": 1}
    for name, value in (
        ("training-directed", 2), ("training-directed: b", 3), ("training-undirected", 0),
    ):  # fmt: skip
        made.add(id=name, claim=f"{name}!", location="", measured=value, relation=">", bound=1)
    made.write(tmp_path / "checks/11_table_2.json")
    records = {
        name: Record(name=name, measures={"a": exact(1)}, **about)
        for name in ("directed", "undirected")
    }
    tables.write_csv(pd.DataFrame(evidence(made.rows, records)), tmp_path / TABLE)
    found = find(tmp_path)
    first = found["table2/training-directed"]
    assert (first.verdict, first.measured) == ("confirmed", 2)
    assert (first.relation, first.bound) == (">", "1")
    assert first.checks == ("11/training-directed", "11/training-directed: b")
    assert (first.artefact, first.said) == (TABLE, "training-directed!")
    assert found["table2/training-undirected"].verdict == "check failed"
    assert found["table2/sampling-adversarial"].verdict == "not checked yet"
    assert found["table2/sampling-adversarial"].measured is None


def distances(tmp_path, **row):
    line = {"panel": "a", "data": "MNIST", "ratio": 1.0, "samples_smallest": 0.5} | row
    (tmp_path / "figures").mkdir(exist_ok=True)
    pd.DataFrame([line]).to_csv(tmp_path / "figures/fig2_distances.csv", index=False)
    return find(tmp_path)


def test_figure_2_shows_copies_and_what_is_no_image(tmp_path):
    found = distances(tmp_path)
    assert found["figure2/a"].verdict == found["panel/a"].verdict == "confirmed"
    assert distances(tmp_path, ratio=0.2)["figure2/a"].verdict == "not reproduced"
    assert distances(tmp_path, samples_smallest=0.0)["figure2/a"].verdict == "not reproduced"
    assert distances(tmp_path, ratio=3.0)["panel/a"].verdict == "not reproduced"
    stand_in = distances(tmp_path, data="digits 8×8 (not MNIST)")
    assert stand_in["figure2/a"].verdict == "confirmed"
    assert stand_in["panel/a"].verdict == "not checked yet"


def test_figure_3_and_the_chains(tmp_path):
    (tmp_path / "figures").mkdir()
    lines = {"measure": ["between", "steps"], "what": "of it", "value": [0.9, 0.8],
             "bound": [1.25, 0.5], "data": "MNIST"}  # fmt: skip
    pd.DataFrame(lines).to_csv(tmp_path / "figures/fig3_distances.csv", index=False)
    chains = {"model": ["GAN", "DBN", "DBN"], "dataset": ["MNIST", "MNIST", "other"],
              "transitions_per_independent_draw": [1.0, 600.0, 1.0],
              "valid_ll_means_thin_1": [100.0, 5.0, 0.0],
              "valid_ll_binary_thin_1": [0.0, 10.0, 9.0]}  # fmt: skip
    pd.DataFrame(chains).to_csv(tmp_path / "mixing.csv", index=False)
    found = {name: finding.verdict for name, finding in find(tmp_path).items()}
    assert (found["figure3/between"], found["figure3/steps"]) == ("confirmed", "not reproduced")
    assert (found["mixing/GAN"], found["chains/GAN"]) == ("confirmed", "not reproduced")
    # The first line of a model counts.
    assert (found["mixing/DBN"], found["chains/DBN"]) == ("not reproduced", "confirmed")
    assert (found["means/GAN"], found["means/DBN"]) == ("confirmed", "not reproduced")


def test_an_empty_folder_has_nothing_to_say(tmp_path):
    assert find(tmp_path) == {}


@pytest.mark.parametrize(
    "name",
    [
        "table1_comparison.csv",
        TABLE,
        "figures/fig2_distances.csv",
        "figures/fig3_distances.csv",
        "mixing.csv",
    ],
)
@pytest.mark.parametrize("content", [b"\xff\xfe", b"a,b\n1,2\n"])
def test_a_damaged_table_is_one_line(tmp_path, name, content):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name.rpartition("/")[2]) as caught:
        find(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_number_that_is_none_is_one_line(tmp_path):
    compared(tmp_path, cell("DBN", "MNIST", 145.0))
    path = tmp_path / "table1_comparison.csv"
    path.write_text(path.read_text().replace("145.0", "high"))
    with pytest.raises(UserError, match="table1_comparison.csv is not the table that it should be"):
        find(tmp_path)

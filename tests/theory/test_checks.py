import json
import math

import pytest

from gan_repro.theory.checks import CheckError, Checks, judge
from gan_repro.theory.estimates import Estimate

ROW = {"claim": "D* maximises V", "location": "Proposition 1, eq. 2"}
SMALL = {"relation": "<=", "bound": 1e-3, **ROW}


@pytest.mark.parametrize(
    ("relation", "bound", "holding", "failing"),
    [
        ("<", 1, 0.9, 1),
        ("<=", 1, 1, 1.1),
        ("=", 1, 1, 1.1),
        (">=", 1, 1, 0.9),
        (">", 1, 1.1, 1),
        ("between", (1, 2), 1, 0.9),
        ("between", (1, 2), 2, 2.1),
    ],
)
def test_the_verdict_follows_from_the_relation(relation, bound, holding, failing):
    assert judge(holding, relation, bound) == "holds"
    assert judge(failing, relation, bound) == "fails"


@pytest.mark.parametrize("interval", [(0.5, 1.5), (-0.1, 0.9)])
def test_both_ends_of_an_interval_must_satisfy_the_relation(interval):
    assert judge(0.7, "between", (0, 1), interval) == "fails"
    assert judge(0.7, "between", (0, 1), (0.6, 0.8)) == "holds"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("relation", ["<=", ">="])
def test_a_measurement_that_is_not_finite_never_holds(tmp_path, value, relation):
    checks = Checks("demo")
    checks.add(id="a", measured=value, relation=relation, bound=0, **ROW)
    assert (checks.rows[0].verdict, checks.rows[0].measured) == ("fails", None)
    assert checks.table()["measured"][0] == "not finite"
    checks.add(id="b", measured=Estimate(value, value, value, 3), relation=relation, bound=0, **ROW)
    assert (checks.rows[1].verdict, checks.rows[1].interval) == ("fails", None)
    checks.write(tmp_path / "demo.json")
    assert json.loads((tmp_path / "demo.json").read_text())["checks"][1]["measured"] is None


def test_a_check_says_in_one_line_what_was_measured():
    checks = Checks("x")
    checks.add(id="a", measured=Estimate(2.157, -1.0981, 3.2156, 50), relation="<", bound=2, **ROW)
    assert checks.rows[0].sentence.endswith("measured 2.16 [−1.1, 3.22], must be < 2")


def test_an_estimate_brings_its_interval_and_seeds():
    checks = Checks("demo")
    estimate = Estimate(0.5, 0.25, 0.75, 12)
    checks.add(id="a", measured=estimate, relation=">", bound=0.2, **ROW)
    checks.add(id="b", measured=estimate, relation=">", bound=0.3, **ROW)
    assert [row.verdict for row in checks.rows] == ["holds", "fails"]
    assert (checks.rows[0].seeds, checks.rows[0].interval) == (12, (0.25, 0.75))


def test_the_table_reads_as_the_row_was_judged():
    checks = Checks("demo")
    checks.add(id="a", measured=Estimate(0.5, 0.25, 0.75, 12), relation=">", bound=-2, **ROW)
    checks.add(id="b", measured=0.125, relation="between", bound=(0, 1), seeds=3, **ROW)
    first, second = checks.table().to_dict("records")
    assert (first["must be"], first["repeats"], first["95 % interval"]) == (
        "> −2",
        "12",
        "0.25–0.75",
    )
    assert (second["must be"], second["repeats"], second["measured"]) == ("0 to 1", "3", "0.125")
    assert second["95 % interval"] == ""


def test_an_id_is_used_once():
    checks = Checks("demo")
    checks.add(id="a", measured=0.0, **SMALL)
    with pytest.raises(ValueError, match="already added"):
        checks.add(id="a", measured=0.0, **SMALL)


def test_written_json_round_trips(tmp_path):
    checks = Checks("demo")
    checks.add(id="a", measured=0.0, seeds=4, **SMALL)
    checks.write(tmp_path / "checks" / "demo.json")
    stored = json.loads((tmp_path / "checks" / "demo.json").read_text())
    assert stored["name"] == "demo"
    row = {"id": "a", "measured": 0.0, "seeds": 4, "interval": None, "verdict": "holds", **SMALL}
    assert stored["checks"] == [row]


def test_require_names_every_failure_and_only_those():
    checks = Checks("demo")
    checks.add(id="good", measured=0.0, **SMALL)
    checks.require()
    checks.add(id="bad", measured=1.0, **SMALL)
    checks.add(id="worse", measured=2.0, **SMALL)
    with pytest.raises(CheckError, match=r"2 of 3 checks failed") as caught:
        checks.require()
    assert "bad" in str(caught.value)
    assert "worse" in str(caught.value)
    assert "good" not in str(caught.value)


def test_a_notebook_without_checks_is_refused():
    with pytest.raises(ValueError, match="no checks"):
        Checks("demo").require()

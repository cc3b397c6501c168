import json
import math

import pytest

from gan_repro.theory.checks import CheckError, Checks

ROW = {"claim": "D* maximises V", "location": "Proposition 1, eq. 2", "tolerance": 1e-3}


def test_verdict_compares_the_measurement_with_the_tolerance():
    checks = Checks("demo")
    assert checks.add(id="small", measured=-1e-4, **ROW)
    assert not checks.add(id="large", measured=1e-2, **ROW)
    assert list(checks.table()["verdict"]) == ["holds", "fails"]


def test_passed_overrides_the_comparison():
    assert Checks("demo").add(id="a", measured=5.0, passed=True, **ROW)
    assert not Checks("demo").add(id="a", measured=0.0, passed=False, **ROW)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measurement_that_is_not_finite_never_holds(value):
    checks = Checks("demo")
    assert not checks.add(id="a", measured=value, passed=True, **ROW)
    assert checks.rows[0].measured is None


def test_an_id_is_used_once():
    checks = Checks("demo")
    checks.add(id="a", measured=0.0, **ROW)
    with pytest.raises(ValueError, match="already added"):
        checks.add(id="a", measured=0.0, **ROW)


def test_written_json_round_trips(tmp_path):
    checks = Checks("demo")
    checks.add(id="a", measured=0.0, **ROW)
    checks.write(tmp_path / "checks" / "demo.json")
    stored = json.loads((tmp_path / "checks" / "demo.json").read_text())
    assert stored["name"] == "demo"
    assert stored["checks"] == [{"id": "a", "measured": 0.0, "verdict": "holds", **ROW}]


def test_require_names_every_failure_and_only_those():
    checks = Checks("demo")
    checks.add(id="good", measured=0.0, **ROW)
    checks.require()
    checks.add(id="bad", measured=1.0, **ROW)
    checks.add(id="worse", measured=2.0, **ROW)
    with pytest.raises(CheckError, match=r"2 of 3 checks failed") as caught:
        checks.require()
    assert "bad" in str(caught.value)
    assert "worse" in str(caught.value)
    assert "good" not in str(caught.value)


def test_a_notebook_without_checks_is_refused():
    with pytest.raises(CheckError, match="no checks"):
        Checks("demo").require()

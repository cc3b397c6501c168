"""gan-repro theory and checks: what they print and how they end."""

import pytest
from test_cli import fail, run

from gan_repro.artifacts import reruns
from gan_repro.cli.app import seeds_of
from gan_repro.config.outputs import ON_RECORDS
from gan_repro.errors import UserError
from gan_repro.theory.checks import Checks


@pytest.fixture
def checks(monkeypatch, tmp_path):
    """One check in each of two notebooks, that fails in the second at even seeds."""
    (tmp_path / "notebooks").mkdir()
    for name in ("01_a", "02_b"):
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()

    def rerun_all(notebooks, seeds, parameters, data):
        for notebook in notebooks:
            for seed in seeds:
                fails = notebook.stem == "02_b" and seed % 2 == 0
                row = {"id": "c", "claim": "x", "measured": seed, "relation": ">", "bound": 0}
                yield notebook.stem, seed, [row | {"verdict": "fails" if fails else "holds"}]

    monkeypatch.setattr(reruns, "rerun_all", rerun_all)
    return tmp_path


@pytest.mark.parametrize(("seeds", "status"), [("1,3", 0), ("1-3", 1)])
def test_it_ends_with_1_where_a_check_fails_at_a_seed(checks, seeds, status):
    done = run("theory", "--seeds", seeds, "--out", "t.csv", cwd=checks)
    assert done.status == status
    assert "01_a, seed 1: 1 of 1 hold\n" in done.out
    assert ("02_b, seed 2: 0 of 1 hold, not c" in done.out) == bool(status)
    assert ("02_b c: held in 2 of 3" in done.out) == bool(status)
    assert (checks / "t.csv").read_text().count("\n") == 3


def test_one_notebook_is_run_when_one_is_named(checks):
    done = run("theory", "notebooks/01_a.ipynb", "--seeds", "2", cwd=checks)
    assert (done.status, "02_b" in done.out) == (0, False)


def test_notebooks_that_only_read_records_have_no_seeds(checks):
    name = next(iter(ON_RECORDS))
    (checks / f"notebooks/{name}.ipynb").touch()
    assert name not in run("theory", "--seeds", "1", cwd=checks).out


def test_without_notebooks_it_says_where_to_run_it(tmp_path):
    assert "no notebooks in notebooks/" in fail("theory", "--seeds", "1", cwd=tmp_path)


def test_seeds_are_numbers_and_ranges():
    assert seeds_of("101-103") == [101, 102, 103]
    assert seeds_of("5, 9-10") == [5, 9, 10]


@pytest.mark.parametrize("text", ["", "a", "3-1", "-4", "1-5000", "1,,2"])
def test_other_seeds_are_refused(text):
    with pytest.raises(UserError, match="--seeds"):
        seeds_of(text)


def results(folder, **measured):
    """A folder of results with a notebook's checks, each of which must be below one."""
    for name, numbers in measured.items():
        checks = Checks(name)
        for number, value in enumerate(numbers):
            checks.add(
                id=f"c{number}", claim="Small", location="1", measured=value, relation="<", bound=1
            )
        checks.write(folder / "checks" / f"{name}.json")
    return str(folder)


def test_checks_that_all_hold_are_counted(tmp_path):
    done = run("checks", results(tmp_path, a=(0, 0.5), b=(0.1,)), cwd=tmp_path)
    assert (done.status, done.out) == (0, "all 3 checks hold\n")


def test_a_check_that_fails_is_said_in_full_and_the_verb_ends_with_1(tmp_path):
    done = run("checks", results(tmp_path, a=(0, 2), b=(0.1,)), cwd=tmp_path)
    assert done.status == 1
    assert done.out == "a: 1 of 2 checks fail\n  c1: Small (1); measured 2, must be < 1\n"


def test_results_without_checks_are_no_success(tmp_path):
    assert "holds no checks; run: snakemake" in fail("checks", str(tmp_path), cwd=tmp_path)

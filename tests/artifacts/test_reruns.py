"""Checks at other seeds, with a notebook small enough to follow."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gan_repro.artifacts.reruns import as_script, rerun, rerun_all, summary, tally
from gan_repro.errors import UserError

ODD = """
from gan_repro.theory.checks import Checks
print("σ →", seed)
checks = Checks("05_odd")
checks.add(id="odd", claim="c", location="l", measured=seed % 2, relation="=", bound=1)
checks.add(id="always", claim="c", location="l", measured=seed * scale, relation=">", bound=0)
checks.write(f"{results}/checks/05_odd.json")
checks.require()
"""


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "05_odd.ipynb"
    values = "seed = 1\nscale = 1\nresults = 'results'"
    parameters = new_code_cell(values, metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell("# Odd"), parameters, new_code_cell(ODD)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_parameters_replace_those_of_the_tagged_cell_before_the_code_reads_them(notebook):
    lines = as_script(notebook, {"seed": 7}).splitlines()
    assert (
        lines.index("seed = 1") < lines.index("seed = 7") < lines.index('checks = Checks("05_odd")')
    )
    assert "# Odd" not in lines


def test_a_check_that_fails_is_returned_like_one_that_holds(notebook):
    verdicts = [[row["verdict"] for row in rerun(notebook, {"seed": seed})] for seed in (3, 4)]
    assert verdicts == [["holds", "holds"], ["fails", "holds"]]


def test_a_notebook_may_print_what_the_terminal_cannot_show(notebook, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    assert len(rerun(notebook, {"seed": 3, "scale": 1})) == 2


def test_a_notebook_that_ends_without_checks_says_why(notebook):
    with pytest.raises(UserError, match="ended without checks: TypeError"):
        rerun(notebook, {"scale": None})


def test_what_is_no_notebook_is_one_line(tmp_path):
    path = tmp_path / "05_odd.ipynb"
    path.write_text("{")
    with pytest.raises(UserError, match="is not a notebook"):
        as_script(path, {})


def test_the_tally_counts_the_seeds_at_which_each_check_holds(notebook, tmp_path):
    found = list(rerun_all([notebook], [3, 4, 5], {"05_odd": {"scale": 2}}, tmp_path / "none.npz"))
    assert [(name, seed) for name, seed, _ in found] == [("05_odd", seed) for seed in (3, 4, 5)]
    table = tally(found).set_index("check")
    assert table["held"].to_dict() == {"odd": 2, "always": 3}
    assert (table["of"] == 3).all()
    assert (table["smallest"]["always"], table["largest"]["always"]) == (6, 10)
    text = summary(tally(found))
    assert "1 of 2 checks held in 3 of 3" in text
    assert "05_odd odd: held in 2 of 3, measured 0 to 1, must be = 1" in text
    assert "always" not in text


def test_missing_images_are_said_before_anything_runs(notebook, tmp_path):
    cells = nbformat.read(notebook, as_version=4)
    cells.cells[1].source += '\ndata = "somewhere.npz"'
    other = notebook.with_name("08_images.ipynb")
    nbformat.write(cells, other)
    runs = rerun_all([notebook, other], [3], {"05_odd": {"scale": 2}}, tmp_path / "none.npz")
    with pytest.raises(UserError, match="08_images.ipynb scores images, and .*none.npz does not"):
        next(runs)

"""A notebook fails when a formula that it checks is wrong. (That it holds: test_demo.py.)"""

import json
from pathlib import Path

import mutants
import nbformat
import pytest

from gan_repro.artifacts.evidence import CELLS
from gan_repro.config.outputs import ON_RECORDS
from gan_repro.extensions.registry import EXTENSIONS

ROOT = Path(__file__).parents[2]
MUTANTS, SIZES = mutants.load()
# `make mutants` plants every error, in every notebook; here it is one in each that takes seconds.
FIRST = {mutant.notebook: mutant for mutant in reversed(MUTANTS) if mutant.notebook}
LONG = {"01_optimal_discriminator", "04_figure_1", "05_saturation", "06_synchronisation"}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return mutants.digits(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*SIZES} - LONG))
def test_notebook_finds_a_planted_error(name, images, tmp_path):
    """At the small size all that the error leaves alone still holds; the demo runs the full one."""
    library = mutants.plant(FIRST[name], tmp_path / "library")
    done = mutants.run_notebook(name, SIZES[name], images, library, tmp_path)
    assert "CheckError" in done.stderr
    written = json.loads((tmp_path / "checks" / f"{name}.json").read_text())
    assert written["name"] == name
    assert {check["verdict"] for check in written["checks"]} == {"holds", "fails"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.error)
def test_an_error_can_be_planted(mutant):
    source = (ROOT / "gan_repro" / mutant.file).read_text(encoding="utf-8")
    assert source.count(mutant.right) == 1
    assert mutant.wrong != mutant.right
    assert (ROOT / "tests" / mutant.tests).exists()


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_source_is_stripped_and_has_one_parameters_cell(path):
    assert path.stem in {*SIZES, *ON_RECORDS}
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    for parameter in ("seed", "results", "threads"):
        assert f"{parameter} = " in tagged[0].source


@pytest.mark.parametrize("name", ON_RECORDS)
def test_the_records_that_a_notebook_reads_are_said(name):
    code = "\n".join(
        cell.source for cell in nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells
    )
    of_table_2 = {cell.record for cell in CELLS} if "import CELLS" in code else set()
    named = {record for record in EXTENSIONS if f'"{record}"' in code}
    assert named | of_table_2 == {*ON_RECORDS[name]}

"""Table 2's evidence: a line for every cell, and no verdict that a check did not give."""

import csv

import pytest

from gan_repro import paper
from gan_repro.artifacts.evidence import CELLS, FAILED, NOT_MEASURED, evidence, write_evidence
from gan_repro.artifacts.verify import derived_table
from gan_repro.extensions.records import Record, exact, write
from gan_repro.extensions.registry import EXTENSIONS
from gan_repro.theory.checks import Checks
from gan_repro.theory.estimates import Estimate


def record(name: str) -> Record:
    return Record(
        name=name, about="", dataset="digits", runs=(f"of_{name} seed0",), cpu_seconds=1,
        measures={"a": exact(1)},
    )  # fmt: skip


def checks(*, failing: str = "") -> Checks:
    made = Checks("11_table_2")
    for cell in CELLS:
        for suffix in (": more", ""):
            made.add(
                id=f"{cell.id}{suffix}", claim=f"{cell.id}{suffix} holds", location="Table 2",
                measured=Estimate(2.0, 1.5, 2.5, 9) if not suffix else 3.0,
                relation="<" if f"{cell.id}{suffix}" == failing else ">", bound=1,
            )  # fmt: skip
    return made


RECORDS = {cell.record: record(cell.record) for cell in CELLS}


def test_every_cell_and_the_rewritten_one_has_its_line():
    places = {(cell.row, cell.column) for cell in CELLS if cell.version == "nips"}
    assert places == {(row, k) for row in paper.TABLE_2_NIPS for k in range(4)}
    (rewritten,) = (cell for cell in CELLS if cell.version == "arxiv")
    assert rewritten.words not in paper.TABLE_2_NIPS["Model design"]
    assert rewritten.words in paper.TABLE_2_ARXIV["Model design"]
    assert {cell.record for cell in CELLS} <= set(EXTENSIONS)
    assert len({cell.id for cell in CELLS}) == 21


def test_lines_have_the_papers_words_and_the_first_checks_number():
    rows = list(evidence(checks().rows, RECORDS))
    assert [row.id for row in rows] == [cell.id for cell in CELLS]
    for row, cell in zip(rows, CELLS, strict=True):
        assert (row.verdict, row.paper) == (cell.word, cell.words)
        assert (row.measured, row.low, row.high, row.repeats) == (2.0, 1.5, 2.5, 9)
        assert row.must_be == "> 1"
        assert row.checks == f"{cell.id}; {cell.id}: more"
        assert row.experiments == f"of_{cell.record} seed0"
        assert row.artefact == f"extensions/{cell.record}.json"


@pytest.mark.parametrize("suffix", ["", ": more"])
def test_a_failed_check_takes_the_verdict(suffix):
    failing = f"sampling-adversarial{suffix}"
    rows = {row.id: row for row in evidence(checks(failing=failing).rows, RECORDS)}
    assert rows["sampling-adversarial"].verdict == FAILED
    assert rows["sampling-adversarial"].finding == f"{failing} holds"
    assert rows["sampling-directed"].verdict == "supports"


def test_what_was_not_measured_has_no_verdict(tmp_path):
    without = {name: found for name, found in RECORDS.items() if name != "undirected"}
    rows = {row.id: row for row in evidence(checks().rows, without)}
    for row in (rows["training-undirected"], *evidence([], RECORDS)):
        assert row.verdict == NOT_MEASURED
        assert row.measured is None
    assert len(write_evidence(tmp_path)) == 21
    write(tmp_path / "extensions/directed.json", record("directed"))
    checks().write(tmp_path / "checks/11_table_2.json")
    write_evidence(tmp_path)
    with open(tmp_path / "table2_evidence.csv", encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    verdicts = {line["id"]: line["verdict"] for line in lines}
    assert list(derived_table(tmp_path, "table2_evidence.csv")) == []
    assert verdicts["training-directed"] == "supports"
    assert verdicts["training-undirected"] == NOT_MEASURED
    assert verdicts["design-directed-arxiv"] == "contradicts"


def test_a_verdict_that_was_written_by_hand_is_noticed(tmp_path):
    write_evidence(tmp_path)
    path = tmp_path / "table2_evidence.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(NOT_MEASURED, "supports", 1))
    (line,) = derived_table(tmp_path, "table2_evidence.csv")
    assert line.startswith("table2_evidence.csv: training-directed, verdict: supports")


def test_the_notebook_has_a_check_for_every_cell(pytestconfig):
    text = (pytestconfig.rootpath / "notebooks/11_table_2.ipynb").read_text(encoding="utf-8")
    for cell in CELLS:
        assert f'\\"{cell.id}\\",' in text, cell.id

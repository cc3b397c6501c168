"""The report: every number from the folder, nothing that a browser would have to fetch."""

import base64
import re
import shutil
from pathlib import Path

import mistune
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from gan_repro.artifacts.claims.verdicts import read_claims
from gan_repro.artifacts.report.document import (
    condition,
    duration,
    markdown,
    number,
    page,
    plain,
    within,
    write_report,
)
from gan_repro.artifacts.report.facts import gather
from gan_repro.artifacts.verify import derived_report
from gan_repro.cli import app
from gan_repro.files import read_json, write_json

REFERENCE = Path(__file__).parents[3] / "results/reference"


@pytest.fixture
def results(tmp_path) -> Path:
    """A part of the reference runs, in a folder that a test may change."""
    for name in ("table1_comparison.csv", "mixing.csv", "figures/fig2.png", "figures/fig3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REFERENCE / name, tmp_path / name)
    for run in ("mnist_authors", "mnist_cae"):
        folder = Path("runs") / run / "seed0"
        (tmp_path / folder).mkdir(parents=True)
        for name in ("run.json", "metrics.csv"):
            shutil.copy(REFERENCE / folder / name, tmp_path / folder / name)
    return tmp_path


def tables(text: str) -> list[list[list[str]]]:
    """Return every table of the report, row by row, without its head."""
    soup = BeautifulSoup(mistune.create_markdown(plugins=["table"])(text), "html.parser")
    return [
        [[cell.get_text() for cell in row.select("td")] for row in table.select("tbody tr")]
        for table in soup.select("table")
    ]


def test_it_has_the_parts_that_challenges_ask_for(results):
    text = markdown(gather(results))
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    wanted = [
        "Scope of reproducibility", "Methodology", "Results", "What was easy",
        "What was difficult", "Communication with the authors", "What we recommend",
    ]  # fmt: skip
    assert [head for head in heads if head in wanted] == wanted


def test_its_counts_and_scores_are_those_of_the_tables(results):
    claims = read_claims(results)
    counted, compared, *_ = tables(markdown(gather(results)))
    for word, count, _ in counted:
        assert int(count) == sum(row.verdict == word for row in claims)
    lines = pd.read_csv(results / "table1_comparison.csv").dropna(subset=["paper"])
    assert [row[0] for row in compared] == list(lines["model"])
    for row, line in zip(compared, lines.itertuples(), strict=True):
        assert float(row[2].split("\N{NO-BREAK SPACE}")[0]) == line.paper
        assert float(row[3].split("\N{NO-BREAK SPACE}")[0].replace("−", "-")) == line.ours


def test_every_row_of_a_table_has_as_many_cells_as_its_head(results):
    """Else a reader of Markdown shows none of that table."""
    text = markdown(gather(results))
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.M)
    assert len(blocks) > 5
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_every_statement_is_there_once_with_its_verdict(results):
    claims = read_claims(results)
    shown = [row for table in tables(markdown(gather(results))) for row in table if len(row) == 5]
    found = [(row[1], row[2]) for row in shown if row[2] in {claim.verdict for claim in claims}]
    assert found == [(claim.statement, claim.verdict) for claim in claims]


def test_its_runs_are_those_of_the_records(results):
    record = results / "runs/mnist_cae/seed0/run.json"
    write_json(record, read_json(record) | {"wall_seconds": 600, "recipe_epochs": 300})
    facts = gather(results)
    cae = next(run for run in facts.runs if run.experiment == "mnist_cae")
    assert (cae.minutes, cae.epochs, cae.seeds) == (10, "140 of 300", (0,))
    assert ["mnist_cae", "Stacked CAE", "MNIST", "0", "140 of 300", "10"] in [
        row for table in tables(markdown(facts)) for row in table
    ]
    assert {name for names in facts.choices.values() for name in names} <= {
        run.experiment for run in facts.runs
    }


def test_an_empty_folder_gives_a_report_that_claims_nothing(tmp_path):
    text = markdown(gather(tmp_path))
    assert "No run is among these results." in text
    assert "None of the paper's own datasets was at hand" in text
    assert "| confirmed | 0 |" in text


def test_the_page_needs_no_other_file(results):
    text = markdown(gather(results))
    soup = BeautifulSoup(page(text, results), "html.parser")
    sources = [image["src"] for image in soup.select("img")]
    names = ("figures/fig2.png", "figures/fig3.png")
    for source, name in zip(sources, names, strict=True):
        head, _, content = source.partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(content) == (results / name).read_bytes()
    assert all(image["alt"] for image in soup.select("img"))
    assert not soup.select("script, link, iframe")
    assert soup.title.get_text() == "Reproducibility report: Generative Adversarial Nets (2014)"
    assert len(soup.select("table")) == len(tables(text))


def test_the_same_folder_gives_the_same_bytes_and_a_change_is_noticed(results):
    written = write_report(results)
    first = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in write_report(results)] == first
    assert list(derived_report(results)) == []
    path = results / "REPORT.md"
    path.write_text(path.read_text(encoding="utf-8").replace("212.2", "225.2"), encoding="utf-8")
    assert list(derived_report(results)) == ["REPORT.md: is not the report of what is beside it"]


def test_the_verb_writes_all_that_follows(results):
    assert CliRunner().invoke(app, ["report", str(results)]).exit_code == 0
    done = CliRunner().invoke(app, ["conclude", str(results)])
    assert done.exit_code == 0
    assert "statements of the paper:" in done.output
    for name in ("table2_evidence.csv", "claims.csv", "REPORT.md", "REPORT.html"):
        assert (results / name).is_file()


@pytest.mark.parametrize("text", ["a | b", "D* is *one*", "x < y > z", "[a](b)", "`code` \\ p_g"])
def test_plain_text_is_shown_as_it_is(text):
    assert tables(f"| a | b |\n|---|---|\n| {plain(text)} | c |\n") == [[[text, "c"]]]


def test_numbers_are_written_as_they_are_read():
    assert [number(None), number(-0.01234), number(25276.4, 6)] == ["", "−0.0123", "25,276.4"]
    assert within("-65.6", "3.23") == "−65.6\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}3.2"
    assert [duration(3.514), duration(640.5)] == ["3.51 minutes", "10.7 hours"]


def test_a_condition_does_not_break():
    row = read_claims(REFERENCE)[0]
    assert condition(row._replace(relation="<=", bound="1e-10")) == "≤\N{NO-BREAK SPACE}1e−10"
    assert condition(row._replace(relation="between", bound="0 to 1")) == "\N{NO-BREAK SPACE}".join(
        ["0", "to", "1"]
    )
    assert condition(row._replace(relation="", bound="")) == ""

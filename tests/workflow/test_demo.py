"""The demo, run once from end to end, and what a user finds afterwards."""

import csv
import re
from pathlib import Path

import pytest

from gan_repro import paper
from gan_repro.artifacts import tables
from gan_repro.artifacts.claims.ledger import VERDICTS, beyond, ledger
from gan_repro.artifacts.verify import verify
from gan_repro.files import read_json, sha256

ROOT = Path(__file__).parents[2]
DEMO = ("all", "--configfile", "config/demo.yaml", "--cores", "2")


def rows(path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.slow
def test_table_1_has_the_papers_rows_and_names_its_data(demo):
    table = rows(demo / "results/demo/table1.csv")
    assert [row["Model"] for row in table] == list(paper.TABLE_1)
    columns = [column for column in table[0] if column != "Model"]
    assert all("not" in column for column in columns)
    assert re.fullmatch(r"-?\d+ ± \d+(\.\d)?", table[-1]["digits 8×8 (not MNIST)"])


@pytest.mark.slow
def test_nothing_of_the_demo_is_compared_with_the_paper(demo):
    for line in rows(demo / "results/demo/table1_comparison.csv"):
        assert line["paper"] == ""
        assert line["verdict"] in {tables.STAND_IN, "no counterpart in the paper"}
    assert not [path for path in (demo / "results").iterdir() if path.name != "demo"]


@pytest.mark.slow
def test_adversarial_nets_learn_and_centroids_beat_real_images(demo):
    lines = rows(demo / "results/demo/table1_comparison.csv")
    digits = {line["model"]: float(line["ours"]) for line in lines if "digits" in line["dataset"]}
    images = digits["Training images as samples"]
    assert digits["k-means centroids"] > images > digits["Adversarial nets"] > 0


@pytest.mark.slow
def test_every_check_of_every_notebook_holds(demo):
    found = sorted((demo / "results/demo/checks").glob("*.json"))
    assert [path.stem for path in found] == sorted(p.stem for p in (demo / "notebooks").iterdir())
    for path in found:
        checks = read_json(path)["checks"]
        assert checks
        assert {check["verdict"] for check in checks} == {"holds"}
    number = sum(len(read_json(path)["checks"]) for path in found)
    said = f"\n{number} of {number} checks hold\n"
    assert said in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_check_is_behind_a_verdict_and_none_was_given_without(demo):
    root = demo / "results/demo"
    lines = {line["id"]: line for line in rows(root / "claims.csv")}
    assert list(lines) == list(ledger())
    named = {ref for line in lines.values() for ref in line["evidence"].split("; ")}
    executed = {
        f"{path.stem[:2]}/{check['id']}"
        for path in (root / "checks").glob("*.json")
        for check in read_json(path)["checks"]
    }
    assert executed == executed & (named | set(beyond()))
    assert {ref for ref in named if ref[:2].isdecimal()} <= executed
    # What needs the paper's own data, and nothing else, is left open by the demo.
    for line in lines.values():
        if line["verdict"] == "not checked yet":
            assert re.search("(table1|order|panel)/", line["evidence"]), line
    found = [line["verdict"] for line in lines.values()]
    counted = {word: found.count(word) for word in VERDICTS if word in found}
    assert "check failed" not in counted
    listed = ", ".join(f"{number} {word}" for word, number in counted.items())
    assert f"| {listed} |" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert verify(root) == []


@pytest.mark.slow
def test_the_manifest_is_of_what_is_there(demo):
    root = demo / "results/demo"
    manifest = read_json(root / "manifest.json")
    assert {"table1.csv", "table2.csv", "table1_notes.csv"} <= set(manifest)
    for name, digest in manifest.items():
        assert sha256(root / name) == digest


@pytest.mark.slow
def test_the_page_is_whole_small_and_in_no_manifest(demo):
    root = demo / "results/demo"
    text = (root / "index.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 6e6
    assert "not here." not in text
    assert sha256(root / "manifest.json") in text
    assert text.count('class="claim"') == len(ledger())
    assert "index.html" not in read_json(root / "manifest.json")


@pytest.mark.slow
def test_every_seed_is_a_run_with_its_record(demo):
    for seed in (0, 1):
        run = demo / f"results/demo/runs/digits_authors/seed{seed}"
        record = read_json(run / "run.json")
        assert record["seed"] == seed
        assert record["chosen"]["by"] == "validation"
        assert len(rows(run / "metrics.csv")) == record["epochs"]


@pytest.fixture
def edited(demo):
    """Edit a file of the demo's checkout for the length of a test."""
    kept = {}

    def edit(path: str, right: str, wrong: str) -> None:
        file = demo / path
        kept.setdefault(file, file.read_text(encoding="utf-8"))
        assert right in kept[file]
        file.write_text(kept[file].replace(right, wrong, 1), encoding="utf-8")

    yield edit
    for file, content in kept.items():
        file.write_text(content, encoding="utf-8")


@pytest.mark.slow
def test_editing_a_table_retrains_nothing(demo, snakemake, edited):
    edited("gan_repro/artifacts/tables.py", 'NOT_RUN = "not run"', 'NOT_RUN = "never run"')
    planned = snakemake(demo, *DEMO, "--dry-run")
    text = planned.stdout + planned.stderr
    assert re.search(r"^table +1$", text, re.M)
    assert not re.search(r"^(train|together_\d+|sample|parzen|notebook) +\d", text, re.M)


@pytest.mark.slow
def test_a_second_run_does_nothing_where_only_comments_have_changed(demo, snakemake, edited):
    edited("gan_repro/training/loop.py", "import csv", "# A comment.\nimport csv")
    edited("gan_repro/evaluation/window.py", '"""The Gaussian', '"""A docstring: the Gaussian')
    edited("config/experiments/digits_gsn.yaml", "extends:", "# A comment.\nextends:")
    done = snakemake(demo, *DEMO)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
def test_code_that_decides_a_result_makes_it_again(demo, snakemake, edited):
    edited("gan_repro/evaluation/window.py", "NOTHING = -80.0", "NOTHING = -79.0")
    planned = snakemake(demo, *DEMO, "--dry-run")
    text = planned.stdout + planned.stderr
    # The Parzen window chooses the epoch that is kept, and notebook 8 is about it.
    assert re.search(r"^train +2$", text, re.M)
    assert len(set(re.findall(r"^together_\d+ +1$", text, re.M))) == 5
    assert re.search(r"^notebook +1$", text, re.M)


@pytest.mark.slow
def test_a_changed_parameter_of_a_notebook_executes_it_again(demo, snakemake, edited):
    edited("config/demo.yaml", "notebook_parameters: null", "notebook_parameters: mine.yaml")
    (demo / "mine.yaml").write_text("05_saturation: {seed: 7}\n", encoding="utf-8")
    planned = snakemake(demo, *DEMO, "--dry-run")
    assert re.search(r"^notebook +1$", planned.stdout + planned.stderr, re.M)

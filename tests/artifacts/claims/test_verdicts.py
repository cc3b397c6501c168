"""No verdict without an executed check, and none that a finding contradicts."""

import csv

import pytest
from typer.testing import CliRunner

from gan_repro.artifacts.claims import verdicts
from gan_repro.artifacts.claims.findings import Finding
from gan_repro.artifacts.claims.ledger import VERDICTS, ledger, read_claim
from gan_repro.artifacts.claims.listed import chosen, listing
from gan_repro.artifacts.claims.verdicts import counts, judge, judge_all, read_claims, write_claims
from gan_repro.artifacts.verify import derived_table
from gan_repro.cli import app
from gan_repro.errors import UserError
from gan_repro.theory.checks import Checks

HOLDS = Finding("confirmed", "It holds", "checks/a.json", 0.5, 0.4, 0.6, "<", "1", 7)
REFINES = Finding("refined", "With care", "table2_evidence.csv", 2.0, relation=">", bound="1")
FAILS = Finding("check failed", "It must not", "checks/b.json", 3.0, relation="<", bound="1")
AGAINST = Finding("not reproduced", "Lower", "table1_comparison.csv", 4.0, relation=">", bound="5")
SHORT = Finding("not checked yet", "20 of 1,000 epochs", "table1_comparison.csv", 4.0)


def claim(*evidence: str, **more):
    entry = {"section": "3", "where": "eq. (1)", "kind": "equation", "statement": "One."}
    return read_claim("one", entry | {"evidence": list(evidence)} | more, "file")


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([HOLDS], "confirmed"),
        ([HOLDS, REFINES], "refined"),
        ([HOLDS, AGAINST], "not reproduced"),
        ([HOLDS, SHORT], "not checked yet"),
        ([REFINES, AGAINST, FAILS, SHORT], "check failed"),
        ([AGAINST, SHORT], "not reproduced"),
    ],
)
def test_the_weightiest_finding_decides(found, verdict):
    references = [f"a/{number}" for number in range(len(found))]
    row = judge("one", claim(*references), dict(zip(references, found, strict=True)))
    assert row.verdict == verdict
    assert row.evidence == "; ".join(references)


def test_the_numbers_are_those_of_the_first_finding_unless_another_is_against_it():
    row = judge("one", claim("a/0", "a/1"), {"a/0": HOLDS, "a/1": REFINES})
    numbers = (row.measured, row.low, row.high, row.relation, row.bound, row.seeds, row.artefact)
    assert numbers == (*HOLDS[3:9], HOLDS.artefact)
    row = judge("one", claim("a/0", "a/1"), {"a/0": HOLDS, "a/1": FAILS})
    assert (row.measured, row.why, row.artefact) == (3.0, "It must not", "checks/b.json")


def test_a_missing_finding_leaves_a_statement_unchecked():
    row = judge("one", claim("a/0", "a/1"), {"a/0": HOLDS})
    assert row.verdict == "not checked yet"
    assert row.why == "These results lack a/1"
    assert judge("one", claim("a/0", "a/1"), {"a/0": FAILS}).verdict == "check failed"
    many = claim(*(f"a/{number}" for number in range(5)))
    assert judge("one", many, {}).why.endswith("a/0, a/1, a/2 and 2 more")


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("07/nce-slows", "check 'nce-slows' of notebook 07"),
        ("table1/Deep GSN/MNIST", "a score of Deep GSN on MNIST"),
        ("order/MNIST", "all four scores on MNIST"),
        ("table2/sampling-directed", "cell 'sampling-directed' of Table 2's evidence"),
        ("figure3/steps", "the lines of Figure 3"),
    ],
)
def test_what_is_missing_is_said_in_words(reference, words):
    assert judge("one", claim(reference), {}).why == f"These results lack {words}"


def test_every_kind_of_reference_has_words():
    kinds = {ref.split("/")[0] for entry in ledger().values() for ref in entry.evidence}
    assert {kind for kind in kinds if not kind.isdecimal()} == set(verdicts.NAMES)


def test_what_cannot_be_had_is_not_testable_until_it_is_there():
    reason = "Nobody has it."
    wanted = claim("a/0", untestable=reason)
    for found in ({}, {"a/0": SHORT}):
        row = judge("one", wanted, found)
        assert (row.verdict, row.why, row.measured) == ("not testable here", reason, None)
    assert judge("one", wanted, {"a/0": HOLDS}).verdict == "confirmed"
    assert judge("one", wanted, {"a/0": AGAINST}).verdict == "not reproduced"
    assert judge("one", claim(untestable=reason), {}).verdict == "not testable here"


def test_a_refined_statement_says_in_what_way_only_where_its_checks_hold():
    refined = claim("a/0", verdict="refined", found="Only on Sundays.")
    assert judge("one", refined, {"a/0": HOLDS})[6] == "refined"
    assert judge("one", refined, {"a/0": HOLDS}).why == "Only on Sundays."
    assert judge("one", refined, {"a/0": FAILS}).why == "It must not"
    assert judge("one", refined, {}).verdict == "not checked yet"


def test_a_statement_that_its_checks_are_against_needs_them_to_hold():
    against = claim("a/0", verdict="not reproduced", found="The other way round.")
    for finding, verdict in (
        (HOLDS, "not reproduced"), (REFINES, "not reproduced"), (FAILS, "check failed"),
        (SHORT, "not checked yet"),
    ):  # fmt: skip
        assert judge("one", against, {"a/0": finding}).verdict == verdict
    assert judge("one", against, {"a/0": HOLDS}).why == "The other way round."


def test_nothing_found_gives_no_verdict_on_anything():
    rows = list(judge_all({}))
    assert [row.id for row in rows] == list(ledger())
    assert {row.verdict for row in rows} == {"not checked yet", "not testable here"}
    assert {row.measured for row in rows} == {None}


def test_the_table_is_derived_again_and_a_changed_verdict_is_noticed(tmp_path):
    made = Checks("01_optimal_discriminator")
    for name in ("log-likelihood", "pointwise-maximum", "value-at-optimum"):
        made.add(id=name, claim=f"{name}!", location="4.1", measured=0.1, relation="<=", bound=1)
    made.write(tmp_path / "checks/01_optimal_discriminator.json")
    rows = read_claims(tmp_path)
    assert list(counts(rows)) == [word for word in VERDICTS if word in counts(rows)]
    assert counts(rows)["confirmed"] == 1
    write_claims(rows, tmp_path / verdicts.TABLE)
    assert list(derived_table(tmp_path, verdicts.TABLE)) == []
    with open(tmp_path / verdicts.TABLE, encoding="utf-8", newline="") as handle:
        lines = {line["id"]: line for line in csv.DictReader(handle)}
    assert list(lines["correct-labels"]) == [
        "id", "section", "nips", "arxiv", "kind", "statement", "verdict", "measured", "low",
        "high", "relation", "bound", "seeds", "why", "evidence", "artefact",
    ]  # fmt: skip
    assert lines["correct-labels"]["verdict"] == "refined"
    assert lines["optimal-discriminator-formula"]["why"] == "pointwise-maximum!"
    path = tmp_path / verdicts.TABLE
    path.write_text(path.read_text(encoding="utf-8").replace("not checked yet", "confirmed", 1))
    (line,) = derived_table(tmp_path, verdicts.TABLE)
    assert line.startswith("claims.csv: abstract-simultaneous-training, verdict: confirmed, but")


def test_the_listing_counts_first_and_can_be_narrowed(tmp_path):
    rows = list(judge_all({"02/minimum-value": HOLDS, "02/discrete-minimum": HOLDS}))
    found = chosen(rows, verdict=["confirmed"], section=None)
    assert {row.id for row in found} == {"theorem-1-value"}
    text = listing(found, 80)
    assert text.startswith("1 statements: 1 confirmed\n\nCONFIRMED  theorem-1-value  (Theorem 1)")
    assert "measured 0.5 (0.4 to 0.6), must be < 1, 7 repetitions" in text
    with pytest.raises(UserError, match="section '9' .there are: Abstract, 1, 2,"):
        chosen(rows, section=["9"])
    done = CliRunner().invoke(app, ["claims", str(tmp_path), "--section", "4.2"])
    assert done.exit_code == 0
    assert done.output.startswith("8 statements: 8 not checked yet\n")
    assert len((tmp_path / "claims.csv").read_text(encoding="utf-8").splitlines()) == len(rows) + 1

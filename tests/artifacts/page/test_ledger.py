from gan_repro.artifacts.claims.ledger import VERDICTS
from gan_repro.artifacts.evidence import CELLS, FAILED, NOT_MEASURED
from gan_repro.artifacts.page.ledger import EVIDENCE_MARKS, MARKS, UNKNOWN, choices, counts, mark
from gan_repro.artifacts.page.ledger import outcome as said


def rows(*verdicts: str) -> list[dict[str, str]]:
    return [{"verdict": verdict} for verdict in verdicts]


def test_every_verdict_has_a_sign_of_its_own_in_the_ledger_s_order():
    assert tuple(MARKS) == VERDICTS
    signs = [mark(verdict).sign for verdict in VERDICTS]
    assert len(set(signs)) == len(signs)
    assert set(EVIDENCE_MARKS) == {cell.word for cell in CELLS} | {FAILED, NOT_MEASURED}
    assert mark("something else") == UNKNOWN


def test_verdicts_are_counted_in_order_and_unknown_ones_too():
    found = counts(rows("refined", "odd", "confirmed", "refined"))
    assert [tuple(count) for count in found] == [("confirmed", 1), ("refined", 2), ("odd", 1)]


def test_the_outcome_is_one_sentence_of_the_counts():
    assert said(rows("confirmed")) == "Of 1 checkable statements of the paper, 1 are confirmed."
    assert said(rows("refined", "confirmed", "refined")) == (
        "Of 3 checkable statements of the paper, 1 are confirmed and 2 refined."
    )


def test_a_failed_check_is_said_as_one():
    found = said(rows("confirmed", "check failed", "check failed"))
    assert found.endswith("1 are confirmed and 2 with a failed check.")


def test_choices_are_in_the_order_of_the_ledger_and_not_empty():
    assert choices(rows("b", "", "a", "b"), "verdict") == ["b", "a"]

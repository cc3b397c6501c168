"""The ledger is whole: each numbered statement of the paper, and each check of a notebook."""

import ast
import json
import os
import re
from pathlib import Path

import pytest

from gan_repro import paper
from gan_repro.artifacts.claims.ledger import beyond, ledger, read_claim
from gan_repro.artifacts.evidence import CELLS
from gan_repro.config.catalogue import MIRROR_VARIABLE, mirror_of_user
from gan_repro.errors import UserError

ROOT = Path(__file__).parents[3]
NUMBERED = json.loads(Path(__file__).with_name("numbered.json").read_text(encoding="utf-8"))
TEXTS = {"nips": "nips_version.txt", "arxiv": "arxiv_v1.txt"}
NAMED = re.compile(r"\b(Theorem|Proposition|Figure|Table|Algorithm) (\d)\b")
EQUATION = re.compile(r"\((\d)\)")
ITEM = re.compile(r"(?:^|[\s.])([1-5])\. \*?(?:A|Learned|One|Semi-supervised|Efficiency)\b")


def numbered(text: str) -> list[str]:
    """Return what a text of the paper gives a number to."""
    body = re.split(r"\bReferences\s", text)[0]
    found = {f"{word} {number}" for word, number in NAMED.findall(body)}
    found |= {f"eq. ({number})" for number in EQUATION.findall(body)}
    items = re.findall(
        r"(?:^|[\s.])([1-5])\. \*?(?:A|Learned|One|Semi-supervised|Efficiency)\b", body
    )
    return sorted(found | {f"item {number}" for number in items})


@pytest.mark.parametrize("version", TEXTS)
def test_every_numbered_statement_of_each_text_has_an_entry(version):
    places = [getattr(claim.where, version) for claim in ledger().values()]
    for label in NUMBERED[version]:
        assert any(re.search(rf"{re.escape(label)}(?!\d)", place) for place in places), label


@pytest.mark.parametrize("version", TEXTS)
def test_the_list_of_numbered_statements_is_that_of_the_text(version):
    mirror = mirror_of_user()
    path = Path(mirror or os.devnull).parent / "paper" / TEXTS[version]
    if not path.is_file():
        pytest.skip(f"the paper's texts are not in a folder beside {MIRROR_VARIABLE}")
    assert numbered(path.read_text(encoding="utf-8")) == NUMBERED[version]


def test_there_are_enough_and_every_section_has_some():
    sections = [claim.section for claim in ledger().values()]
    assert len(sections) >= 100
    assert list(dict.fromkeys(sections)) == [
        "Abstract", "1", "2", "3", "4", "4.1", "4.2", "5", "6", "7",
    ]  # fmt: skip


def test_every_number_of_table_1_is_there_as_printed():
    stated = {name: claim.statement for name, claim in ledger().items() if claim.kind == "number"}
    for row, cells in paper.TABLE_1.items():
        for dataset, value in cells.items():
            (name,) = (
                n for n, said in stated.items() if said == f"{row} on {dataset}, {value} nats."
            )
            assert f"table1/{row}/{dataset}" in ledger()[name].evidence


def test_every_cell_of_table_2_is_there_and_the_rewritten_one_twice():
    cells = {ref: claim.where for claim in ledger().values() for ref in claim.evidence
             if claim.kind == "table" and ref.startswith("table2/")}  # fmt: skip
    assert set(cells) == {f"table2/{cell.id}" for cell in CELLS}
    assert cells["table2/design-directed"].arxiv == ""
    assert cells["table2/design-directed-arxiv"].nips == ""


def given_ids(code: str) -> list[ast.expr]:
    """Return the id that each call of an ``add`` gives, by its keyword or first."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [word.value for word in node.keywords if word.arg == "id"] or node.args[:1]
        found += given if name == "add" else []
    return found


def ids_of(notebook: Path) -> tuple[set[str], list[re.Pattern]]:
    """Return the ids that a notebook gives its checks: as written, and patterns of the others."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    given = given_ids(code)
    literal = {part.value for part in given if isinstance(part, ast.Constant)}
    made = [part.values for part in given if isinstance(part, ast.JoinedStr)]
    patterns = [
        "".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in parts)
        for parts in made
    ]
    return literal, [re.compile(pattern) for pattern in patterns]


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def used() -> set[str]:
    """Return the references that the ledger names, those of the cells of Table 2 in full."""
    return {ref for claim in ledger().values() for ref in claim.evidence}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_check_that_the_ledger_names_is_one_of_the_notebook(notebook):
    literal, patterns = ids_of(notebook)
    assert len(literal) >= 9
    named = {ref[3:] for ref in used() | set(beyond()) if ref.startswith(f"{notebook.stem[:2]}/")}
    for name in named - literal:
        assert any(pattern.fullmatch(name) for pattern in patterns), name


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_check_of_a_notebook_serves_a_statement_or_says_why_not(notebook):
    literal, patterns = ids_of(notebook)
    known = {ref[3:] for ref in used() | set(beyond()) if ref.startswith(f"{notebook.stem[:2]}/")}
    cells = {ref.removeprefix("table2/") for ref in used() if ref.startswith("table2/")}
    if notebook.stem == "11_table_2":
        known |= {name for name in literal if name.split(": ")[0] in cells}
    assert literal <= known
    for pattern in patterns:
        assert any(pattern.fullmatch(name) for name in known), pattern


def test_a_check_beyond_the_paper_serves_no_statement():
    assert beyond().keys().isdisjoint(used())
    assert all(reason.endswith(".") for reason in beyond().values())


def test_statements_are_whole_sentences_in_our_words():
    for name, claim in ledger().items():
        assert claim.statement.endswith("."), name
        assert (claim.found or ".").endswith("."), name
        assert (claim.untestable or ".").rstrip(")").endswith("."), name


ENTRY = {
    "section": "3", "where": "eq. (1)", "kind": "equation", "statement": "One.",
    "evidence": ["01/a"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"section": "8"}, "section"),
        ({"kind": "lemma"}, "kind"),
        ({"where": {"nips": "", "arxiv": ""}}, "name a place"),
        ({"evidence": []}, "name the evidence, or say why"),
        ({"evidence": ["01/a", "01/a"]}, "the same reference twice"),
        ({"evidence": ["no reference"]}, "evidence"),
        ({"verdict": "refined"}, "say under 'found' in what way"),
        ({"verdict": "not checked yet"}, "verdict"),
        ({"evidense": ["01/a"]}, "did you mean 'evidence'"),
    ],
)
def test_a_malformed_entry_is_one_line(change, message):
    assert read_claim("one", ENTRY, "file").where.arxiv == "eq. (1)"
    with pytest.raises(UserError, match=message):
        read_claim("one", ENTRY | change, "file")

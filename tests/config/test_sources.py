"""What decides a result is found by its imports, and a comment decides nothing."""

import ast
import importlib
import sys
from pathlib import Path

import nbformat
import pytest

import gan_repro
from gan_repro.config import sources as module
from gan_repro.config.sources import (
    canonical,
    content_digest,
    imports,
    source_digest,
    sources,
    statements,
)
from gan_repro.experiments.kinds import KINDS

ROOT = Path(__file__).parents[2]
TRAIN = "gan_repro.experiments.run"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package's sources that a test may edit."""
    copy = tmp_path / "gan_repro"
    for path in Path(gan_repro.__file__).parent.rglob("*.py"):
        target = copy / path.relative_to(Path(gan_repro.__file__).parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(module, "PACKAGE", copy)
    forget()
    yield copy
    forget()


def forget() -> None:
    for cached in (module._tree, module._meaning, module.source_digest):
        cached.cache_clear()


def edit(path: Path, right: str, wrong: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    forget()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_a_training_imports_decides_it(kind):
    found = set(sources([TRAIN, KINDS[kind]]))
    for name in (TRAIN, KINDS[kind]):
        importlib.import_module(name)
    expected = {
        "gan_repro.training.loop", "gan_repro.training.model", "gan_repro.files",
        "gan_repro.evaluation.parzen", "gan_repro.data.spaces", "gan_repro.experiments.experiment",
    }  # fmt: skip
    assert expected <= found
    assert found <= {name for name in sys.modules if name.startswith("gan_repro")}


def test_no_kind_of_model_decides_another():
    found = {kind: set(sources([TRAIN, name])) for kind, name in KINDS.items()}
    assert "gan_repro.adversarial.game" in found["adversarial"]
    assert not any(name.startswith("gan_repro.baselines") for name in found["adversarial"])
    assert not any(name.startswith("gan_repro.adversarial") for name in found["gsn"])
    assert "gan_repro.baselines.rbm" not in found["cae"]
    for names in found.values():
        assert not any(name.startswith(("gan_repro.artifacts", "gan_repro.cli")) for name in names)


@pytest.mark.parametrize(
    ("notebook", "expected", "foreign"),
    [
        ("04_figure_1", "gan_repro.artifacts.figure1", "gan_repro.evaluation.parzen"),
        ("05_saturation", "gan_repro.adversarial.game", "gan_repro.evaluation.parzen"),
        ("08_metric", "gan_repro.evaluation.parzen", "gan_repro.adversarial.game"),
    ],
)
def test_a_notebook_depends_on_what_it_uses_and_on_nothing_else(notebook, expected, foreign):
    found = sources([ROOT / "notebooks" / f"{notebook}.ipynb"])
    assert expected in found
    assert foreign not in found


def test_comments_docstrings_and_layout_decide_nothing(package):
    before = source_digest(TRAIN)
    path = package / "training/loop.py"
    edit(path, '"""The training loop', '# new\n"""Another word: the training loop')
    edit(path, "        self._tick()\n", "        # Why not.\n\n        self._tick()\n")
    edit(path, "import csv\nimport time", "import csv\n\n\nimport time")
    assert source_digest(TRAIN) == before


def test_code_decides_also_far_from_where_training_starts(package):
    before = source_digest(TRAIN)
    edit(package / "evaluation/parzen.py", "VALIDATION_POINTS = 1_000", "VALIDATION_POINTS = 999")
    changed = source_digest(TRAIN)
    assert changed != before
    edit(package / "artifacts/cards.py", "card.md", "cards.md")
    assert source_digest(TRAIN) == changed


def test_a_notebooks_own_code_counts_and_its_text_does_not(tmp_path):
    path = tmp_path / "one.ipynb"
    code = nbformat.v4.new_code_cell("from gan_repro.files import sha256")
    text = nbformat.v4.new_markdown_cell("# One")
    digests = []
    for cells in ([text, code], [code], [code, nbformat.v4.new_code_cell("x = 1")]):
        path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
        forget()
        assert "gan_repro.files" in sources([path])
        digests.append(source_digest(path))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import gan_repro.files", {"gan_repro.files"}),
        ("from gan_repro import paper", {"gan_repro", "gan_repro.paper"}),
        ("from gan_repro.files import sha256 as s", {"gan_repro.files"}),
        ("def f():\n    from gan_repro.data import idx", {"gan_repro.data", "gan_repro.data.idx"}),
        ("import numpy, gan_repro_else", set()),
    ],
)
def test_every_form_of_import_is_seen(code, expected):
    assert imports(ast.parse(code)) == expected


@pytest.mark.parametrize("end", ["else: {}", "finally: {}", "except* ValueError: {}"])
def test_an_import_in_any_branch_of_a_statement_is_seen(end):
    inner = "import gan_repro.files"
    code = f"try:\n pass\n{'except: pass' if end[:5] == 'else:' else ''}\n{end.format(inner)}"
    assert imports(ast.parse(code)) == {"gan_repro.files"}
    match = f"async def f():\n async with a:\n  match b:\n   case 1: {inner}"
    assert imports(ast.parse(match)) == {"gan_repro.files"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("gan_repro/*/*.py")), ids=lambda path: path.stem)
def test_no_statement_of_the_package_is_missed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    every = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    assert {*every} <= {*statements(tree)}


A, B = ("Name(id='a', ctx=Load())", "Name(id='b', ctx=Load())")
ITEM = f"Subscript(value={A}, slice=Constant(value='b'), ctx=Load())"


# What `ast.unparse` or `ast.dump` writes otherwise in one version of Python than in another.
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("def f(): pass", "FunctionDef(name='f', args=arguments(), body=[Pass()])"),
        (
            """return f"{a['b']}'s \u00fc" """,
            f"Return(value=JoinedStr(values=[FormattedValue(value={ITEM}, conversion=-1), "
            """Constant(value="'s \\xfc")]))""",
        ),
        (
            "return f'{a:{b}}' ''",
            f"Return(value=JoinedStr(values=[FormattedValue(value={A}, conversion=-1, format_spec="
            f"JoinedStr(values=[FormattedValue(value={B}, conversion=-1)]))]))",
        ),
        ("return None", "Return(value=Constant())"),
        ("return", "Return()"),
        ("return ['']", "Return(value=List(elts=[Constant(value='')], ctx=Load()))"),
    ],
)
def test_code_is_the_same_text_in_every_version_of_python(code, text):
    assert canonical(ast.parse(code)) == f"Module(body=[{text}])"


def test_the_content_of_an_experiment_has_a_digest_of_its_own():
    assert content_digest({"a": 1, "b": [2]}) == content_digest({"b": [2], "a": 1})
    assert content_digest({"a": 1}) != content_digest({"a": 2})

"""Which code decides a result: derived from imports, and digested without comments.

A module decides a result if the code that makes it imports that module, directly or not. What is
named only in a string, such as another kind of model in the registry, decides nothing.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

import gan_repro

PACKAGE = Path(gan_repro.__file__).parent
NAME = gan_repro.__name__
# Where a statement, or a branch of one, keeps the statements within it.
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def module_file(name: str) -> Path | None:
    """Return the file of one of the package's modules, or None where there is no such module."""
    place = PACKAGE.joinpath(*name.split(".")[1:])
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def imports(tree: ast.AST, module: str = NAME) -> set[str]:
    """Return the package's modules that a syntax tree imports, anywhere in it.

    Args:
        tree: parsed code.
        module: its own name, to which relative imports refer.
    """
    found = set()
    for node in statements(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), module)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    ours = {name for name in found if name.split(".")[0] == NAME}
    return {name for name in ours if module_file(name)}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a syntax tree and each statement in it; most of a tree is expressions, left out."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        for field in BLOCKS:
            pending += getattr(node, field, ())


def sources(roots: Iterable[str | Path]) -> dict[str, Path]:
    """Return every module that decides what the roots compute, by name, the roots included.

    Args:
        roots: names of modules, or paths of scripts and notebooks outside of the package.
    """
    found: dict[str, Path] = {}
    pending = list(roots)
    while pending:
        root = pending.pop()
        path = Path(root) if isinstance(root, Path) else module_file(root)
        if str(root) not in found and path is not None:
            found[str(root)] = path
            pending += _imported(path, _package_of(root, path))
    return found


@cache
def source_digest(*roots: str | Path) -> str:
    """Return one SHA-256 over all `sources` of the roots.

    Comments, docstrings and the layout of lines are left out: they decide nothing.
    """
    digest = hashlib.sha256()
    for name, path in sorted(sources(roots).items()):
        digest.update(f"{Path(name).name}\0{_meaning(path)}\0".encode())
    return digest.hexdigest()


def _package_of(root: str | Path, path: Path) -> str:
    """Return what a relative import in a module refers to."""
    if isinstance(root, Path):
        return NAME
    return root if path.name == "__init__.py" else root.rpartition(".")[0]


def content_digest(content: Any) -> str:
    """Return one SHA-256 over a JSON-ready value, such as a resolved experiment."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def _imported(path: Path, package: str) -> frozenset[str]:
    """Return `imports` of a file; the workflow asks for the same ones dozens of times."""
    return frozenset(imports(_tree(path), package))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_code(path), str(path))


def _code(path: Path) -> str:
    """Return the code of a module, or that of a notebook's cells one after the other."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join("".join(cell["source"]) for cell in cells)


@cache
def _meaning(path: Path) -> str:
    """Return the SHA-256 of a module's syntax without comments and docstrings."""
    # The tree that imports are looked up in is used once more: it misses no docstring.
    tree = _tree(path)
    for node in statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    return hashlib.sha256(canonical(tree).encode()).hexdigest()


def canonical(node: Any) -> str:
    """Return a syntax tree as a text that is the same whichever version of Python parsed it.

    `ast.unparse` writes f-strings in other quotes since Python 3.12, and `ast.dump` leaves out
    empty fields since 3.13; versions add fields, which are empty where nobody uses them, and
    empty ends of f-strings.
    """
    if isinstance(node, ast.AST):
        fields = (f"{name}={canonical(value)}" for name, value in _fields(node))
        return f"{type(node).__name__}({', '.join(fields)})"
    if isinstance(node, list):
        return f"[{', '.join(map(canonical, node))}]"
    return ascii(node)


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield what a node has, by name; nothing that is empty."""
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.JoinedStr):
            value = [piece for piece in value if getattr(piece, "value", None) != ""]
        if value not in (None, []):
            yield name, value


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
        node.body = node.body[1:] or [ast.Pass()]

"""The package's rooms stand on each other: arrows go down, and nowhere in circles."""

import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import gan_repro
from gan_repro.config.sources import _tree, imports, module_file

PACKAGE = Path(gan_repro.__file__).parent
DOCUMENT = PACKAGE.parent / "docs/architecture.md"

# From the ground up; rooms on one line do not know each other.
FLOORS = (
    {"errors"},
    {"files", "paper"},
    {"config"},
    {"data", "networks"},
    {"training"},
    {"adversarial", "baselines", "evaluation"},
    {"theory", "experiments"},
    {"extensions"},
    {"artifacts"},
    {"cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def names() -> list[str]:
    """Return every module of the package."""
    files = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")]
    dotted = [".".join(path.parts).removesuffix(".__init__") for path in files]
    return sorted(name for name in dotted if name != "gan_repro.__main__")


def needs(name: str) -> set[str]:
    """Return what a module imports, without the empty packages on the way."""
    path = module_file(name)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = imports(_tree(path), package) - {name, "gan_repro"}
    return {other for other in found if module_file(other).stat().st_size or other in names()}


def room(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("name", [name for name in names() if name != "gan_repro"])
def test_a_module_imports_from_its_own_room_or_from_below(name):
    for other in needs(name):
        same = room(other) == room(name)
        assert same or FLOOR[room(other)] < FLOOR[room(name)], f"{name} imports {other}"


def test_no_module_reaches_itself():
    graph = {name: needs(name) for name in names()}
    TopologicalSorter(graph).prepare()


def test_only_three_modules_stand_outside_of_a_room():
    loose = {path.name for path in PACKAGE.glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "paper.py", "errors.py", "files.py"}


def test_nothing_imports_snakemake():
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", path.read_text("utf-8"), re.M), path


def test_what_the_workflow_imports_does_not_import_torch():
    lines = (PACKAGE.parent / "workflow/rules/common.smk").read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if re.match(r"(from|import) gan_repro", line)]
    assert len(ours) > 5
    code = "\n".join([*ours, "import sys", "assert 'torch' not in sys.modules"])
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_no_two_modules_of_different_rooms_are_called_the_same_but_the_verbs():
    """A verb's module may be called as what it calls: cli/figures.py, artifacts/figures.py."""
    stems: dict[str, set[str]] = {}
    for name in names():
        if room_of := name.split(".")[1:-1]:
            stems.setdefault(name.rpartition(".")[2], set()).add(room_of[0])
    clashes = {stem: rooms - {"cli"} for stem, rooms in stems.items() if len(rooms - {"cli"}) > 1}
    assert not clashes


def test_the_document_names_every_room():
    text = DOCUMENT.read_text(encoding="utf-8")
    for place in FLOOR:
        assert f"`{place}/`" in text or f"`{place}.py`" in text, place

"""Plant the errors of mutants.yaml one by one, and see what notices: a notebook, a test, neither.

    python tests/mutants.py [--only TEXT] [--out docs/mutants.csv]

An error is planted in a copy of the package, which the notebook and the tests then import. Exits
with 1 if neither notices one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from gan_repro.artifacts.reruns import run_script
from gan_repro.artifacts.tables import write_csv
from gan_repro.data.fetch import fetch
from gan_repro.data.prepare import prepare

ROOT = Path(__file__).parents[1]
# The image notebook scores these, which every installation has.
DIGITS = "digits"
SINGLE = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class Mutant(NamedTuple):
    """A single error: what a file says, what it could have said, and what should notice."""

    error: str
    file: str
    right: str
    wrong: str
    tests: str
    notebook: str | None = None


def load() -> tuple[list[Mutant], dict[str, dict]]:
    """Return the errors, and the size at which each notebook is run."""
    content = yaml.safe_load((ROOT / "tests/mutants.yaml").read_text(encoding="utf-8"))
    return [Mutant(**mutant) for mutant in content["mutants"]], content["sizes"]


def digits(folder: Path) -> Path:
    """Prepare the embedded images; return their file."""
    fetch(DIGITS, folder / "raw")
    prepare(DIGITS, folder / "raw", folder / "prepared")
    return folder / "prepared" / f"{DIGITS}.npz"


def plant(mutant: Mutant, folder: Path) -> Path:
    """Copy the package into a folder with the error in it; return the folder."""
    ignored = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(ROOT / "gan_repro", folder / "gan_repro", ignore=ignored)
    path = folder / "gan_repro" / mutant.file
    source = path.read_text(encoding="utf-8")
    if source.count(mutant.right) != 1:
        raise ValueError(f"{mutant.error}: {mutant.file} has not one {mutant.right!r}")
    path.write_text(source.replace(mutant.right, mutant.wrong), encoding="utf-8")
    return folder


def run_notebook(name: str, size: dict, images: Path, library: Path, results: Path):
    """Run a notebook at its small size against the package in ``library``."""
    results.mkdir(exist_ok=True)
    given = {**size, "data": str(images)} if name.startswith("08") else size
    source = ROOT / "notebooks" / f"{name}.ipynb"
    return run_script(source, given, results, PYTHONPATH=str(library), **SINGLE)


def seen_by_notebook(mutant: Mutant, size: dict, images: Path, library: Path) -> str:
    """Return whether a check fails, the notebook ends in an error, or it holds."""
    done = run_notebook(mutant.notebook, size, images, library, library / "results")
    if done.returncode == 0:
        return "no"
    return "a check fails" if "CheckError" in done.stderr else "an error"


def require_that_it_holds(name: str, size: dict, images: Path, results: Path) -> None:
    """Run a notebook without an error: only then says a failed check that it saw one."""
    done = run_notebook(name, size, images, ROOT, results)
    if done.returncode:
        raise RuntimeError(f"{name} does not hold as it is\n{done.stderr}")


def seen_by_tests(mutant: Mutant, library: Path) -> str:
    """Return whether one of the tests fails."""
    # -P: the working folder, with the package as it is, must not come first.
    command = [sys.executable, "-P", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"tests/{mutant.tests}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(library), **SINGLE},
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"{mutant.error}: pytest ended with {done.returncode}\n{done.stdout}")
    return "a test fails" if done.returncode else "no"


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="errors whose line has this text")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/mutants.csv")
    options = parser.parse_args()
    mutants, sizes = load()
    mutants = [mutant for mutant in mutants if options.only in repr(mutant)]
    rows = []
    with tempfile.TemporaryDirectory(prefix="gan-repro-mutants-") as folder:
        images = digits(Path(folder) / "data")
        for name in sorted({mutant.notebook for mutant in mutants if mutant.notebook}):
            require_that_it_holds(name, sizes[name], images, Path(folder))
        for number, mutant in enumerate(mutants):
            library = plant(mutant, Path(folder) / str(number))
            notebook = "not asked"
            if mutant.notebook:
                notebook = seen_by_notebook(mutant, sizes[mutant.notebook], images, library)
            tests = seen_by_tests(mutant, library)
            rows.append((*mutant[:4], mutant.notebook or "", notebook, mutant.tests, tests))
            print(f"{mutant.error}: notebook: {notebook}; tests: {tests}", flush=True)
            shutil.rmtree(library)
    columns = ["error", "file", "right", "wrong", "notebook", "in it", "tests", "in them"]
    table = pd.DataFrame(rows, columns=columns)
    write_csv(table, options.out)
    alive = table["in it"].isin(["no", "not asked"]) & (table["in them"] == "no")
    print(f"{len(table) - alive.sum()} of {len(table)} errors are noticed; {options.out}")
    return int(alive.any())


if __name__ == "__main__":
    sys.exit(main())

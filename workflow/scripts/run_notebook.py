"""Execute a notebook with papermill and render it as one HTML page.

    python run_notebook.py SOURCE OUT.ipynb OUT.html [--failed PATH] [-p NAME VALUE]...

The kernel is the interpreter that runs this script, whatever kernels Jupyter has installed. A check
that does not hold is a finding: the notebook is rendered, and says so.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gan_repro.config.grammar  # noqa: F401  # isort: skip
import nbformat
import papermill
from nbformat import NotebookNode
from papermill import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG

from gan_repro.artifacts.pages import render, title_of, with_fixed_names
from gan_repro.config.process import end_with_workflow, raise_on_signals
from gan_repro.errors import Interrupted
from gan_repro.files import write_text
from gan_repro.theory.checks import CheckError

# Games take and free the same megabytes each step, as trainings do.
KERNEL = """
import runpy
from gan_repro.config.memory import collect_seldom, keep_memory
collect_seldom()
keep_memory()
runpy.run_module("ipykernel_launcher", run_name="__main__")
"""


def arguments() -> argparse.Namespace:
    """Parse the command line; parameter values are JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("html", type=Path)
    parser.add_argument("--failed", type=Path, help="where a failed notebook is left to be read")
    parser.add_argument(
        "-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE")
    )
    return parser.parse_args()


def install_kernel(folder: Path) -> None:
    """Make this interpreter the kernel that Jupyter finds first under the name python3."""
    specification = {
        "argv": [sys.executable, "-c", KERNEL, "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        # The user's IPython profile and start-up files must not change a result.
        "env": {"IPYTHONDIR": str(folder / "ipython")},
    }
    kernel = folder / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(specification), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)


def execute(source: Path, executed: Path, parameters: dict) -> PapermillExecutionError | None:
    """Run the notebook; return None, or the error of the cell that failed."""
    try:
        papermill.execute_notebook(
            source,
            executed,
            parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        return error
    return None


def only_checks_failed(notebook: NotebookNode, error: PapermillExecutionError) -> bool:
    """Return whether a notebook came to its last cell, and that found checks that do not hold."""
    last = [output.output_type for output in notebook.cells[-1].get("outputs", [])]
    return error.ename == CheckError.__name__ and "error" in last


def with_failed_checks(notebook: NotebookNode, error: PapermillExecutionError) -> NotebookNode:
    """Return a notebook whose last cell found checks that do not hold: their list, no traceback."""
    notebook.cells = [
        cell for cell in notebook.cells if ERROR_MARKER_TAG not in cell.metadata.get("tags", [])
    ]
    for output in notebook.cells[-1].outputs:
        if output.output_type == "error":
            output.traceback = [error.evalue]
    return notebook


def without_timestamps(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs between two runs of the same notebook: times, durations, new cell ids."""
    notebook.metadata.pop("papermill", None)
    for position, cell in enumerate(notebook.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = f"injected-parameters-{position}"
    return notebook


@contextmanager
def working_folder(notebook: Path) -> Iterator[Path]:
    """Yield a folder for the length of a block, the same for each execution of a notebook.

    What a killed one left there is removed at the next start.
    """
    name = hashlib.sha256(f"{os.getuid()} {notebook.absolute()}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"gan-repro-notebook-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the command line; return the exit status."""
    raise_on_signals()
    end_with_workflow()
    options = arguments()
    parameters = {name: json.loads(value) for name, value in options.parameters}
    with working_folder(options.notebook) as folder:
        install_kernel(folder)
        executed = folder / "executed.ipynb"
        error = execute(options.source, executed, parameters)
        notebook = with_fixed_names(without_timestamps(nbformat.read(executed, as_version=4)))
    if error is not None and only_checks_failed(notebook, error):
        print(error.evalue, file=sys.stderr)
        notebook = with_failed_checks(notebook, error)
    elif error is not None:
        if options.failed:
            write_text(options.failed, nbformat.writes(notebook))
        print(f"{options.source} failed\n{error}", file=sys.stderr)
        return 1
    write_text(options.notebook, nbformat.writes(notebook))
    siblings = sorted(options.source.parent.glob("*.ipynb"))
    titles = {p.stem: title_of(nbformat.read(p, as_version=4), p.stem) for p in siblings}
    write_text(options.html, render(notebook, options.source.stem, titles))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Interrupted as signal:
        print(signal, file=sys.stderr)
        sys.exit(signal.status)

"""The checks of the notebooks at other seeds: how often each holds."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from gan_repro.config.selection import parameters_of
from gan_repro.errors import UserError, reading
from gan_repro.files import read_json

# What a row of a notebook's checks is, as its file has it.
Row = dict[str, Any]


def as_script(notebook: Path, parameters: Mapping[str, Any]) -> str:
    """Return a notebook's code as a script: quicker to start than a kernel, the same code.

    The parameters replace those of the cell that is tagged so.
    """
    with reading(notebook, "is not a notebook", "name a file of notebooks/"):
        cells = nbformat.read(notebook, as_version=4).cells
    lines = ["from IPython.display import display"]
    for cell in cells:
        if cell.cell_type == "code":
            lines.append(cell.source)
        if "parameters" in cell.metadata.get("tags", []):
            lines += [f"{name} = {value!r}" for name, value in parameters.items()]
    return "\n".join(lines)


def run_script(
    notebook: Path, parameters: Mapping[str, Any], results: Path, **environment: str
) -> subprocess.CompletedProcess:
    """Run a notebook's code as a script of its own process; its results go to ``results``."""
    script = results / f"{notebook.stem}.py"
    script.write_text(as_script(notebook, {**parameters, "results": str(results)}), "utf-8")
    return subprocess.run(
        [sys.executable, script],
        env={**os.environ, "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
    )


def rerun(notebook: Path, parameters: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a notebook's checks at these parameters, whether they hold or not.

    Raises:
        UserError: the notebook ended before it had written them.
    """
    with tempfile.TemporaryDirectory(prefix="gan-repro-checks-") as folder:
        done = run_script(notebook, parameters, Path(folder))
        checks = Path(folder) / "checks" / f"{notebook.stem}.json"
        if not checks.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise UserError(f"{notebook} ended without checks: {last}")
        return read_json(checks)["checks"]


def rerun_all(
    notebooks: Sequence[Path],
    seeds: Sequence[int],
    parameters: Mapping[str, Mapping[str, Any]],
    data: Path,
) -> Iterator[tuple[str, int, list[Row]]]:
    """Yield notebook, seed and checks, one run after the other.

    Args:
        notebooks: files.
        seeds: each notebook runs at each of them.
        parameters: notebook → parameter → value, beside the seed.
        data: the prepared dataset, for the notebooks that score images.

    Raises:
        UserError: before anything runs, where one that scores images has none.
    """
    given = [_given(notebook, parameters, data) for notebook in notebooks]
    for notebook, own in zip(notebooks, given, strict=True):
        for seed in seeds:
            yield notebook.stem, seed, rerun(notebook, {**own, "seed": seed})


def _given(
    notebook: Path, parameters: Mapping[str, Mapping[str, Any]], data: Path
) -> dict[str, Any]:
    with reading(notebook, "is not a notebook", "name a file of notebooks/"):
        known = parameters_of(notebook)
    if "data" not in known:
        return dict(parameters.get(notebook.stem, {}))
    given = {"data": str(data)} | parameters.get(notebook.stem, {})
    if not Path(given["data"]).exists():
        raise UserError(
            f"{notebook.name} scores images, and {given['data']} does not exist; name a prepared "
            "dataset (--dataset), or run: gan-repro fetch digits && gan-repro prepare digits"
        )
    return given


def tally(found: Sequence[tuple[str, int, list[Row]]]) -> pd.DataFrame:
    """Return one row per check: at how many seeds it holds, and the range of what was measured."""
    rows = pd.DataFrame(
        {"notebook": notebook, "check": row["id"], "seed": seed, **row}
        for notebook, seed, checks in found
        for row in checks
    )
    groups = rows.assign(held=rows["verdict"] == "holds").groupby(["notebook", "check"], sort=False)
    table = groups.agg(
        held=("held", "sum"),
        of=("held", "size"),
        smallest=("measured", "min"),
        largest=("measured", "max"),
        relation=("relation", "first"),
        bound=("bound", "first"),
        claim=("claim", "first"),
    )
    return table.reset_index()


def summary(table: pd.DataFrame) -> str:
    """Return the lines that `tally` comes to: each notebook, then each check that failed once."""
    lines = []
    for notebook, rows in table.groupby("notebook", sort=False):
        always = (rows["held"] == rows["of"]).sum()
        lines.append(
            f"{notebook:26}{always} of {len(rows)} checks held in {rows['of'].iloc[0]} of "
            f"{rows['of'].iloc[0]}"
        )
    for _, row in table[table["held"] < table["of"]].iterrows():
        lines.append(
            f"  {row['notebook']} {row['check']}: held in {row['held']} of {row['of']}, measured "
            f"{row['smallest']:.3g} to {row['largest']:.3g}, must be {row['relation']} "
            f"{row['bound']}"
        )
    return "\n".join(lines)

"""The page: one file that opens offline, made of a folder of results and of nothing else.

The same folder gives the same bytes: no date is written, and what differs between two runs, the
durations of jobs, is read from the folder. The page is made after the manifest, whose digest it
prints; it is therefore not listed there.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gan_repro.artifacts.page import ledger
from gan_repro.artifacts.page.contents import contents
from gan_repro.artifacts.page.reading import Gap, address, number, short
from gan_repro.errors import UserError
from gan_repro.files import write_text

PAGE = "index.html"
STYLES = ("page.css", "parts.css", "print.css")
SCRIPTS = ("densities.js", "plot.js", "theorem.js", "game.js", "ledger.js", "print.js")


def write_page(results: Path, benchmarks: Path | None = None) -> Path:
    """Write ``index.html`` into a folder of results; return its path.

    Args:
        results: the folder.
        benchmarks: the workflow's measurements of its jobs; by default in the folder.

    Raises:
        UserError: the folder does not exist.
    """
    if not results.is_dir():
        raise UserError(f"{results} is not a folder of results; run: snakemake --cores 8 all")
    write_text(results / PAGE, render(results, benchmarks or results / "benchmarks"))
    return results / PAGE


def render(results: Path, benchmarks: Path) -> str:
    """Return the page of a folder of results as HTML; what is not there shows as a gap."""
    environment = Environment(
        loader=PackageLoader("gan_repro.artifacts.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"short": short, "number": number, "json": script_data}
    environment.tests["gap"] = lambda value: isinstance(value, Gap)
    environment.globals |= {"mark": ledger.mark, "address": lambda place: address(results, place)}
    template = environment.get_template("page.html")
    return template.render(
        contents(results, benchmarks),
        style=Markup("\n".join(map(_asset, STYLES))),
        script=Markup("\n".join(map(_asset, SCRIPTS))),
    )


def script_data(value: Any) -> Markup:
    """Return a value as JSON that no text in it can end early inside of a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def _asset(name: str) -> str:
    return files("gan_repro.artifacts.page").joinpath("templates", name).read_text("utf-8")

"""REPORT.md and REPORT.html: a report in the form of the field's reproducibility challenges.

The words are in `report.md.j2`, every number comes from `facts.py`.
"""

import base64
import html
import re
from importlib.resources import files
from pathlib import Path

import mistune
from jinja2 import Environment, PackageLoader, StrictUndefined

from gan_repro.artifacts.claims.verdicts import Row
from gan_repro.artifacts.report.facts import Facts, gather
from gan_repro.files import write_text
from gan_repro.theory.checks import SIGNS

MARKDOWN, PRINT = "REPORT.md", "REPORT.html"
# What Markdown would take for markup inside a cell or a sentence.
SPECIAL = re.compile(r"([\\`*\[\]|<>])")
IMAGE = re.compile(r'<img src="([^"]+\.png)"')
TITLE = re.compile(r"^# (.+)$", re.M)


def plain(text: object) -> str:
    """Return a text as Markdown that shows it as it is, on one line."""
    return SPECIAL.sub(r"\\\1", re.sub(r"[ \t\r\n]+", " ", str(text)).strip())


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with some significant digits, and a proper minus; nothing for None."""
    return "" if value is None else f"{value:,.{digits}g}".replace("-", "−")


def within(mean: str, error: str) -> str:
    """Return `225 ± 2` of two numbers as a table has them, without a place to break the line."""
    return f"{number(float(mean), 6)}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{number(float(error), 2)}"


def duration(minutes: float) -> str:
    """Return a time in the unit that people would say it in."""
    return f"{number(minutes / 60)} hours" if minutes >= 90 else f"{number(minutes)} minutes"


def condition(row: Row) -> str:
    """Return what a row's number must be, without a place to break the line."""
    sign = SIGNS.get(row.relation, "")
    return f"{sign} {row.bound}".strip().replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")


def markdown(facts: Facts) -> str:
    """Return the report as Markdown; figures are named relative to the results."""
    environment = Environment(
        loader=PackageLoader("gan_repro.artifacts.report", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
    environment.filters |= {
        function.__name__: function for function in (plain, number, duration, within, condition)
    }
    text = environment.get_template("report.md.j2").render(**facts._asdict())
    return re.sub(r"\n{3,}", "\n\n", text)


def page(text: str, results: Path) -> str:
    """Return the Markdown as one page for A4 that needs no other file."""
    body = mistune.create_markdown(plugins=["table"])(text)
    body = IMAGE.sub(lambda found: f'<img src="{_embedded(results / found[1])}"', body)
    title = TITLE.search(text)
    template = files("gan_repro.artifacts.report").joinpath("print.html").read_text("utf-8")
    shown = template.replace("{title}", html.escape(title[1] if title else "Report"))
    return shown.replace("{body}", body)


def _embedded(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def write_report(results: Path) -> list[Path]:
    """Write both forms into a folder of results; return their paths."""
    text = markdown(gather(results))
    write_text(results / MARKDOWN, text)
    write_text(results / PRINT, page(text, results))
    return [results / MARKDOWN, results / PRINT]

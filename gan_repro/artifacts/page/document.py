"""The page: one file that opens offline, made of a folder of results and of nothing else.

The same folder gives the same bytes: no date is written, and what differs between two runs, the
durations of jobs, is read from the folder. The page is made after the manifest, whose digest it
prints; it is therefore not listed there.
"""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gan_repro.artifacts.page import exhibits, ledger, origins, table_one, table_two
from gan_repro.artifacts.page.reading import Gap, address, number, part, short
from gan_repro.errors import UserError
from gan_repro.files import write_text
from gan_repro.paper import TABLE_2_COLUMNS
from gan_repro.theory.densities.examples import pairs

PAGE = "index.html"
STYLES = ("page.css", "parts.css", "print.css")
SCRIPTS = ("densities.js", "plot.js", "theorem.js", "game.js", "ledger.js", "print.js")
# Key, name in the list of contents, title.
SECTIONS = (
    ("verdict", "Verdict", "The verdict"),
    ("table-1", "Table 1", "Table 1"),
    ("figures", "Figures", "Figures 1, 2 and 3"),
    ("curves", "Curves", "Learning curves"),
    ("theorem-1", "Theorem 1", "Theorem 1 by hand"),
    ("table-2", "Table 2", "Table 2, with evidence"),
    ("claims", "Claims", "The claims, one by one"),
    ("notebooks", "Notebooks", "Notebooks"),
    ("provenance", "Provenance", "Provenance"),
    ("durations", "Durations", "How long it took, and on what"),
)
# p_data of the page's Theorem 1, from the notebook on it.
PAIR = "Laplace and a mixture"


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


def contents(results: Path, benchmarks: Path) -> dict[str, Any]:
    """Return what the page shows, each part read or a gap."""

    def read(what: str, reader: Callable[[], Any]) -> Any:
        return part(what, results, reader)

    checks = read("The checks", lambda: exhibits.checks(results))
    known = {} if isinstance(checks, Gap) else checks
    claims = read("The claims ledger", lambda: ledger.read_ledger(results))
    rows = [] if isinstance(claims, Gap) else claims
    runs = read("The records of trainings", lambda: origins.records(results))
    scores = read("The scores", lambda: table_one.scores(results))
    scored = [] if isinstance(scores, Gap) else scores
    mixture = components()
    return {
        "sections": SECTIONS,
        "claims": claims,
        "outcome": ledger.outcome(rows),
        "counts": ledger.counts(rows),
        "choices": {name: ledger.choices(rows, name) for name in ("verdict", "section", "kind")},
        "verdicts": checks,
        "held": sum(verdict == "holds" for verdicts in known.values() for verdict in verdicts),
        "checks": sum(map(len, known.values())),
        "sentence": read("Table 1", lambda: table_one.sentence(results)),
        "printed": read("Table 1", lambda: table_one.printed(results)),
        "scores": scores,
        "compared": any(row.paper for _, rows in scored for row in rows),
        "drawn": any(row.draws for _, rows in scored for row in rows),
        "datasets": [title for title, _ in scored],
        "figures": exhibits.figures(results),
        "panels": read("The panels of Figure 2", lambda: exhibits.panels(results)),
        "curves": read("Learning curves", lambda: exhibits.curves(results)),
        "game": read("The recorded game", lambda: exhibits.game(results)),
        "components": mixture,
        "sliders": sliders(mixture),
        "states": states(mixture),
        "columns": TABLE_2_COLUMNS,
        "table2": table_two.cells(),
        "evidence": read("The evidence", lambda: table_two.with_evidence(results)),
        "notebooks": read("Notebooks", lambda: exhibits.notebooks(results, known)),
        "manifest": read("The manifest", lambda: origins.manifest(results)),
        "runs": runs,
        "facts": {} if isinstance(runs, Gap) else origins.facts(runs),
        "durations": read("How long each step took", lambda: origins.durations(benchmarks)),
    }


def components() -> list[dict[str, float]]:
    """Return the parts of the Gaussian mixture that is p_data on the page."""
    _, mixture = pairs()[PAIR]
    return [
        {"weight": float(weight), "mean": gaussian.location, "deviation": gaussian.scale}
        for weight, gaussian in zip(mixture.weights, mixture.components, strict=True)
    ]


def sliders(mixture: list[dict[str, float]]) -> list[tuple[str, str, float, float, float, float]]:
    """Return what moves p_g: name, label, lowest, highest, step and where it starts."""
    return [
        ("shift", "Shift", -4, 4, 0.02, 1),
        ("stretch", "Stretch", 0.4, 3, 0.02, 1.5),
        ("weight", "Weight of the left bump", 0, 1, 0.01, mixture[0]["weight"]),
    ]


def states(mixture: list[dict[str, float]]) -> list[tuple[str, dict[str, float]]]:
    """Return what the buttons set: a name, and the value of each slider."""
    equal = {"shift": 0, "stretch": 1, "weight": mixture[0]["weight"]}
    return [
        ("equal", equal),
        ("far away", equal | {"shift": 4, "stretch": 0.4}),
        ("too wide", equal | {"stretch": 3}),
        ("one bump missing", equal | {"weight": 1}),
    ]


def script_data(value: Any) -> Markup:
    """Return a value as JSON that no text in it can end early inside of a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def _asset(name: str) -> str:
    return files("gan_repro.artifacts.page").joinpath("templates", name).read_text("utf-8")

"""Executed notebooks as single HTML pages that load nothing from the network, and their index.

Text, figures and tables carry the argument; code is folded and shown on request.
"""

import html
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from bs4 import BeautifulSoup, SoupStrainer, Tag
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from gan_repro.artifacts.formulas import Formulas
from gan_repro.errors import UserError, reading
from gan_repro.files import write_text

HEADING = re.compile(r"^#+ +(.+)$", re.M)
MARKUP = re.compile(r"[*_`$#]|!?\[|\]\([^)]*\)")
SENTENCE = re.compile(r".+?[.:](?=\s|$)", re.S)
# Names that libraries give their elements at random: pandas' tables, matplotlib's players.
RANDOM_NAME = re.compile(r"\bT_[0-9a-f]{5}(?![0-9a-f])|[0-9a-f]{32}")

TITLE = SoupStrainer("title")
# How the pages of notebooks are called, beside others; and what the title of each ends in.
PAGES = "[0-9][0-9]_*.html"
SUFFIX = " · gan-repro"


def title_of(notebook: NotebookNode, name: str) -> str:
    """Return the first heading of a notebook as plain text, or its name where it has none."""
    for cell in notebook.cells:
        found = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return MARKUP.sub("", found[1])
    return name


def with_fixed_names(notebook: NotebookNode) -> NotebookNode:
    """Number what libraries name at random, so that two runs of a notebook are the same bytes."""
    names: dict[str, str] = {}

    def number(match: re.Match) -> str:
        width = len(match[0])
        return names.setdefault(
            match[0], f"T_{len(names):05}" if width == 7 else f"{len(names):032}"
        )

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if kind in ("text/html", "text/plain"):
                    output.data[kind] = RANDOM_NAME.sub(number, content)
    return notebook


def render(notebook: NotebookNode, name: str, titles: Mapping[str, str]) -> str:
    """Return a notebook as one page: figures embedded, formulas as MathML, code folded.

    Args:
        notebook: executed.
        name: its own among ``titles``.
        titles: file name → title of every notebook, in reading order, for the links between them.
    """
    formulas = Formulas()
    cells = [_without_formulas(cell, formulas) for cell in notebook.cells]
    exporter = HTMLExporter(template_name="basic", embed_images=True)
    body, _ = exporter.from_notebook_node(NotebookNode(notebook, cells=cells))
    soup = BeautifulSoup(body, "html.parser")
    for cell, part in zip(notebook.cells, soup.select("div.cell"), strict=True):
        if cell.cell_type == "code":
            _fold(soup, part)
            _describe(part, _description(notebook, cell))
    _tidy(soup, formulas)
    return _page(titles[name], _links(name, titles), formulas.put_back(str(soup)))


def index(titles: Mapping[str, str], verdicts: Mapping[str, Sequence[str]]) -> str:
    """Return the page that lists the notebooks: title, and how many of its checks hold.

    Args:
        titles: file name → title, in reading order.
        verdicts: file name → verdict of each of its checks.
    """
    rows = []
    for name, title in titles.items():
        found = verdicts.get(name, ())
        holds = f"{sum(verdict == 'holds' for verdict in found)} of {len(found)} hold"
        link = f'<a href="{name}.html">{html.escape(title)}</a>'
        rows.append(f"<tr><td>{link}</td><td>{holds if found else 'not executed'}</td></tr>")
    body = (
        "<h1>The theory, executed</h1>\n<p>Each page states what the paper says, shows it, and ends"
        " with a table of checks.</p>\n<table><thead><tr><th>notebook</th><th>checks</th></tr>"
        f"</thead>\n<tbody>{''.join(rows)}</tbody></table>"
    )
    return _page("The theory, executed", '<a href="../index.html">all results</a>', body)


def write_index(folder: Path, verdicts: Mapping[str, Sequence[str]]) -> Path:
    """Write ``index.html`` beside the pages of executed notebooks; return its path.

    The notebooks themselves need not be there: pages are what is handed on.

    Args:
        folder: of the pages.
        verdicts: file name → verdict of each of its checks.

    Raises:
        UserError: no page is there, or one has no title.
    """
    titles = {path.stem: _title_of_page(path) for path in sorted(folder.glob(PAGES))}
    titles = {
        name: title[: -len(SUFFIX)] for name, title in titles.items() if title.endswith(SUFFIX)
    }
    if not titles:
        raise UserError(
            f"{folder} has no pages of notebooks ({PAGES}); name their folder, or run: "
            "snakemake --cores 8 theory"
        )
    write_text(folder / "index.html", index(titles, verdicts))
    return folder / "index.html"


def _title_of_page(path: Path) -> str:
    with reading(path, "is not the page of a notebook", "run: snakemake --cores 8 theory"):
        head, _, _ = path.read_bytes().partition(b"</head>")
        return str(BeautifulSoup(head, "html.parser", parse_only=TITLE).title.string)


def _without_formulas(cell: NotebookNode, formulas: Formulas) -> NotebookNode:
    if cell.cell_type == "markdown":
        return NotebookNode(cell, source=formulas.take_out(cell.source))
    outputs = [_html_output(output, formulas) for output in cell.get("outputs", [])]
    return NotebookNode(cell, outputs=outputs) if cell.cell_type == "code" else cell


def _html_output(output: NotebookNode, formulas: Formulas) -> NotebookNode:
    data = output.get("data", {})
    if "text/latex" not in data or "text/html" in data:
        return output
    return NotebookNode(output, data={"text/html": formulas.take_out(data["text/latex"])})


def _fold(soup: BeautifulSoup, cell: Tag) -> None:
    """Put a cell's code behind a summary that opens it."""
    code = cell.select_one("div.input")
    if code is None:
        return
    details, summary = soup.new_tag("details", attrs={"class": "code"}), soup.new_tag("summary")
    summary.string = "parameters" if "celltag_parameters" in cell["class"] else "code"
    code.wrap(details)
    details.insert(0, summary)


def _description(notebook: NotebookNode, cell: NotebookNode) -> str:
    """Return what a cell's figures show: its own `alt`, else the sentence that comes after them."""
    if "alt" in cell.metadata:
        return cell.metadata.alt
    after = notebook.cells[notebook.cells.index(cell) + 1 :]
    texts = (MARKUP.sub("", c.source) for c in after if c.cell_type == "markdown")
    found = SENTENCE.match(next(texts, "").strip())
    return " ".join(found[0].split()) if found else "A figure; the text says more"


def _describe(cell: Tag, text: str) -> None:
    for image in cell.select("img"):
        image["alt"] = text
    for drawing in cell.select("svg"):
        drawing["role"], drawing["aria-label"] = "img", text


def _tidy(soup: BeautifulSoup, formulas: Formulas) -> None:
    """Drop the markup that belongs to an editor, and set formulas in tables."""
    for tag in soup.select("a.anchor-link, style[scoped], div.prompt"):
        tag.decompose()
    for table in soup.select("table"):
        for attribute in ("border", "class"):
            del table[attribute]
        table.wrap(soup.new_tag("div", attrs={"class": "table"}))
    for cell in soup.select("td, th"):
        for text in cell.find_all(string=re.compile(r"\$")):
            text.replace_with(formulas.take_out(str(text)))


def _links(name: str, titles: Mapping[str, str]) -> str:
    names = list(titles)
    place = names.index(name)
    parts = [
        f'<a rel="prev" href="{other}.html">← {html.escape(titles[other])}</a>'
        for other in names[max(place - 1, 0) : place]
    ]
    parts.append('<a href="index.html">all notebooks</a>')
    parts += [
        f'<a rel="next" href="{other}.html">{html.escape(titles[other])} →</a>'
        for other in names[place + 1 : place + 2]
    ]
    return " ".join(parts)


def _page(title: str, links: str, body: str) -> str:
    template = Template(files("gan_repro.artifacts").joinpath("page.html").read_text("utf-8"))
    light, dark = (HtmlFormatter(style=style) for style in ("default", "github-dark"))
    return template.substitute(
        title=html.escape(title) + SUFFIX,
        links=links,
        body=body,
        code_light=light.get_style_defs(".highlight"),
        code_dark=dark.get_style_defs(".highlight"),
    )

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gan_repro.artifacts.pages import index, render, title_of, with_fixed_names, write_index
from gan_repro.errors import UserError

TITLES = {"01_a": "The first", "02_b": "The *second*", "03_c": "The third"}
PIXEL = "iVBORw0KGgo="


def page(*cells, name: str = "02_b") -> BeautifulSoup:
    notebook = new_notebook(cells=[new_markdown_cell("# A page"), *cells])
    return BeautifulSoup(render(notebook, name, TITLES), "html.parser")


def figure(after: str = "", **metadata) -> list:
    output = new_output("display_data", data={"image/png": PIXEL})
    cell = new_code_cell("plot()", outputs=[output], metadata=metadata)
    return [cell, new_markdown_cell(after)]


def test_the_title_is_the_first_heading_as_plain_text():
    cells = [new_code_cell("1"), new_markdown_cell("text\n\n# On *$G$* and `D`\n\n## More")]
    assert title_of(new_notebook(cells=cells), "01_a") == "On G and D"
    assert title_of(new_notebook(), "01_a") == "01_a"


def test_page_loads_nothing_and_keeps_formulas_out_of_markdown():
    latex = new_output("display_data", data={"text/latex": r"$\displaystyle x^2$"})
    found = page(new_markdown_cell("$a_1$ *and* $b_1$"), new_code_cell("1", outputs=[latex]))
    assert len(found.select("math")) == 3
    assert found.em.text == "and"
    loaded = [tag for tag in found.select("[src], link[href]") if "data:" not in str(tag)]
    assert loaded == []
    assert "import(" not in str(found)


def test_code_is_folded_and_a_button_opens_it():
    found = page(new_code_cell("secret = 1"))
    (details,) = found.select("details.code")
    assert not details.has_attr("open")
    assert "secret" in details.text
    assert "secret" not in found.main.text.replace(details.text, "")
    assert found.select_one("button#code")["aria-pressed"] == "false"


def test_every_page_links_to_its_neighbours_and_the_index():
    found = page()
    assert found.title.text == "The *second* · gan-repro"
    assert [a["href"] for a in found.nav.select("a")] == ["01_a.html", "index.html", "03_c.html"]
    assert [a["href"] for a in page(name="01_a").nav.select("a")] == ["index.html", "02_b.html"]


def test_a_figure_says_what_it_shows():
    (described,) = page(*figure(alt="two curves")).select("img")
    assert described["alt"] == "two curves"
    (captioned,) = page(*figure("Lines are *medians* of $D$. More.")).select("img")
    assert captioned["alt"] == "Lines are medians of D."


def test_formulas_in_tables_are_set_and_code_is_left_alone():
    table = "<table border=1><tr><th>$k = 5$</th><td>a</td></tr></table>"
    output = new_output("display_data", data={"text/html": table})
    found = page(new_code_cell("label = '$k = 5$'", outputs=[output]))
    assert found.th.math is not None
    assert "$" not in found.table.text
    assert "$k = 5$" in found.details.text
    assert not found.table.has_attr("border")


def test_random_names_become_numbers_consistently():
    def executed(table: str, player: str):
        html = f"#T_{table}_row0 id=T_{table} img_{player} anim{player} play({player})"
        output = new_output("display_data", data={"text/html": html, "image/png": player})
        return new_notebook(cells=[new_code_cell("1", id="a", outputs=[output])])

    one = with_fixed_names(executed("a1b2c", "0" * 31 + "f"))
    two = with_fixed_names(executed("0ff00", "ab" * 16))
    html = one.cells[0].outputs[0].data["text/html"]
    assert html == two.cells[0].outputs[0].data["text/html"]
    assert html.count("T_00000") == 2
    assert one.cells[0].outputs[0].data["image/png"] == "0" * 31 + "f"


def test_the_notebook_itself_is_left_alone():
    notebook = new_notebook(cells=[new_markdown_cell("# $a$"), *figure("b")])
    before = nbformat.writes(notebook)
    render(notebook, "01_a", TITLES)
    assert nbformat.writes(notebook) == before


def test_the_index_counts_the_checks_that_hold():
    found = BeautifulSoup(index(TITLES, {"01_a": ["holds", "fails"]}), "html.parser")
    rows = [[cell.text for cell in row.select("td")] for row in found.select("tbody tr")]
    assert rows[0] == ["The first", "1 of 2 hold"]
    assert rows[1] == ["The *second*", "not executed"]
    assert [a["href"] for a in found.select("tbody a")] == [f"{name}.html" for name in TITLES]
    assert found.nav.a["href"] == "../index.html"


def test_the_index_is_of_the_pages_that_are_there(tmp_path):
    for name in ("02_b", "01_a"):
        (tmp_path / f"{name}.html").write_text(str(page(name=name)), encoding="utf-8")
    for _ in range(2):
        found = BeautifulSoup(write_index(tmp_path, {}).read_bytes(), "html.parser")
        assert [a.text for a in found.select("tbody a")] == ["The first", "The *second*"]
        assert found.title.string == "The theory, executed · gan-repro"
    (tmp_path / "03_c.html").write_text("<p>no title", encoding="utf-8")
    with pytest.raises(UserError, match="03_c.html is not the page of a notebook"):
        write_index(tmp_path, {})
    with pytest.raises(UserError, match="has no pages of notebooks"):
        write_index(tmp_path / "elsewhere", {})


def test_other_pages_beside_are_no_notebooks(tmp_path):
    (tmp_path / "index.html").write_text("all results", encoding="utf-8")
    (tmp_path / "REPORT.html").write_text(str(page()), encoding="utf-8")
    (tmp_path / "02_notes.html").write_text("<title>my notes</title>", encoding="utf-8")
    with pytest.raises(UserError, match="has no pages of notebooks"):
        write_index(tmp_path, {})
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "all results"
    (tmp_path / "01_a.html").write_text(str(page(name="01_a")), encoding="utf-8")
    found = BeautifulSoup(write_index(tmp_path, {}).read_bytes(), "html.parser")
    assert [a.text for a in found.select("tbody a")] == ["The first"]

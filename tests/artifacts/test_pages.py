import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gan_repro.artifacts.pages import Formulas, mathml, render


def test_formula_becomes_mathml():
    assert mathml(r"\frac{a}{b}", block=False).startswith("<math")
    assert 'display="block"' in mathml(r"\frac{a}{b}", block=True)


@pytest.mark.parametrize(
    "formula", [r"a \middle| b", r"a \iff b", r"a = b \tag{2}", r"\Big[a\Big]"]
)
def test_common_commands_are_rewritten(formula):
    assert mathml(formula, block=True).startswith("<math")


def test_an_unknown_command_stays_readable():
    assert mathml(r"\unknowncommand x", block=False) == r"<code>\unknowncommand x</code>"


def test_only_formulas_are_taken_out():
    formulas = Formulas()
    text = "cost $5, `$x$`, and $y^*$ with $$z$$\n```\n$w$\n```"
    taken = formulas.take_out("cost \\$5, `$x$`, and $y^*$ with $$z$$\n```\n$w$\n```")
    assert "`$x$`" in taken
    assert "$w$" in taken
    assert "y^*" not in taken
    assert len(formulas.markup) == 2
    assert formulas.put_back(taken).count("<math") == text.count("$y") + 1


def test_page_loads_nothing_and_keeps_formulas_out_of_markdown():
    latex = new_output("display_data", data={"text/latex": r"$\displaystyle x^2$"})
    cells = [new_markdown_cell("$a_1$ *and* $b_1$"), new_code_cell("1", outputs=[latex])]
    html = render(new_notebook(cells=cells), "a page")
    assert html.count("<math") == 3
    assert "<em>and</em>" in html
    assert "<title>a page</title>" in html
    assert 'src="http' not in html
    assert "import(" not in html


def test_the_notebook_itself_is_left_alone():
    notebook = new_notebook(cells=[new_markdown_cell("$a$")])
    before = nbformat.writes(notebook)
    render(notebook, "a page")
    assert nbformat.writes(notebook) == before

import pytest

from gan_repro.artifacts.formulas import Formulas, mathml


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

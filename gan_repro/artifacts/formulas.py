"""Formulas in LaTeX as MathML, which browsers set without a script from the network."""

import re

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

# Code spans and blocks come first, so that a dollar inside them is never a formula.
MATH = re.compile(
    r"(?P<code>```.*?```|`[^`\n]+`)|\$\$(?P<block>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+)\$", re.S
)
# Commands that MathJax knows and docutils does not.
REWRITES = (
    (re.compile(r"\\(middle|[bB]igg?[lr]?)(?![a-zA-Z])"), ""),
    (re.compile(r"\\iff(?![a-zA-Z])"), r"\\Longleftrightarrow"),
    # Without this thin space docutils sets log D as one word.
    (re.compile(r"(\\log)(?= *[A-Za-z0-9]| *\\(?!left|big))"), r"\1\\,"),
    (re.compile(r"\\tag\{([^}]*)\}"), r"\\qquad (\1)"),
)


def mathml(formula: str, block: bool) -> str:
    """Return a LaTeX formula as MathML on one line, or as code where it cannot be translated."""
    for pattern, replacement in REWRITES:
        formula = pattern.sub(replacement, formula)
    try:
        markup = tex2mathml(formula.strip(), as_block=block)
    except MathError:
        return f"<code>{formula}</code>"
    return re.sub(r"\s*\n\s*", "", markup)


class Formulas:
    """Formulas taken out of Markdown, which would read them as markup, and put back as MathML."""

    def __init__(self) -> None:
        self.markup: list[str] = []

    def take_out(self, text: str) -> str:
        """Replace each $…$ and $$…$$ outside code by a mark that Markdown leaves alone."""

        def mark(match: re.Match) -> str:
            if match["code"]:
                return match["code"]
            formula, block = match["block"] or match["inline"], match["block"] is not None
            self.markup.append(mathml(formula, block))
            return f"\ue000{len(self.markup) - 1}\ue001"

        return MATH.sub(mark, text)

    def put_back(self, html: str) -> str:
        """Replace each mark by its formula."""
        return re.sub("\ue000(\\d+)\ue001", lambda match: self.markup[int(match[1])], html)

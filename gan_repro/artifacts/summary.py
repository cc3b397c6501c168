"""What a run came to, in a few lines: Table 1, the comparison, the checks, and where to look."""

from collections.abc import Sequence
from pathlib import Path

from gan_repro.artifacts.claims.findings import COMPARISON
from gan_repro.artifacts.evidence import read_checks
from gan_repro.artifacts.lines import read_frame
from gan_repro.errors import UserError

# Columns of the comparison that fit a terminal; the file has the rest.
SHOWN = (
    "model", "dataset", "paper", "ours", "our_se", "ours_fine_grid", "seeds", "difference_in_se",
    "verdict",
)  # fmt: skip
PLACES = {
    "notebooks/index.html": "the theory, executed",
    "figures": "Figures 1, 2 and 3, learning curves",
    "table1_notes.csv": "what each cell was computed from",
    "claims.csv": "every statement of the paper, with its verdict",
    "table2_evidence.csv": "Table 2, what was measured about each cell",
    "table1_paper.csv": "the paper's own table",
    "manifest.json": "the SHA-256 of every artefact",
    # Last, where a terminal ends.
    "index.html": "all of it on one page: open it in a browser",
}


def summary(results: Path) -> str:
    """Return the lines that a run ends with.

    Raises:
        UserError: the tables are not there, or damaged.
    """
    parts = [_table(results / "table1.csv", "Table 1, measured", ("Model",))]
    parts.append(_table(results / COMPARISON, "Beside the paper", SHOWN))
    checks = check_verdicts(results / "checks")
    if checks:
        held = sum(verdict == "holds" for verdicts in checks.values() for verdict in verdicts)
        total = sum(len(verdicts) for verdicts in checks.values())
        parts.append(f"{held} of {total} checks hold")
    there = {place: what for place, what in PLACES.items() if (results / place).exists()}
    width = max((len(str(results / place)) for place in there), default=0)
    parts.append("\n".join(f"{results / place!s:{width}}  {what}" for place, what in there.items()))
    return "\n\n".join(parts)


def check_verdicts(folder: Path) -> dict[str, list[str]]:
    """Return the verdicts of every notebook's checks, by notebook."""
    return {
        name: [check.verdict for check in checks] for name, checks in read_checks(folder).items()
    }


def _table(path: Path, title: str, columns: Sequence[str]) -> str:
    if not path.exists():
        raise UserError(f"{path} does not exist; run: snakemake --cores 8 table1")
    content = read_frame(path, columns)
    if content.empty:
        return f"{title}\n\nnothing was measured"
    content = content.loc[:, (content != "").any()]
    shown = [column for column in SHOWN if column in content] or list(content.columns)
    return f"{title}\n\n{content[shown].to_string(index=False)}"

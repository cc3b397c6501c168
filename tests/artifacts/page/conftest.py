"""A folder of results with something of everything, its page, and a browser to open it in."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import Page, browser, find
from nbformat.v4 import new_markdown_cell, new_notebook

from gan_repro.artifacts.claims.verdicts import Row
from gan_repro.artifacts.evidence import evidence
from gan_repro.artifacts.figure1 import write_game
from gan_repro.artifacts.manifest import write_manifest
from gan_repro.artifacts.page.document import write_page
from gan_repro.artifacts.pages import render
from gan_repro.extensions.records import Record, write
from gan_repro.theory.checks import Checks
from gan_repro.theory.games.figure1_states import P_DATA, State, X, Z

REFERENCE = Path(__file__).parents[3] / "results/reference"
HOSTILE = "<script>document.title = 'ours'</script> & \"quotes\""
CLAIMS = [
    # id, section, kind, verdict, measured, seeds
    ("optimum", "4.1", "theorem", "confirmed", "-1.3863", "12"),
    ("convergence", "4.2", "theorem", "refined", "0.02", "4"),
    ("mnist", "5", "number", "not reproduced", "212.2", "1"),
    ("tfd", "5", "number", "not testable here", "", ""),
    ("helvetica", "6", "remark", "confirmed", "3e-5", "100"),
    ("gradient", "6", "remark", "check failed", "7", "2"),
    ("later", "7", "remark", "not checked yet", "", ""),
]


def write_rows(path: Path, rows: list[dict]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def write_claims(path: Path) -> None:
    rows = []
    for name, section, kind, verdict, measured, seeds in CLAIMS:
        row = dict.fromkeys(Row._fields, "")
        row |= {"id": name, "section": section, "kind": kind, "verdict": verdict, "seeds": seeds}
        row |= {"measured": measured, "statement": f"The statement on {name}.", "nips": section}
        rows.append(row | {"evidence": "01/a; 02/b", "artefact": "checks/01_a.json"})
    rows[3]["why"] = HOSTILE
    rows[4]["artefact"] = "javascript:alert(1)"
    write_rows(path, rows)


def write_evidence(path: Path) -> None:
    rows = [row._asdict() for row in evidence([], {})]
    rows[0] |= {"verdict": "supports", "measured": 2.5, "low": 1.0, "high": 4.0}
    rows[1] |= {"verdict": "refines", "finding": HOSTILE}
    rows[-1] |= {"verdict": "contradicts", "artefact": "checks/01_a.json"}
    write_rows(path, rows)


def states() -> list[State]:
    """A game of five frames, the first called by a hostile name."""
    shifts = range(40, -1, -10)
    d = np.full_like(X, 0.5)
    return [
        State(HOSTILE if s == 40 else f"moved {s}", 0.5 * Z + s / 50, d, np.roll(P_DATA, s))
        for s in shifts
    ]


def build(folder: Path) -> Path:
    """Make a folder of results: the reference's tables and runs, and small ones of all else."""
    (folder / "figures").mkdir(parents=True)
    for path in REFERENCE.glob("*.csv"):
        shutil.copy(path, folder)
    for name in ("fig2.png", "fig3.png", "fig2_distances.csv", "curves_mnist.png"):
        shutil.copy(REFERENCE / "figures" / name, folder / "figures")
    shutil.copy(REFERENCE / "figures/errors.png", folder / "figures")
    shutil.copy(REFERENCE / "figures/errors.png", folder / "figures/fig1.png")
    for name in ("mnist_authors", "mnist_gsn"):
        for file in ("run.json", "metrics.csv", "parzen.json"):
            target = folder / "runs" / name / "seed0" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REFERENCE / "runs" / name / "seed0" / file, target)
    write_claims(folder / "claims.csv")
    write_evidence(folder / "table2_evidence.csv")
    game = states()
    write_game(game, game[1:], folder / "figures/fig1_game.json")
    checks = Checks("01_a")
    checks.add(id="a", claim="", location="", measured=1.0, relation="=", bound=1.0)
    checks.write(folder / "checks/01_a.json")
    record = Record(
        name="sampling_cost", about=HOSTILE, dataset="MNIST", runs=(), cpu_seconds=24.5, measures={}
    )
    write(folder / "extensions/sampling_cost.json", record)
    (folder / "notebooks").mkdir()
    title = new_markdown_cell(f"# The first {HOSTILE}")
    page = render(new_notebook(cells=[title]), "01_a", {"01_a": f"The first {HOSTILE}"})
    (folder / "notebooks/01_a.html").write_text(page, encoding="utf-8")
    measured = "s\tmax_rss\tcpu_time\n12.5\t300.1\t11.0\n"
    (folder / "benchmarks/train").mkdir(parents=True)
    (folder / "benchmarks/train/mnist_authors_seed0.tsv").write_text(measured)
    write_manifest(sorted(folder.glob("*.csv")), folder, folder / "manifest.json")
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results without its page, which a test may change."""
    return build(tmp_path / "results")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with its page, which no test changes."""
    folder = build(tmp_path_factory.mktemp("finished") / "results")
    write_page(folder)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Page]:
    """A headless browser; tests that need it are skipped where none is installed."""
    executable = find()
    if executable is None:
        pytest.skip("no chromium or google-chrome on the PATH")
    with browser(executable) as page:
        yield page


@pytest.fixture
def shown(chromium: Page, finished: Path) -> Page:
    """The page of the folder, open at 1200 pixels in the light scheme."""
    chromium.media("light")
    chromium.open(finished / "index.html")
    return chromium

"""The figures and the notebooks that the page shows or links to, as far as they are there."""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from gan_repro.artifacts.lines import read_rows
from gan_repro.artifacts.page.embedding import Embedded, embedded
from gan_repro.artifacts.page.reading import Gap, part
from gan_repro.artifacts.summary import check_verdicts
from gan_repro.config.schema import Spec, read_record
from gan_repro.errors import UserError, reading

CURVES = "curves_"
GAME = "figures/fig1_game.json"
# What `artifacts.pages` gives each page of a notebook.
TITLE = re.compile(r"<title>(.*) · gan-repro</title>")


class Figure(NamedTuple):
    """A figure of the paper as it was drawn here.

    Attributes:
        file: of the folder of results, without suffix.
        title: as the paper numbers it.
        alt: what is seen on it.
        caption: what it shows.
    """

    file: str
    title: str
    alt: str
    caption: str


FIGURES = (
    Figure(
        "figures/fig1",
        "Figure 1",
        "Four panels of densities on a line: data, generator, discriminator and optimal "
        "discriminator, with arrows from z to x below; from (a) to (d) the generator's density "
        "comes to lie on the data's and the discriminator becomes flat at one half",
        "One recorded game of Algorithm 1, the middle one of all that were played: (a) near "
        "convergence, (b) after the inner loop on D, (c) after one update of G, (d) at the end. "
        "It can be replayed below.",
    ),
    Figure(
        "figures/fig2",
        "Figure 2",
        "Grids of generated images, one panel per model, each with the nearest training image "
        "beside the samples of its last column",
        "Fair draws of the adversarial nets, not chosen; the rightmost column of each panel is the "
        "training image nearest to its neighbour.",
    ),
    Figure(
        "figures/fig3",
        "Figure 3",
        "Rows of generated images that change gradually from left to right",
        "Images along straight lines between draws of z.",
    ),
)  # fmt: skip

# What the numbers of Table 1 depend on; a folder has those that its configuration asks for.
DEPENDENCES = (
    Figure(
        "figures/growth",
        "The number of samples",
        "Curves that rise with the number of samples, one per model, over the values that the "
        "paper prints",
        "Score against the number of samples that the window was fitted to, which the paper does "
        "not say; markers are the bandwidths that validation images chose.",
    ),
    Figure(
        "figures/errors",
        "The bandwidth",
        "Two plots against the bandwidth: scores with a maximum each, and standard errors that "
        "fall, with the errors that the paper prints as horizontal lines",
        "Score and standard error against σ: the error is nearly a function of σ, so a printed "
        "error says which was chosen.",
    ),
    Figure(
        "figures/printed",
        "Both numbers at once",
        "Scores against the number of samples at three bandwidths, over the score that the paper "
        "prints, drawn broad where the standard error is also the printed one",
        "A broad line that crosses the paper's score reproduces both that and its standard error; "
        "dots are where validation images choose that bandwidth.",
    ),
    Figure(
        "figures/factors",
        "One factor at a time",
        "Validation score by epoch, and its difference from the recipe: another seed of it, and "
        "runs with one thing changed",
        "Validation score of the recipe and of runs with one thing of it changed, by epoch, and "
        "their differences, as far as those of the recipe's other seeds go.",
    ),
    Figure(
        "figures/drift",
        "How far chains have moved",
        "Scores that fall as chains leave the training images that they start at",
        "Score of Markov chains after growing burn-ins, against how far they have moved from the "
        "training images that they start at.",
    ),
    Figure(
        "figures/mixing",
        "Mixing",
        "Autocorrelation of each model's chain by lag, and scores by thinning",
        "How long Markov chains remember, and what thinning them does to the score.",
    ),
)  # fmt: skip


class Frame(Spec):
    """The players of the recorded game at one moment: densities and D on x, G on z."""

    label: str
    jsd: float
    value: float
    p_g: tuple[float, ...]
    d: tuple[float, ...]
    g: tuple[float, ...]


class Game(Spec):
    """`fig1_game.json`, as `artifacts.figure1.write_game` writes it."""

    x: tuple[float, ...]
    z: tuple[float, ...]
    p_data: tuple[float, ...]
    panels: dict[Literal["a", "b", "c", "d"], int]
    frames: tuple[Frame, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        on_x = {len(self.p_data), *(len(part) for f in self.frames for part in (f.p_g, f.d))}
        on_z = {len(frame.g) for frame in self.frames}
        if on_x != {len(self.x)} or on_z != {len(self.z)}:
            raise ValueError("its curves are not as long as the lines they are drawn on")
        if not all(0 <= place < len(self.frames) for place in self.panels.values()):
            raise ValueError("a panel is none of its frames")
        return self


class Shown(NamedTuple):
    """A figure with its picture, or with the gap in its place."""

    figure: Figure
    picture: Embedded | Gap


class Notebook(NamedTuple):
    """An executed notebook: its title, its page, and its checks that hold, of how many."""

    title: str
    page: str
    held: int
    checks: int


def figures(results: Path) -> list[Shown]:
    """Return Figures 1, 2 and 3."""
    return [_shown(results, figure) for figure in FIGURES]


def dependences(results: Path) -> list[Shown]:
    """Return the figures of what scores depend on, of those that are there.

    Raises:
        UserError: there are none.
    """
    there = [each for each in DEPENDENCES if (results / f"{each.file}.png").exists()]
    if not there:
        raise UserError(f"{results}/figures has none of them; snakemake all draws them")
    return [_shown(results, figure) for figure in there]


def curves(results: Path, titles: Mapping[str, str]) -> list[Shown]:
    """Return the learning curves, one figure for each dataset.

    Args:
        results: the folder of results.
        titles: dataset → what its data are called.

    Raises:
        UserError: there are none.
    """
    paths = sorted((results / "figures").glob(f"{CURVES}*.png"))
    if not paths:
        raise UserError(f"{results}/figures has no {CURVES}*.png; gan-repro curves draws them")
    return [_shown(results, _curves_of(results, path, titles)) for path in paths]


def panels(results: Path) -> list[tuple[str, str, str]]:
    """Return what each panel of Figure 2 shows: letter, model, data.

    Raises:
        UserError: fig2_distances.csv is missing or damaged.
    """
    rows = read_rows(results / "figures/fig2_distances.csv", ("panel", "model", "data"))
    return [(row["panel"], row["model"], row["data"]) for row in rows]


def game(results: Path) -> dict[str, Any]:
    """Return the recorded game of Figure 1.

    Raises:
        UserError: it is missing or damaged.
    """
    return read_record(results / GAME, Game).model_dump()


def checks(results: Path) -> dict[str, list[str]]:
    """Return the verdicts of every notebook's checks, by notebook.

    Raises:
        UserError: a file of checks is damaged.
    """
    with reading(results / "checks", "has damaged checks", "execute the notebooks again"):
        return check_verdicts(results / "checks")


def notebooks(results: Path, verdicts: Mapping[str, Sequence[str]]) -> list[Notebook]:
    """Return the executed notebooks, in reading order.

    Args:
        results: the folder.
        verdicts: file name → verdict of each of its checks.

    Raises:
        UserError: there are none, or one cannot be read.
    """
    paths = sorted((results / "notebooks").glob("[0-9]*.html"))
    if not paths:
        raise UserError(f"{results}/notebooks has no executed notebooks; snakemake theory does it")
    return [_notebook(path, verdicts.get(path.stem, ())) for path in paths]


def _notebook(path: Path, verdicts: Sequence[str]) -> Notebook:
    with reading(path, "is not a page", "execute the notebook again"):
        title = TITLE.search(path.read_text("utf-8"))
    held = sum(verdict == "holds" for verdict in verdicts)
    name = html.unescape(title[1]) if title else path.stem
    return Notebook(name, f"notebooks/{path.name}", held, len(verdicts))


def _curves_of(results: Path, path: Path, titles: Mapping[str, str]) -> Figure:
    dataset = path.stem.removeprefix(CURVES)
    name = titles.get(dataset, dataset)
    return Figure(
        path.relative_to(results).with_suffix("").as_posix(),
        f"Learning curves: {name}",
        f"Curves of validation log-likelihood, loss and discriminator outputs against epochs, one "
        f"line per model trained on {name}",
        f"Every model and seed trained on {name}, by epoch.",
    )


def _shown(results: Path, figure: Figure) -> Shown:
    path = results / f"{figure.file}.png"
    return Shown(figure, part(figure.title, results, lambda: embedded(path)))

"""What the verbs share: the application, the options that several take, and how they print."""

import re
import sys
from collections.abc import Iterable
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from gan_repro.config.schema import LARGEST_SEED
from gan_repro.errors import UserError, suggest

if TYPE_CHECKING:
    # Typer has its own copy of Click, or uses it, by its version.
    import click

# Each costs minutes.
MOST_SEEDS = 1000
# Longer numbers of epochs or seeds are a slip of the keyboard.
DIGITS = 10
MOST_EPOCHS = 10_000_000


class Stages(TyperGroup):
    """Verbs in the order of the pipeline, under a heading for each module that adds some."""

    def list_commands(self, context: "click.Context") -> list[str]:
        """Return the verbs in the order in which they were added."""
        return list(self.commands)

    def format_commands(self, context: "click.Context", formatter: "click.HelpFormatter") -> None:
        """Write one section per module: what its docstring says after the colon, its verbs."""
        shown = [command for command in self.commands.values() if not command.hidden]
        for module, commands in groupby(shown, key=lambda command: command.callback.__module__):
            heading = " ".join(sys.modules[module].__doc__.split(":", 1)[1].split()).rstrip(".")
            with formatter.section(heading[0].upper() + heading[1:]):
                formatter.write_dl([(c.name, c.get_short_help_str(120)) for c in commands])


app = typer.Typer(
    cls=Stages,
    help="Rebuild 'Generative Adversarial Nets' (Goodfellow et al., 2014), stage by stage.\n\n"
    "The stages hand files to each other: fetch → prepare → train → sample → parzen → table. "
    "`snakemake --cores 8 all` runs them all; each can also be typed by hand.",
    epilog="Start here: gan-repro fetch mnist && gan-repro prepare mnist && gan-repro train "
    "mnist_authors --epochs 20. No data at hand? make demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option(help="Folder with raw/ and prepared/ data.")]
Results = Annotated[Path, typer.Argument(help="Folder of results.", exists=True, file_okay=False)]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")]
Threads = Annotated[
    int, typer.Option(min=1, max=1024, help="CPU threads; they are part of the recipe.")
]
Seed = Annotated[
    int, typer.Option(min=0, max=LARGEST_SEED, help="Everything random follows from it.")
]
AcceptChangedSource = Annotated[
    bool,
    typer.Option(
        "--accept-changed-source", help="Go on from a checkpoint of other code; recorded."
    ),
]
Restart = Annotated[
    bool, typer.Option("--restart", help="Set a run of other code or settings aside.")
]
Out = Annotated[Path | None, typer.Option(help="Where to write; by default beside the input.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"gan-repro {version('gan-repro')}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Take the options that belong to no verb."""


def seeds_of(text: str) -> list[int]:
    """Read seeds as ``101-106`` or ``1,5,9-12``.

    Raises:
        UserError: the text is not of that form, or names no seed, or one twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        ends = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part.strip())
        if not ends:
            raise UserError(f"--seeds: '{text}' is not of the form 101-106 or 1,5,9")
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if last - first >= MOST_SEEDS:
            raise UserError(f"--seeds: '{text}' names more than {MOST_SEEDS} seeds")
        seeds += range(first, last + 1)
    if not seeds:
        raise UserError(f"--seeds: '{text}' names no seed; write the smaller one first")
    twice = next((seed for seed in seeds if seeds.count(seed) > 1), None)
    if twice is not None:
        raise UserError(f"--seeds: '{text}' names {twice} more than once; name each seed once")
    return seeds


def pairs(items: list[str]) -> dict[str, str]:
    """Read options of the form HEADER=TEXT.

    Raises:
        UserError: one is not of that form, or has no header, or two have the same.
    """
    for item in items:
        if "=" not in item or not item.split("=", 1)[0].strip():
            raise UserError(f"'{item}' is not of the form HEADER=TEXT")
    headers = [item.split("=", 1)[0] for item in items]
    for header in headers:
        if headers.count(header) > 1:
            raise UserError(f"'{header}=' is said twice; leave one out")
    return dict(item.split("=", 1) for item in items)


def epochs_of(items: list[str] | None, names: Iterable[str]) -> dict[str, int]:
    """Read options of the form EXPERIMENT=EPOCHS, each for one of the names.

    Raises:
        UserError: one is of another experiment, or is no number of epochs.
    """
    found, known = pairs(items or []), set(names)
    for name in found:
        if name not in known:
            raise UserError(f"--epochs: '{name}' is not trained here{suggest(name, known)}")
    return {name: whole_number(text, "epochs", 1, MOST_EPOCHS) for name, text in found.items()}


def whole_number(text: str, what: str, least: int, most: int) -> int:
    """Read a number that a user typed within an option; ``what`` says of what it is.

    Raises:
        UserError: it is no whole number, or not within these bounds.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise UserError(f"{what} '{text}' is not a whole number of at most {DIGITS} digits")
    if not least <= int(text) <= most:
        raise UserError(f"{what} {int(text)} is not between {least} and {most:,}")
    return int(text)


def say(line: str) -> None:
    """Print one line at once, so that a log file can be followed."""
    print(line, flush=True)

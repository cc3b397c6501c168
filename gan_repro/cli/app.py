"""What the verbs share: the application, the options that several take, and how they print."""

from pathlib import Path
from typing import Annotated

import typer

from gan_repro.errors import UserError

app = typer.Typer(
    help="Rebuild 'Generative Adversarial Nets' (Goodfellow et al., 2014), stage by stage.\n\n"
    "The stages hand files to each other: fetch → prepare → train → sample → parzen → table. "
    "`snakemake --cores 8 all` runs them all; each can also be typed by hand.",
    epilog="Start here: gan-repro fetch mnist && gan-repro prepare mnist && gan-repro train "
    "mnist_authors --epochs 20. No data at hand? make demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option(help="Folder with raw/ and prepared/ data.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads; they are part of the recipe.")]
Out = Annotated[Path | None, typer.Option(help="Where to write; by default beside the input.")]


def pairs(items: list[str]) -> dict[str, str]:
    """Read options of the form HEADER=TEXT."""
    for item in items:
        if "=" not in item:
            raise UserError(f"'{item}' is not of the form HEADER=TEXT")
    return dict(item.split("=", 1) for item in items)


def say(line: str) -> None:
    """Print one line at once, so that a log file can be followed."""
    print(line, flush=True)

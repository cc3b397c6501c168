"""The command line: one verb per stage of the pipeline. Thin: parse, call, print."""

# isort: off
# First of all: what follows takes a second.
from gan_repro.cli import interrupts

import os
import sys
import tempfile
import traceback

import typer

import gan_repro.config.grammar  # noqa: F401

# Each adds its verbs, and --help lists them in this order: that of the pipeline.
from gan_repro.cli import data, experiments, models, scores, chains, extensions  # noqa: F401
from gan_repro.cli import tables, figures, conclusions, theory  # noqa: F401
# isort: on

from gan_repro.cli.app import app
from gan_repro.config.memory import collect_seldom
from gan_repro.config.process import end_with_workflow, print_anything, raise_on_signals
from gan_repro.errors import Interrupted, UserError, one_line

# Set, every error ends in its traceback.
TRACEBACK_VARIABLE = "GAN_REPRO_TRACEBACK"
# What is wrong in a command line; Typer has its own copy of Click, or uses it, by its version.
USAGE = typer.BadParameter.__mro__[2]
MISTAKE, FAILED, BUG = 2, 1, 70
interrupts.restore()


def main() -> None:
    """Run the command line; whatever goes wrong ends in one line.

    The exit status is 2 for a user's mistake, 1 where the machine gave out, 128 + n after signal
    n, and 70 for what nobody foresaw: a bug, whose traceback is kept in a file.
    """
    collect_seldom()
    raise_on_signals()
    end_with_workflow()
    print_anything()
    try:
        sys.exit(app(standalone_mode=False))
    except Interrupted as signal:
        _say(str(signal), signal.status)
    except UserError as error:
        _say(str(error), MISTAKE)
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except (OSError, MemoryError) as error:
        _say(_machine(error), FAILED)
    except Exception as error:
        if isinstance(error, USAGE):
            _explain_usage(error)
        _say(f"{type(error).__name__}: {error}; a bug: please report {_kept()}", BUG)


def _explain_usage(error: Exception) -> None:
    """End with the help, where nothing was said, or with what is wrong in what was said."""
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
        sys.exit(MISTAKE)
    _say(f"{error.format_message()} (--help says more)", MISTAKE)


def _say(message: str, status: int) -> None:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exc()
    print(f"gan-repro: {one_line(message)}", file=sys.stderr)
    sys.exit(status)


def _machine(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "out of memory; ask for less, or use a machine with more"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error or type(error).__name__}"


def _kept() -> str:
    """Keep the traceback of a bug in a file; return its path."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="gan-repro-", suffix=".traceback", delete=False
    ) as file:
        traceback.print_exc(file=file)
    return file.name

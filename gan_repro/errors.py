"""The two ways in which a command ends early without a bug: a user's mistake, and a signal."""

import difflib
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# No message is longer, whatever a file holds that it quotes.
LONGEST = 300


class UserError(Exception):
    """Something only the user can put right; the message is one line: what, where, what to do.

    The command line prints the message without a traceback and exits with status 2.
    """


class Interrupted(BaseException):
    """A signal ends the command; nothing but the command line may catch it.

    Args:
        number: of the signal; the exit status is 128 + number.
        kept: what was saved on the way out, in words.
    """

    def __init__(self, number: int, kept: str = "") -> None:
        name = signal.Signals(number).name
        super().__init__(f"{name}: {kept or 'stopped'}; run the same command to go on")
        self.status = 128 + number


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line of printable characters, with its middle left out if it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= longest:
        return line
    tail = longest // 3
    return f"{line[: longest - tail - 3]} … {line[-tail:]}"


@contextmanager
def reading(path: Path | str, problem: str, advice: str) -> Iterator[None]:
    """Turn whatever a parser raises on a file's content into a UserError that names the file.

    Files come from anywhere, and parsers answer a damaged one with whatever they meet first.

    Args:
        path: what is read.
        problem: what the file is not, if this fails, as in ``is not valid JSON``.
        advice: what to do then.
    """
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist") from error
    except Exception as error:
        reason = one_line(str(error), 100) or type(error).__name__
        raise UserError(f"{path} {problem} ({reason}); {advice}") from error


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the closest of the known words, or the whole list."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1)
    return f" (did you mean '{close[0]}'?)" if close else f" (known: {', '.join(choices)})"

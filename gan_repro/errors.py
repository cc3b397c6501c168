"""The one exception that stands for a user's mistake rather than a bug."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something only the user can put right; the message is one line: what, where, what to do.

    The command line prints the message without a traceback and exits with status 2.
    """


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the closest of the known words, or the whole list."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1)
    return f" (did you mean '{close[0]}'?)" if close else f" (known: {', '.join(choices)})"

"""One file over HTTP, from a server that may do anything: bounded in bytes and in time."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pooch
import requests

from gan_repro.errors import one_line

# Seconds without a byte, and in all: a minute, and longer for what is large.
SILENCE_SECONDS = 30
DEADLINE_SECONDS = 60
SLOWEST_BYTES_PER_SECOND = 20_000


class Failed(Exception):
    """A download that did not succeed; the message is the reason."""


class Unreachable(Failed):
    """A server that does not answer as one should, so that asking it again is idle."""


class _Overdue(Exception):
    """The deadline has passed."""


class _Limited:
    """A file that takes so many bytes and no more."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.file, self.left = file, most

    def write(self, content: bytes) -> None:
        """Write bytes, or raise `Failed`."""
        self.left -= len(content)
        if self.left < 0:
            raise Failed("it sends more bytes than the file has")
        self.file.write(content)

    def flush(self) -> None:
        """Write what is buffered."""
        self.file.flush()


def download(url: str, target: Path, largest: int) -> None:
    """Download a file.

    Args:
        url: of the file.
        target: where to write it.
        largest: no more bytes are written.

    Raises:
        Failed: the server did not send it; `Unreachable` where it should not be asked again.
    """
    seconds = DEADLINE_SECONDS + largest / SLOWEST_BYTES_PER_SECOND
    get = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), timeout=SILENCE_SECONDS, chunk_size=65_536
    )
    try:
        with _deadline(seconds), open(target, "wb") as file:
            get(url, _Limited(file, largest), None)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        kind = Failed if _was_cut(error) else Unreachable
        raise kind("the connection broke" if kind is Failed else "no connection") from error
    except requests.Timeout as error:
        raise Unreachable(f"no answer within {SILENCE_SECONDS} s") from error
    except _Overdue as error:
        raise Unreachable(f"not done within {seconds:.0f} s") from error
    except (requests.RequestException, ValueError) as error:
        raise Failed(one_line(str(error), 100)) from error


def _was_cut(error: requests.RequestException) -> bool:
    """Return whether a transfer had begun."""
    return isinstance(error, requests.exceptions.ChunkedEncodingError)


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise `_Overdue` when a block takes longer, whatever it waits for.

    A server that sends a byte now and then resets every timeout of a socket. Only the main thread
    can be interrupted so; in another one there is no deadline.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise _Overdue

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

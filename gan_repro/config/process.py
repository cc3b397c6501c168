"""How a process ends: on a signal, with the workflow that started it, never over what it prints."""

import io
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from gan_repro.errors import Interrupted

# What asks a command to end, and lets it save what it has.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The process id of the workflow, which its rules pass on.
WORKFLOW_VARIABLE = "GAN_REPRO_WORKFLOW"
POLL_SECONDS = 1.0


def raise_on_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP raise `Interrupted`; those ignored, as by nohup, stay so."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def print_anything() -> None:
    """Let this process print, and read from a pipe, what the encoding there does not have.

    Such a sign becomes a question mark. Standard error needs no help: Python escapes it there.
    """
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class Stop:
    """A wish to stop that a signal expressed: taken note of, and answered when it suits.

    Attributes:
        number: of the signal, or None.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.at_once = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take note of a signal."""
        self.number = self.number or number
        if self.at_once:
            self.answer()

    def answer(self) -> None:
        """Raise `Interrupted` where a signal has come."""
        if self.number:
            raise Interrupted(self.number)

    @contextmanager
    def immediate(self) -> Iterator[None]:
        """Answer at once within the block, by raising `Interrupted`: it changes nothing."""
        self.answer()
        self.at_once = True
        try:
            yield
        finally:
            self.at_once = False


@contextmanager
def noticing_signals() -> Iterator[Stop]:
    """Take note of signals that would end the process, for the length of a block."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_workflow() -> None:
    """End this process, as SIGTERM would, when the workflow that started it is gone.

    A killed workflow cannot end its jobs, and they must not write where the next one works.
    """
    parent = os.environ.get(WORKFLOW_VARIABLE, "")
    if parent.isdecimal():
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    """Wait for the end of a process, then send SIGTERM to this one."""
    with suppress(ProcessLookupError):
        _wait_for(parent)
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_for(process: int) -> None:
    """Return when a process has ended; raises ProcessLookupError where it had already."""
    if hasattr(os, "pidfd_open"):
        handle = os.pidfd_open(process)
        select.select([handle], [], [])
        return
    while True:
        os.kill(process, 0)
        time.sleep(POLL_SECONDS)

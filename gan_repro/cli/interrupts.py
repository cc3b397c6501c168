"""Imported before anything that takes long: until the verbs are there, Ctrl-C ends in one line."""

import os
import signal
import threading
from types import FrameType

STATUS = 128 + signal.SIGINT


def _leave(number: int, frame: FrameType | None) -> None:
    os.write(2, b"gan-repro: SIGINT: stopped; run the same command to go on\n")
    os._exit(STATUS)


def restore() -> None:
    """Give Ctrl-C back to Python, for whoever imports the verbs without running one."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# Signals can be handled in the main thread alone, and those ignored, as by nohup, stay so.
if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, _leave)

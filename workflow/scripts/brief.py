"""Snakemake's output in brief: which job, of how many, and every word of an error.

    snakemake … 2>&1 | python brief.py

On a terminal one line is written over and over; in a log there are twenty lines. From the first
error on, everything is passed through.
"""

import re
import shutil
import sys
from collections.abc import Iterable, Iterator

from gan_repro.config.process import print_anything

JOB = re.compile(r"Job \d+: (?P<message>.+)")
DONE = re.compile(r"(?P<done>\d+) of (?P<total>\d+) steps \(\d+%\) done")
IDLE = re.compile(r"Nothing to be done")
ERROR = re.compile(r"[A-Za-z]*(Error|Exception)\b|Exiting because a job execution failed")
LINES = 20


def brief(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield what is worth saying, and whether it stays: progress is replaced by the next."""
    message, failed = "", False
    for line in lines:
        failed = failed or bool(ERROR.match(line))
        if failed:
            yield line, True
        elif found := JOB.match(line):
            message = re.sub(r" \(progress: .*\)$", "", found["message"])
        elif found := DONE.match(line):
            done, total = int(found["done"]), int(found["total"])
            stays = done * LINES // total > (done - 1) * LINES // total
            yield f"{done:>{len(str(total))}} of {total} jobs done: {message}", stays
        elif IDLE.match(line):
            yield "Everything is there already.", True


def main() -> None:
    """Copy standard input to standard output, in brief."""
    print_anything()
    live = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns
    for text, stays in brief(line.rstrip("\n") for line in sys.stdin):
        if live and not ERROR.match(text):
            print(f"\r\033[K{text[: width - 1]}", end="", flush=True)
        elif stays:
            print(text, flush=True)
    if live:
        print()


if __name__ == "__main__":
    main()

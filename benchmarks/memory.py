"""The peak memory of a window on samples drawn on the way: the same for any number of them.

    python -m benchmarks.memory COUNT

Run in a process of its own for each number of samples, since the peak of a process only rises.
"""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.parameters import Sizes
from benchmarks.timing import Row

POINTS, WIDTH, CHUNK = 100, 64, 10_000


def peak_of(count: int) -> float:
    """Return the peak of a new process's memory that scores so many samples, in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", str(count)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    return float(re.search(r"[\d.]+", done.stdout)[0])


def memory(sizes: Sizes) -> Iterator[Row]:
    """Yield the peak of each number of samples, in MB, beside that of the fewest."""
    first = peak_of(sizes.stream[0])
    for count in sizes.stream[1:]:
        found = peak_of(count)
        yield Row(
            "memory", f"peak with {count:,} samples", f"peak with {sizes.stream[0]:,} samples",
            round(found, 1), round(first, 1), round(found / first, 3), goal=1.05,
            note="MB in place of ms",
        )  # fmt: skip


def main(count: int) -> None:
    """Score samples drawn on the way; print the peak of this process's memory in MB."""
    from gan_repro.evaluation.window import ParzenWindow

    rng = np.random.default_rng(0)
    window = ParzenWindow(rng.random((POINTS, WIDTH)), np.array([0.2]))
    for start in range(0, count, CHUNK):
        window.add(rng.random((min(CHUNK, count - start), WIDTH)))
    window.log_likelihoods()
    print(peak_kilobytes() / 1024)


def peak_kilobytes() -> int:
    """Return the peak of this process's resident memory since its program started."""
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    # Not getrusage, whose peak a process of Linux inherits from the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


if __name__ == "__main__":
    main(int(sys.argv[1]))

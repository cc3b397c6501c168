"""Two workloads timed in turn, so that what else a machine does disturbs their ratio little."""

import time
from collections.abc import Callable
from typing import NamedTuple

import torch

from benchmarks.parameters import Sizes

Work = Callable[[], object]


class Row(NamedTuple):
    """One comparison.

    Attributes:
        bench: the group that it belongs to.
        case: what is measured.
        against: what it is compared with, in the same run.
        milliseconds: of the case.
        against_milliseconds: of what it is compared with.
        ratio: the first over the second.
        goal: the largest ratio that was aimed at, if any.
        note: what else was found, such as an error.
    """

    bench: str
    case: str
    against: str
    milliseconds: float
    against_milliseconds: float
    ratio: float
    goal: float | None = None
    note: str = ""


def seconds_of(work: Work, device: torch.device, least: float) -> float:
    """Return the seconds of one call, the mean over as many as fill the least time."""
    # On a CPU, its own time: what other processes take does not count.
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    calls, start = 0, clock()
    while calls == 0 or clock() - start < least:
        work()
        calls += 1
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return (clock() - start) / calls


def best_seconds(works: dict[str, Work], device: torch.device, sizes: Sizes) -> dict[str, float]:
    """Return the best time of each of several workloads, each round taking all of them in turn."""
    for work in works.values():
        work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    best = dict.fromkeys(works, float("inf"))
    for _ in range(sizes.rounds):
        for name, work in works.items():
            best[name] = min(best[name], seconds_of(work, device, sizes.seconds))
    return best


def compare(
    bench: str,
    case: str,
    against: str,
    works: tuple[Work, Work],
    sizes: Sizes,
    device: torch.device,
    scale: float = 1.0,
    **more: object,
) -> Row:
    """Return the row of two workloads; the first one's time counts ``scale`` times."""
    best = best_seconds({"case": works[0], "against": works[1]}, device, sizes)
    found, reference = 1e3 * scale * best["case"], 1e3 * best["against"]
    ratio = found / reference if reference else float("nan")
    return Row(bench, case, against, round(found, 3), round(reference, 3), round(ratio, 3), **more)

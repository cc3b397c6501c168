"""Everything that one GPU is asked for, in one command: `make gpu`.

    python -m benchmarks.gpu [--minutes 25] [--out results/gpu] [--data data] [--rehearse]

In this order: whether the GPU computes what a CPU computes; how fast; then the reference runs, by
priority, until the time is over. Called again it goes on: what is there is not measured twice, and
trainings resume. What matters is packed into OUT/pack, 60 MB at most. --rehearse does the same on
a CPU with the embedded digits, to see that all of it works.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch

from benchmarks.__main__ import machine
from benchmarks.agreement import GRAPH, compare_devices, compare_graph, failed
from benchmarks.gpu_speed import speeds
from benchmarks.packing import pack
from benchmarks.parameters import FULL, TINY
from benchmarks.reference_runs import ReferenceRuns, Wanted, verb, write_outcomes
from gan_repro.config.process import print_anything
from gan_repro.files import write_text
from gan_repro.training.devices import prepare_device

FIVE = (0, 1, 2, 3, 4)


class Programme(NamedTuple):
    """What is done.

    Attributes:
        device: where.
        datasets: that the runs need.
        agreement: experiments whose first steps are compared.
        speed: experiments that are timed.
        joint: the one whose seeds are timed together.
        runs: by priority.
        samples: draws per run.
    """

    device: str
    datasets: tuple[str, ...]
    agreement: tuple[str, ...]
    speed: tuple[str, ...]
    joint: str
    runs: tuple[Wanted, ...]
    samples: int


GPU = Programme(
    device="cuda",
    datasets=("mnist", "cifar10"),
    agreement=(
        "mnist_authors", "mnist_algorithm1", "mnist_gsn", "mnist_cae", "mnist_dbn", "mnist_dbn_pcd",
        "mnist_vae", "cifar10_narrow_full", "cifar10_narrow_conv",
    ),
    speed=("mnist_authors", "mnist_algorithm1", "mnist_gsn", "mnist_cae", "mnist_dbn", "mnist_vae",
           "cifar10_full", "cifar10_conv"),
    joint="mnist_authors",
    runs=(
        Wanted("mnist_authors", FIVE, together=True),
        Wanted("mnist_algorithm1", FIVE, together=True),
        Wanted("cifar10_full", (0,), like="cifar10_narrow_full"),
        Wanted("mnist_gsn", (0,)),
        Wanted("cifar10_conv", (0,), like="cifar10_narrow_conv"),
    ),
    samples=10_000,
)  # fmt: skip
REHEARSAL = Programme(
    device="cpu",
    datasets=("digits",),
    agreement=("digits_authors", "digits_gsn"),
    speed=("digits_authors",),
    joint="digits_authors",
    runs=(Wanted("digits_authors", (0, 1), together=True, epochs=4), Wanted("digits_cae", (0,))),
    samples=500,
)


def table_once(path: Path, rows: Callable[[], Iterable[NamedTuple]]) -> pd.DataFrame:
    """Return a table that is there already, or measure it and write it."""
    if not path.exists():
        write_text(path, pd.DataFrame(list(rows())).to_csv(index=False))
    table = pd.read_csv(path)
    print(f"{path}:\n{table.to_string(index=False)}", flush=True)
    return table


def kind_of_steps(agreement: pd.DataFrame, experiment: str) -> str:
    """Return graph where an experiment's graph gave the bits of its steps, or eager."""
    own = agreement[agreement["experiment"] == experiment]
    graphs = own[own["compared"] == GRAPH]
    return "graph" if len(graphs) and graphs["holds"].all() else "eager"


def agreements(programme: Programme) -> Iterable[NamedTuple]:
    """Yield every comparison; one that ends in an error does not hold."""
    for name in programme.agreement:
        comparisons = [compare_devices, *([compare_graph] if programme.device == "cuda" else [])]
        for compare in comparisons:
            try:
                yield compare(name, programme.device)
            except RuntimeError as error:
                yield failed(name, compare, error)


def carry_out(programme: Programme, out: Path, data: Path, deadline: float) -> bool:
    """Do everything that there is time for; return whether the device computes what it should."""
    device = prepare_device(programme.device, threads=1)
    write_text(out / "machine.txt", machine(device) + "\n")
    sizes = FULL if device.type == "cuda" else TINY
    agreement = table_once(out / "agreement.csv", lambda: agreements(programme))
    table_once(
        out / "speed.csv",
        lambda: speeds(list(programme.speed), programme.joint, 5, device, sizes),
    )
    for dataset in programme.datasets:
        for stage in ("fetch", "prepare"):
            status, line = verb(stage, dataset, "--data", data)
            print(line if status else f"{stage} {dataset}", flush=True)
    steps = partial(kind_of_steps, agreement)
    runs = ReferenceRuns(out / "runs", data, programme.device, steps, deadline, programme.samples)
    outcomes = runs.make(programme.runs)
    write_outcomes(out / "runs.csv", outcomes)
    for outcome in outcomes:
        print(*outcome, flush=True)
    left = pack(out, out / "pack")
    print(f"packed into {out / 'pack'}; {len(left)} files left out", flush=True)
    return bool(agreement["holds"].all())


def main(arguments: list[str] | None = None) -> int:
    """Read options and carry out the programme; 1 where the device computes something else."""
    print_anything()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=24.0)
    parser.add_argument("--out", type=Path, default=Path("results/gpu"))
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--rehearse", action="store_true", help="on a CPU, with digits")
    options = parser.parse_args(arguments)
    if not options.rehearse and not torch.cuda.is_available():
        print(
            "make gpu: no GPU here; python -m benchmarks.gpu --rehearse does the same on a CPU",
            file=sys.stderr,
        )
        return 2
    deadline = time.monotonic() + 60 * options.minutes
    programme = REHEARSAL if options.rehearse else GPU
    return 0 if carry_out(programme, options.out, options.data, deadline) else 1


if __name__ == "__main__":
    sys.exit(main())

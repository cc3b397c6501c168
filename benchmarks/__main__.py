"""Time everything that has a goal, in one run: `make bench`.

    python -m benchmarks [--out results] [--document docs/performance.md] [--device cuda]

One thread. Writes benchmarks.csv, benchmarks_growth.csv and benchmarks.png into the folder, and
the tables of the document between their markers. Minutes on one core.
"""

import argparse
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from benchmarks import memory, others, steps, windows, workers
from benchmarks.growth import growth
from benchmarks.parameters import FULL, TINY, Sizes
from benchmarks.report import figure, frame, insert, markdown
from benchmarks.timing import Row
from gan_repro.config.process import print_anything
from gan_repro.files import write_text
from gan_repro.training.devices import prepare_device
from gan_repro.training.provenance import processor

BENCHES: dict[str, Callable[[Sizes, torch.device], Iterator[Row]]] = {
    "steps": steps.steps,
    "updates": steps.updates,
    "seeds": steps.seeds,
    "windows": windows.windows,
    "searches": others.searches,
    "sampling": others.sampling,
    "layouts": others.layouts,
    "memory": lambda sizes, device: memory.memory(sizes),
    "workers": lambda sizes, device: workers.workers(sizes),
}


def machine(device: torch.device) -> str:
    """Return what the times are of, in one line."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        name = f"{processor()}, one thread"
    return f"{name}; PyTorch {torch.__version__}, Python {platform.python_version()}"


def run(names: list[str], sizes: Sizes, device: torch.device) -> list[Row]:
    """Run benches by name; print each row as it is found."""
    rows = []
    for name in names:
        for row in BENCHES[name](sizes, device):
            print(f"{row.case}: {row.ratio:.3g} × {row.against}  {row.note}".rstrip(), flush=True)
            rows.append(row)
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Read options, measure, and write what was found."""
    print_anything()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results"))
    parser.add_argument("--document", type=Path, help="whose tables are written anew")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", nargs="+", choices=[*BENCHES, "growth"])
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: does it run?")
    options = parser.parse_args(arguments)
    device, sizes = prepare_device(options.device, threads=1), TINY if options.tiny else FULL
    chosen = options.only or [*BENCHES, "growth"]
    about = machine(device)
    print(about, flush=True)
    if rows := run([name for name in chosen if name in BENCHES], sizes, device):
        table = frame(rows)
        write_text(options.out / "benchmarks.csv", table.to_csv(index=False))
        figure(table, options.out / "benchmarks.png")
        if options.document:
            shown = table.drop(columns=["bench"])
            insert(options.document, "benchmarks", f"{about}.\n\n{markdown(shown)}")
    if "growth" in chosen:
        grown = frame(list(growth(sizes, device, options.tiny)))
        print(grown.to_string(index=False), flush=True)
        write_text(options.out / "benchmarks_growth.csv", grown.to_csv(index=False))
        if options.document:
            insert(options.document, "growth", markdown(grown))


if __name__ == "__main__":
    main()

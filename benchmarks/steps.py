"""A training step of each model at the authors' sizes, beside this machine's matrix product.

    python benchmarks/steps.py [--device cuda] [--out steps.csv]

One thread. The rate counts the multiplications of dense layers, as `gan-repro cost` does; noise,
masks, activations and updates are overhead. Of a stack it is the first layer that learns. Each
round times the product and every model in turn, and the best round of each counts, so that other
work on the machine disturbs the ratio little.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch

from gan_repro.baselines.greedy_spec import GreedySpec
from gan_repro.experiments.cost import estimate
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.devices import prepare_device

BATCH, PIXELS, PRODUCT = 100, 784, 2048
SECONDS = 0.5


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return the seconds of one call, from as many as fill half a second."""
    # On a CPU, its own time: what other processes take does not count.
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    calls, start = 0, clock()
    while clock() - start < SECONDS:
        work()
        calls += 1
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    return (clock() - start) / calls


def workloads(device: torch.device) -> dict[str, tuple[float, Callable[[], object]]]:
    """Return name → operations and one call of the work."""
    images = torch.rand(BATCH, PIXELS).to(device)
    square = torch.rand(PRODUCT, PRODUCT, device=device)
    found = {"matrix product": (2 * PRODUCT**3, lambda: square @ square)}
    for name in ("authors", "gsn", "cae", "dbn"):
        experiment = load_experiment(f"mnist_{name}")[1]
        if isinstance(experiment.model, GreedySpec):
            lowest = experiment.model.model_copy(update={"layers": experiment.model.layers[:1]})
            experiment = experiment.model_copy(update={"model": lowest})
        learner = system(experiment.model.kind).learner(experiment.model, images, 0)
        step = lambda learner=learner: learner.step((images,), 0, 1)  # noqa: E731
        operations = BATCH * estimate(experiment, len(images), PIXELS).flop_per_image
        found[f"mnist_{name}"] = operations, step
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    device = prepare_device(options.device, threads=1)
    works = workloads(device)
    best = dict.fromkeys(works, float("inf"))
    for _ in range(options.rounds):
        for name, (_, work) in works.items():
            best[name] = min(best[name], seconds(work, device))
    rates = {name: works[name][0] / best[name] / 1e9 for name in works}
    table = pd.DataFrame(
        {
            "work": list(works),
            "milliseconds": [round(1e3 * best[name], 2) for name in works],
            "gflops": [round(rates[name], 1) for name in works],
            "share_of_product": [round(rates[name] / rates["matrix product"], 2) for name in works],
        }
    )
    print(table.to_string(index=False))
    if options.out:
        table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()

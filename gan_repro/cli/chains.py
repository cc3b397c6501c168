"""mixing and drift: what Markov chains do to a score."""

from pathlib import Path
from typing import Annotated

import typer

from gan_repro.cli.app import Data, Device, Out, Threads, app, say
from gan_repro.cli.outputs import output


@app.command(epilog="Example: gan-repro mixing results/runs/mnist_dbn/seed0")
def mixing(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    chains: Annotated[int, typer.Option(min=2, help="Chains side by side.")] = 10,
    steps: Annotated[int, typer.Option(min=16, max=1_000_000, help="Transitions of each.")] = 1_600,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Measure how a run's Markov chains mix, and what thinning and binary draws do to its score."""
    from gan_repro.config.schema import to_json
    from gan_repro.data.dataset import load
    from gan_repro.experiments.measured_chains import mixing_of
    from gan_repro.files import write_json
    from gan_repro.training.devices import prepare_device
    from gan_repro.training.runs import RunFolder

    folder, where = RunFolder(run), prepare_device(device, threads)
    images = data / "prepared" / f"{folder.read_record().dataset.name}.npz"
    target = output(out or run / "mixing.json", [images])
    record = mixing_of(folder, load(images), chains, steps, where)
    write_json(target, to_json(record))
    say(
        f"{chains * steps} draws are worth {record.effective:.0f} independent ones: one per "
        f"{record.integrated_time:.1f} transitions; written to {target}"
    )


@app.command(epilog="Example: gan-repro drift results/runs/mnist_dbn/seed0")
def drift(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run with Markov chains.")],
    burn_in: Annotated[
        list[int] | None, typer.Option(min=0, help="Transitions; repeat. [0, 10, 100, 1000, 10000]")
    ] = None,
    count: Annotated[int, typer.Option(min=100, help="Samples at each.")] = 10_000,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Score a run's chains after growing burn-ins: what they owe to their training images."""
    from gan_repro.config.schema import to_json
    from gan_repro.data.dataset import load
    from gan_repro.evaluation.drift import BURN_INS
    from gan_repro.experiments.measured_chains import drift_of
    from gan_repro.files import write_json
    from gan_repro.training.devices import prepare_device
    from gan_repro.training.runs import RunFolder

    folder, where = RunFolder(run), prepare_device(device, threads)
    images = data / "prepared" / f"{folder.read_record().dataset.name}.npz"
    target = output(out or run / "drift.json", [images])
    points = drift_of(folder, load(images), burn_in or BURN_INS, count, where)
    write_json(target, [to_json(point) for point in points])
    for point in points:
        found = point.grids["authors"]
        say(
            f"burn-in {point.burn_in:,}: {found.test_ll:.1f} ± {found.test_se:.1f} nats, moved by "
            f"{point.displacement:.2f} of the distance between training images"
        )

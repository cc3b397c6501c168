"""train, cost and sample: from an experiment to draws."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan_repro.cli.app import (
    MOST_EPOCHS,
    AcceptChangedSource,
    Data,
    Device,
    Out,
    Restart,
    Seed,
    Threads,
    app,
    say,
    seeds_of,
)
from gan_repro.cli.outputs import output
from gan_repro.config.schema import LARGEST_SEED
from gan_repro.errors import UserError

if TYPE_CHECKING:
    import torch

    from gan_repro.experiments.experiment import Experiment
    from gan_repro.experiments.job import Options


@app.command(epilog="Example: gan-repro train mnist_authors --seed 0 --epochs 20")
def train(
    experiment: Annotated[str, typer.Argument(help="Name in config/experiments, or a YAML file.")],
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder [results/runs/EXPERIMENT/seedSEED], or that of all runs."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_EPOCHS, help="Instead of the experiment's own number."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Another dataset of the same shape [the experiment's].")
    ] = None,
    pretrained: Annotated[
        Path | None,
        typer.Option(help="Run that a second stage starts from [the same seed of the first]."),
    ] = None,
    allow_cpu: Annotated[
        bool, typer.Option("--allow-cpu", help="Train a big model without a GPU, however long.")
    ] = False,
    accept_changed_source: AcceptChangedSource = False,
    restart: Restart = False,
    checkpoint_seconds: Annotated[
        float,
        typer.Option(
            min=0,
            help="Least time between two checkpoints.",
            envvar="GAN_REPRO_CHECKPOINT_SECONDS",
            show_envvar=False,
        ),
    ] = 60.0,
    steps: Annotated[
        str, typer.Option(help="auto, eager, or graph: captured once on a GPU, then replayed.")
    ] = "auto",
    tf32: Annotated[
        bool, typer.Option("--tf32", help="Let a GPU round its products to 10 bits; recorded.")
    ] = False,
    resident_images: Annotated[
        int,
        typer.Option(min=0, help="Images on the device at a time, in shuffled blocks; 0: all."),
    ] = 0,
    seeds: Annotated[
        str | None, typer.Option(help="With --together: several, as 0-4 or 1,5,9.")
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Train --seeds as one batched problem; recorded.")
    ] = False,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train one seed of an experiment; an interrupted run goes on from its checkpoint."""
    from gan_repro.experiments.cost import announce
    from gan_repro.experiments.experiment import load_experiment
    from gan_repro.experiments.job import Options
    from gan_repro.experiments.run import train as run
    from gan_repro.training.devices import prepare_device
    from gan_repro.training.reports import choose_report
    from gan_repro.training.runs import RunFolder

    where = prepare_device(device, threads, tf32)
    name, content = load_experiment(experiment)
    content, own = content.for_epochs(epochs)
    if dataset is not None:
        content = content.model_copy(update={"dataset": dataset})
    options = Options(
        accept_changed_source, restart, own, checkpoint_seconds, steps, resident_images
    )
    runs = Path("results/runs")
    if together or seeds:
        chosen = _seeds_together(seeds, together, bool(seed or pretrained))
        for line in announce(name, content, data / "prepared", where, allow_cpu):
            say(f"each seed alone: {line}")
        _together(name, content, chosen, data / "prepared", out or runs, where, options)
        return
    folder = RunFolder(out or runs / name / f"seed{seed}")
    if pretrained and content.pretrained is None:
        raise UserError(f"{name} starts from no other run; leave --pretrained out")
    first = RunFolder(pretrained or runs / str(content.pretrained) / f"seed{seed}")
    say(f"{name}, seed {seed}: {content.plan.epochs} epochs on {where}, into {folder.path}")
    for line in announce(name, content, data / "prepared", where, allow_cpu):
        say(line)
    record = run(
        name, content, seed, data / "prepared", folder, where,
        choose_report(content.plan.epochs), first, options,
    )  # fmt: skip
    say(f"kept epoch {record.chosen.epoch}: validation {record.chosen.valid_ll:.1f} nats")
    for warning in record.warnings:
        say(f"warning: {warning}")


def _seeds_together(seeds: str | None, together: bool, of_one: bool) -> list[int]:
    if of_one:
        raise UserError(
            "--seed and --pretrained are of one seed's training; with --together say --seeds, "
            "each of which starts from its own first stage"
        )
    if not (together and seeds):
        raise UserError("--seeds and --together belong together: --seeds 0-4 --together")
    return seeds_of(seeds)


def _together(
    name: str, content: "Experiment", seeds: list[int], prepared: Path, runs: Path,
    where: "torch.device", options: "Options",
) -> None:  # fmt: skip
    from gan_repro.experiments.joint_runs import train_together

    say(f"{name}, {len(seeds)} seeds at once: {content.plan.epochs} epochs on {where}")
    for record in train_together(name, content, seeds, prepared, runs, where, options):
        kept = record.chosen
        say(f"seed {record.seed}: kept epoch {kept.epoch}, validation {kept.valid_ll:.1f} nats")
        for warning in record.warnings:
            say(f"seed {record.seed}: warning: {warning}")


@app.command(epilog="Example: gan-repro cost cifar10_conv")
def cost(
    experiment: Annotated[str, typer.Argument(help="Name in config/experiments, or a YAML file.")],
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Say what a training would take: parameters, arithmetic, memory, hours on this machine."""
    from gan_repro.experiments.cost import announce
    from gan_repro.experiments.experiment import load_experiment
    from gan_repro.training.devices import prepare_device

    name, content = load_experiment(experiment)
    where = prepare_device(device, threads)
    for line in announce(name, content, data / "prepared", where, allow_cpu=True):
        say(line)


@app.command(epilog="Example: gan-repro sample results/runs/mnist_authors/seed0 --count 10000")
def sample(
    run: Annotated[
        Path | None, typer.Argument(help="Folder of a finished run, or its model.safetensors.")
    ] = None,
    source: Annotated[Path | None, typer.Option("--from", help="The same as RUN.")] = None,
    count: Annotated[int, typer.Option(min=1)] = 10_000,
    seed: Annotated[
        int | None, typer.Option(min=0, max=LARGEST_SEED, help="[the run's own seed]")
    ] = None,
    out: Out = None,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw samples from a finished run into samples.npy, (count, pixels) float32.

    The weights alone are enough: nothing is trained and no data is read.
    """
    from gan_repro.experiments.restored import write_samples
    from gan_repro.training.devices import prepare_device
    from gan_repro.training.runs import RunFolder

    if (run is None) == (source is None):
        raise UserError("sample needs a run's folder or its model.safetensors, once: RUN or --from")
    place = run or source
    weights = RunFolder(place).weights if place.is_dir() else place
    # Without --out beside the weights, where what is drawn has its record.
    target = output(out, [weights], draws=True) if out else weights.with_name("samples.npy")
    write_samples(weights, count, seed, prepare_device(device, threads), target)
    say(f"{count} samples in {target}")

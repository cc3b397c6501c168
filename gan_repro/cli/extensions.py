"""together and extensions: beyond Table 1."""

from pathlib import Path
from typing import Annotated

import typer

from gan_repro.cli.app import (
    AcceptChangedSource,
    Data,
    Device,
    Restart,
    Threads,
    app,
    epochs_of,
    say,
    whole_number,
)
from gan_repro.cli.outputs import output_folder
from gan_repro.config.schema import LARGEST_SEED
from gan_repro.errors import UserError

extensions = typer.Typer(
    help="List the extensions of each dataset; measure some of them.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
Runs = Annotated[Path, typer.Option(help="Folder of runs, EXPERIMENT/seedK each.")]


@app.command(epilog="Example: gan-repro together digits_vae:0 digits_vae:1 --count 2000")
def together(
    runs: Annotated[list[str], typer.Argument(help="EXPERIMENT:SEED each.")],
    folder: Annotated[Path, typer.Option("--runs", help="Folder of runs.")] = Path("results/runs"),
    count: Annotated[int, typer.Option(min=1, help="Samples of each.")] = 10_000,
    epochs: Annotated[
        list[str] | None, typer.Option(help="EXPERIMENT=EPOCHS in place of its own; repeat.")
    ] = None,
    accept_changed_source: AcceptChangedSource = False,
    restart: Restart = False,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train, sample and score several small experiments, one after another in one process."""
    from gan_repro.experiments.job import Options
    from gan_repro.experiments.whole import Whole
    from gan_repro.training.devices import prepare_device

    chosen = [_run(text) for text in runs]
    own = epochs_of(epochs, (name for name, _ in chosen))
    where = prepare_device(device, threads)
    options = Options(accept_changed_source, restart)
    whole = Whole(data / "prepared", folder, count, where, own, options)
    whole.run_all(chosen, say)


def _run(text: str) -> tuple[str, int]:
    name, _, seed = text.rpartition(":")
    if not name:
        raise UserError(f"'{text}' is not of the form EXPERIMENT:SEED")
    return name, whole_number(seed, "seed", 0, LARGEST_SEED)


app.add_typer(extensions, name="extensions")


@extensions.callback()
def list_extensions(context: typer.Context) -> None:
    """List the extensions of each dataset; measure some of them."""
    if context.invoked_subcommand:
        return
    from gan_repro.config.extensions import known_extensions, load_extensions

    for name in known_extensions():
        for extension, entry in load_extensions(name).extensions.items():
            read = ", ".join([*entry.experiments.values(), *entry.mixing]) or "no run"
            say(f"{name:8} {extension:20} reads {read}")


@extensions.command(epilog="Example: gan-repro extensions measure efficiency --of digits")
def measure(
    names: Annotated[list[str] | None, typer.Argument(help="Which. [all of the set]")] = None,
    of: Annotated[str, typer.Option(help="Dataset, or a file like config/extensions/*.yaml.")] = (
        "mnist"
    ),
    runs: Runs = Path("results/runs"),
    out: Annotated[Path, typer.Option(help="Folder of records.")] = Path("results/extensions"),
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Measure extensions on runs that are trained: Section 7, and the evidence for Table 2."""
    from gan_repro.config.extensions import load_extensions
    from gan_repro.extensions.measured import measure as run
    from gan_repro.training.devices import prepare_device

    chosen, where = load_extensions(of), prepare_device(device, threads)
    output_folder(out, *(f"{name}.json" for name in names or chosen.extensions))
    for name in names or chosen.extensions:
        record = run(name, chosen, data / "prepared", runs, out, where)
        say(f"{name}: {len(record.measures)} numbers, {record.cpu_seconds:.1f} s of CPU time")

"""experiments: what can be trained."""

from typing import Annotated

import typer

from gan_repro.cli.app import Device, app, epochs_of, say

experiments = typer.Typer(
    help="List every experiment; show one whole; say how two differ.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(experiments, name="experiments")
Name = Annotated[str, typer.Argument(help="Name in config/experiments, or a YAML file.")]


@experiments.callback()
def list_experiments(context: typer.Context) -> None:
    """List every experiment; show one whole; say how two differ."""
    if context.invoked_subcommand:
        return
    from gan_repro.experiments.listing import list_lines

    for line in list_lines():
        say(line)


@experiments.command(epilog="Example: gan-repro experiments show tfd_stage2")
def show(name: Name) -> None:
    """Print an experiment with everything that it inherits, as YAML."""
    from gan_repro.experiments.listing import show_text

    say(show_text(name))


@experiments.command(epilog="Example: gan-repro experiments check mnist_authors --device cuda")
def check(
    names: Annotated[list[str], typer.Argument(help="Names in config/experiments.")],
    epochs: Annotated[
        list[str] | None, typer.Option(help="NAME=EPOCHS in place of its own; repeat for more.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Read experiments as their trainings would, and try the device: what a workflow does first."""
    from gan_repro.experiments.listing import check_names
    from gan_repro.training.devices import prepare_device

    prepare_device(device)
    say(f"{check_names(names, epochs_of(epochs, names))} experiments are valid")


@experiments.command(epilog="Example: gan-repro experiments diff mnist_authors mnist_algorithm1")
def diff(first: Name, second: Name) -> None:
    """Print what differs between two experiments, one line each."""
    from gan_repro.experiments.listing import diff_lines

    for line in diff_lines(first, second):
        say(line)

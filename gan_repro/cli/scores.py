"""calibrate, parzen and redraw: from draws to numbers."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan_repro.cli.app import Data, Device, Out, Seed, Threads, app, say
from gan_repro.cli.outputs import calibration_folder, output
from gan_repro.config.schema import LARGEST_SEED
from gan_repro.errors import UserError, suggest

if TYPE_CHECKING:
    import torch

# What the authors' script draws, and what fewer cost, measured with real images (docs/fidelity.md).
USUAL = 10_000
FEW = (
    "The score grows with their number, and the authors' script has 10,000: with real MNIST images "
    "as samples, 1,000 score 120 nats and 10,000 score 242"
)


@app.command(epilog="Example: gan-repro calibrate kmeans --dataset mnist --out results/kmeans")
def calibrate(
    method: Annotated[str, typer.Argument(help="training-images or kmeans.")],
    dataset: Annotated[str, typer.Option(help="A prepared dataset.")],
    out: Annotated[Path, typer.Option(help="Folder for samples.npy and run.json.")],
    count: Annotated[int, typer.Option(min=1)] = 10_000,
    seed: Seed = 0,
    data: Data = Path("data"),
) -> None:
    """Write samples that need no model, to calibrate the Parzen score."""
    from gan_repro.data.dataset import load
    from gan_repro.evaluation.calibration import METHODS
    from gan_repro.files import write_json, write_npy

    if method not in METHODS:
        raise UserError(f"unknown method '{method}'{suggest(method, METHODS)}")
    calibration_folder(out)
    row, draw = METHODS[method]
    samples = draw(load(data / "prepared" / f"{dataset}.npz"), count, seed)
    write_npy(out / "samples.npy", samples)
    write_json(out / "run.json", {"experiment": f"{method} of {dataset}", "row": row, "seed": seed})
    say(f"{len(samples)} samples in {out / 'samples.npy'}")


@app.command(epilog="Example: gan-repro parzen my_samples.npy --dataset mnist")
def parzen(
    samples: Annotated[
        Path | None, typer.Argument(help="(n, pixels) floats in [0, 1], as .npy.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Whose validation and test images to use. [a run's own]")
    ] = None,
    fold: Annotated[int | None, typer.Option(min=0, help="One fold only. [every fold]")] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="In place of samples: a run that draws them, none stored."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=100, help="How many --from draws. [default: 10000]")
    ] = None,
    draw: Annotated[
        int | None,
        typer.Option(min=0, max=LARGEST_SEED, help="Another series of --from. [default: 0]"),
    ] = None,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Score anybody's samples with the paper's protocol: σ on validation data, then the test set.

    Writes a list with one record per fold. Where the samples lie in a run's folder, the records
    carry the run's name and seed.

    With --from, the score is written for 100, 200, 500, … samples up to --count; an interrupted
    series goes on. --from training-images takes real images, all where there are fewer.
    """
    from gan_repro.training.devices import prepare_device

    if (samples is None) == (source is None):
        raise UserError("parzen needs an .npy file of samples, or --from a run")
    of_the_other = {"--fold": fold} if source else {"--count": count, "--draw": draw}
    for option, value in of_the_other.items():
        if value is not None:
            raise UserError(f"{option} says nothing {'with' if source else 'without'} --from")
    where = prepare_device(device, threads)
    if source:
        _grow(source, dataset, count or USUAL, draw or 0, out, data, where)
    elif dataset is None:
        raise UserError("parzen needs --dataset: whose validation and test images to use")
    else:
        _score(samples, dataset, fold, out, data, where)


def _score(
    samples: Path,
    dataset: str,
    fold: int | None,
    out: Path | None,
    data: Path,
    where: "torch.device",
) -> None:
    from gan_repro.config.catalogue import dataset_source
    from gan_repro.config.schema import to_json
    from gan_repro.data.dataset import load
    from gan_repro.evaluation.scored import score_file
    from gan_repro.files import write_json

    dataset_source(dataset)
    images = data / "prepared" / f"{dataset}.npz"
    target = output(out or samples.with_name(f"{samples.stem}_parzen.json"), [samples, images])
    prepared = load(images)
    folds = range(len(prepared.folds)) if fold is None else [fold]
    with warnings.catch_warnings():
        # Samples are mapped from their file, which nobody may write to, and nobody does.
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        records = score_file(samples, prepared, folds, where)
    write_json(target, [to_json(record) for record in records])
    for record in records:
        for grid, found in record.grids.items():
            say(
                f"{record.title}, fold {record.fold}, {grid} grid: {found.test_ll:.1f} ± "
                f"{found.test_se:.1f} nats (σ = {found.sigma:.3g}, {record.samples} samples)"
            )
        for warning in record.warnings:
            say(f"warning: {warning}")
    count = records[0].samples
    if count < USUAL:
        say(f"note: {count:,} samples. {FEW}")
    say(f"written to {target}")


def _grow(
    source: str, dataset: str | None, count: int, draw: int, out: Path | None, data: Path,
    where: "torch.device",
) -> None:  # fmt: skip
    from gan_repro.config.schema import to_json
    from gan_repro.data.dataset import load
    from gan_repro.evaluation.growth import GrowthPoint, all_sigmas
    from gan_repro.evaluation.parzen import AUTHORS_GRID
    from gan_repro.experiments.growing import REAL, grow
    from gan_repro.files import write_json
    from gan_repro.training.runs import RunFolder

    if source == REAL and (dataset is None or out is None):
        raise UserError(f"--from {REAL} needs --dataset and --out")
    name = dataset or RunFolder(Path(source)).read_record().dataset.name
    images = data / "prepared" / f"{name}.npz"
    own = Path(source) / (f"growth_{draw}.json" if draw else "growth.json")
    target = output(out or own, [images])
    # No other file's name, whatever the suffix of the target.
    state = target.with_name(f"{target.name}.state.safetensors")
    prepared = load(images)
    sigmas = all_sigmas(prepared).tolist()

    def tell(point: GrowthPoint) -> None:
        best = point.chosen(sigmas, AUTHORS_GRID)
        say(
            f"{point.samples:,} samples: {point.test_ll[best]:.1f} ± {point.test_se[best]:.1f} "
            f"nats (σ = {sigmas[best]:.3g}, authors' grid)"
        )

    write_json(target, to_json(grow(source, prepared, count, draw, state, where, tell)))
    state.unlink()
    say(f"written to {target}")


@app.command(epilog="Example: gan-repro redraw results/runs/mnist_authors/seed0 --draws 4")
def redraw(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    draws: Annotated[int, typer.Option(min=1, max=1_000, help="Series of samples.")] = 4,
    count: Annotated[int, typer.Option(min=2, help="Samples of each.")] = USUAL,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Score other samples of a run, and other validation images: what a score depends on."""
    from gan_repro.config.schema import to_json
    from gan_repro.data.dataset import load
    from gan_repro.evaluation.scores import Redrawn
    from gan_repro.experiments import redrawn
    from gan_repro.files import write_json
    from gan_repro.training.devices import prepare_device
    from gan_repro.training.runs import RunFolder

    folder, where = RunFolder(run), prepare_device(device, threads)
    images = data / "prepared" / f"{folder.read_record().dataset.name}.npz"
    target = output(out or run / "redrawn.json", [images])
    prepared = load(images)

    def tell(record: Redrawn) -> None:
        found = record.grids["authors"]
        say(
            f"draw {record.draw}, validation images {record.subset}, fold {record.fold}: "
            f"{found.test_ll:.1f} ± {found.test_se:.1f} nats "
            f"(σ = {found.sigma:.3g}, {record.samples:,} samples)"
        )

    records = redrawn.redraw(folder, prepared, draws, count, where, tell)
    write_json(target, [to_json(record) for record in records])
    say(f"written to {target}")

"""The command line: one verb per stage of the pipeline. Thin: parse, call, print."""

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from gan_repro.errors import UserError, suggest

app = typer.Typer(
    help="Rebuild 'Generative Adversarial Nets' (Goodfellow et al., 2014), stage by stage.\n\n"
    "The stages hand files to each other: fetch → prepare → train → sample → parzen → table. "
    "`snakemake --cores 8 all` runs them all; each can also be typed by hand.",
    epilog="Start here: gan-repro fetch mnist && gan-repro prepare mnist && gan-repro train "
    "mnist_authors --epochs 20. No data at hand? make demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option(help="Folder with raw/ and prepared/ data.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads; they are part of the recipe.")]
Out = Annotated[Path | None, typer.Option(help="Where to write; by default beside the input.")]


# What `compare` prints of the comparison; the file has the rest.
SHOWN = ("model", "dataset", "paper", "ours", "our_se", "seeds", "difference_in_se", "verdict")


@app.command(epilog="Example: gan-repro fetch mnist")
def fetch(dataset: str, data: Data = Path("data")) -> None:
    """Download a dataset's raw files into DATA/raw and verify their SHA-256."""
    from gan_repro.data.fetch import fetch as run

    paths = run(dataset, data / "raw", report=say)
    say(f"{dataset}: {len(paths)} raw files in {data / 'raw' / dataset}")


@app.command(epilog="Example: gan-repro prepare mnist")
def prepare(dataset: str, data: Data = Path("data")) -> None:
    """Turn raw files into DATA/prepared/DATASET.npz: arrays and the paper's split."""
    from gan_repro.data.prepare import prepare as run

    say(f"{dataset}: prepared {run(dataset, data / 'raw', data / 'prepared')}")


@app.command(epilog="Example: gan-repro train mnist_authors --seed 0 --epochs 20")
def train(
    experiment: Annotated[str, typer.Argument(help="Name in config/experiments, or a YAML file.")],
    seed: Annotated[int, typer.Option(min=0, help="Everything random follows from it.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Run folder [results/runs/EXPERIMENT/seedSEED].")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Instead of the experiment's own number.")
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
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train one seed of an experiment; an interrupted run goes on from its checkpoint."""
    from gan_repro.cost import announce
    from gan_repro.devices import prepare_device
    from gan_repro.experiments import load_experiment
    from gan_repro.experiments import train as run
    from gan_repro.runs import RunFolder

    where = prepare_device(device, threads)
    name, content = load_experiment(experiment)
    if epochs is not None:
        content = content.with_epochs(epochs)
    if dataset is not None:
        content = content.model_copy(update={"dataset": dataset})
    runs = Path("results/runs")
    folder = RunFolder(out or runs / name / f"seed{seed}")
    first = RunFolder(pretrained or runs / str(content.pretrained) / f"seed{seed}")
    say(f"{name}, seed {seed}: {content.plan.epochs} epochs on {where}, into {folder.path}")
    for line in announce(name, content, data / "prepared", where, allow_cpu):
        say(line)
    chosen = run(name, content, seed, data / "prepared", folder, where, say, first)["chosen"]
    say(f"kept epoch {chosen['epoch']}: validation {chosen['valid_ll']:.1f} nats")


@app.command(epilog="Example: gan-repro cost cifar10_conv")
def cost(
    experiment: Annotated[str, typer.Argument(help="Name in config/experiments, or a YAML file.")],
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Say what a training would take: parameters, arithmetic, memory, hours on this machine."""
    from gan_repro.cost import announce
    from gan_repro.devices import prepare_device
    from gan_repro.experiments import load_experiment

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
    seed: Annotated[int | None, typer.Option(min=0, help="[the run's own seed]")] = None,
    out: Out = None,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw samples from a finished run into samples.npy, (count, pixels) float32.

    The weights alone are enough: nothing is trained and no data is read.
    """
    from gan_repro.devices import prepare_device
    from gan_repro.experiments import sample as draw
    from gan_repro.files import write_npy
    from gan_repro.runs import RunFolder

    place = run or source
    if place is None:
        raise UserError("sample needs a run's folder or its model.safetensors")
    weights = RunFolder(place).weights if place.is_dir() else place
    target = out or weights.with_name("samples.npy")
    write_npy(target, draw(weights, count, seed, prepare_device(device, threads)))
    say(f"{count} samples in {target}")


@app.command(epilog="Example: gan-repro calibrate kmeans --dataset mnist --out results/kmeans")
def calibrate(
    method: Annotated[str, typer.Argument(help="training-images or kmeans.")],
    dataset: Annotated[str, typer.Option(help="A prepared dataset.")],
    out: Annotated[Path, typer.Option(help="Folder for samples.npy and run.json.")],
    count: Annotated[int, typer.Option(min=1)] = 10_000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    data: Data = Path("data"),
) -> None:
    """Write samples that need no model, to calibrate the Parzen score."""
    from gan_repro.calibration import METHODS
    from gan_repro.data.dataset import load
    from gan_repro.files import write_json, write_npy

    if method not in METHODS:
        raise UserError(f"unknown method '{method}'{suggest(method, METHODS)}")
    row, draw = METHODS[method]
    samples = draw(load(data / "prepared" / f"{dataset}.npz"), count, seed)
    write_npy(out / "samples.npy", samples)
    write_json(out / "run.json", {"experiment": f"{method} of {dataset}", "row": row, "seed": seed})
    say(f"{len(samples)} samples in {out / 'samples.npy'}")


@app.command(epilog="Example: gan-repro parzen my_samples.npy --dataset mnist")
def parzen(
    samples: Annotated[Path, typer.Argument(help="(n, pixels) floats in [0, 1], as .npy.")],
    dataset: Annotated[str, typer.Option(help="Whose validation and test images to use.")],
    fold: Annotated[int | None, typer.Option(min=0, help="One fold only. [every fold]")] = None,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Score anybody's samples with the paper's protocol: σ on validation data, then the test set.

    Writes a list with one record per fold. Where the samples lie in a run's folder, the records
    carry the run's name and seed.
    """
    from gan_repro.data.dataset import load
    from gan_repro.devices import prepare_device
    from gan_repro.files import read_json, sha256, write_json
    from gan_repro.parzen import score
    from gan_repro.samples import load_samples
    from gan_repro.settings import dataset_source

    dataset_source(dataset)
    prepared = load(data / "prepared" / f"{dataset}.npz")
    draws = load_samples(samples, prepared)
    where = prepare_device(device, threads)
    folds = range(len(prepared.folds)) if fold is None else [fold]
    origin = {"experiment": samples.stem, "row": samples.stem, "seed": 0}
    if (samples.parent / "run.json").exists():
        recorded = read_json(samples.parent / "run.json")
        origin |= {key: recorded[key] for key in origin if key in recorded}
    origin["samples_sha256"] = sha256(samples)
    records = [origin | score(draws, prepared, number, where) for number in folds]
    target = out or samples.with_name(f"{samples.stem}_parzen.json")
    write_json(target, records)
    for record in records:
        _say_score(record)
    say(f"written to {target}")


def _say_score(record: dict) -> None:
    for grid, found in record["grids"].items():
        say(
            f"{record['title']}, fold {record['fold']}, {grid} grid: {found['test_ll']:.1f} ± "
            f"{found['test_se']:.1f} nats (σ = {found['sigma']:.3g}, {record['samples']} samples)"
        )
    for warning in record["warnings"]:
        say(f"warning: {warning}")


@app.command(epilog="Example: gan-repro mixing results/runs/mnist_dbn/seed0")
def mixing(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    chains: Annotated[int, typer.Option(min=2, help="Chains side by side.")] = 10,
    steps: Annotated[int, typer.Option(min=16, help="Transitions of each.")] = 1_600,
    out: Out = None,
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Measure how a run's Markov chains mix, and what thinning and binary draws do to its score."""
    from gan_repro.data.dataset import load
    from gan_repro.devices import prepare_device
    from gan_repro.files import write_json
    from gan_repro.mixing import report
    from gan_repro.runs import RunFolder

    folder, where = RunFolder(run), prepare_device(device, threads)
    name = folder.read_record()["config"]["dataset"]
    record = report(folder, load(data / "prepared" / f"{name}.npz"), chains, steps, where)
    write_json(out or run / "mixing.json", record)
    say(
        f"{chains * steps} draws are worth {record['effective']:.0f} independent ones: one per "
        f"{record['integrated_time']:.1f} transitions; written to {out or run / 'mixing.json'}"
    )


@app.command(epilog="Example: gan-repro mixing-table results/runs/*/seed0/mixing.json")
def mixing_table(
    records: Annotated[list[Path], typer.Argument(help="mixing.json files.")],
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results"),
) -> None:
    """Build mixing.csv and figures/mixing.{png,pdf}: every chain beside independent draws."""
    from gan_repro.artifacts import mixing as artifacts
    from gan_repro.artifacts.tables import write_csv

    found = artifacts.read_records(records)
    write_csv(artifacts.table(found), out / "mixing.csv")
    artifacts.write_figure(found, out / "figures")
    say(f"mixing.csv and figures/mixing.png of {len(found)} runs in {out}")


@app.command(epilog="Example: gan-repro table results/runs/*/seed*/parzen.json")
def table(
    scores: Annotated[list[Path], typer.Argument(help="parzen JSON files.")],
    column: Annotated[
        list[str] | None, typer.Option(help="HEADER=TITLE of a dataset; repeat for more.")
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option(help="HEADER=why a column is empty; repeat for more.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("results"),
) -> None:
    """Build table1.csv, its comparison with the paper, its notes, and table2.csv from scores."""
    from gan_repro.artifacts import tables

    columns = _pairs(column or ["MNIST=MNIST", "TFD=TFD"])
    cells = tables.read_cells(scores)
    files = {
        "table1": tables.table1(cells, columns),
        "table1_paper": tables.paper_table1(),
        "table1_comparison": tables.comparison(cells),
        "table1_notes": tables.notes(cells, columns, _pairs(reason or [])),
        "table2": tables.table2("nips"),
        "table2_arxiv": tables.table2("arxiv"),
    }
    for name, content in files.items():
        tables.write_csv(content, out / f"{name}.csv")
    say(f"{', '.join(f'{name}.csv' for name in files)} in {out}")


@app.command(epilog="Example: gan-repro curves results/runs/mnist_authors/seed* --out curves")
def curves(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option(help="Figure, without a suffix.")],
) -> None:
    """Draw the learning curves of runs: validation score, D(x) and D(G(z)) by epoch."""
    from gan_repro.artifacts.curves import draw_curves

    paths = draw_curves(runs, out)
    say(f"written to {' and '.join(map(str, paths))}")


@app.command(epilog="Example: gan-repro compare --results results/demo")
def compare(
    results: Annotated[Path, typer.Option(help="Folder with the tables.")] = Path("results"),
) -> None:
    """Print Table 1 beside the paper's, with differences and verdicts."""
    for name, title in (("table1", "Table 1, measured"), ("table1_comparison", "Comparison")):
        path = results / f"{name}.csv"
        if not path.exists():
            raise UserError(f"{path} does not exist; run: snakemake --cores 8 table1")
        content = pd.read_csv(path, dtype=str).fillna("")
        shown = [column for column in SHOWN if column in content] or list(content.columns)
        say(f"\n{title}\n\n{content[shown].to_string(index=False)}\n")
    say(f"details: {results / 'table1_notes.csv'}; the paper's own: {results / 'table1_paper.csv'}")


@app.command(epilog="Example: gan-repro manifest results/table1.csv --out results/manifest.json")
def manifest(
    files: Annotated[list[Path], typer.Argument(help="Artefacts.")],
    root: Annotated[Path, typer.Option(help="Paths are relative to it.")] = Path("results"),
    out: Annotated[Path, typer.Option()] = Path("results/manifest.json"),
) -> None:
    """Write the SHA-256 of each artefact."""
    from gan_repro.artifacts.manifest import write_manifest

    say(f"{len(write_manifest(files, root, out))} artefacts in {out}")


@app.command(epilog="Example: gan-repro card results/runs/mnist_authors/seed0")
def card(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
) -> None:
    """Write the model card of each run: data, recipe, seed, scores so far, digest."""
    from gan_repro.cards import write_card
    from gan_repro.runs import RunFolder

    for run in runs:
        say(f"written to {write_card(RunFolder(run))}")


@app.command(epilog="Example: gan-repro figure2 --panel a=results/runs/mnist_authors/seed0")
def figure2(
    panel: Annotated[list[str], typer.Option(help="LETTER=RUN_FOLDER; repeat for more.")],
    out: Annotated[Path, typer.Option(help="Folder for figures.")] = Path("results/figures"),
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw Figure 2: samples and nearest training images; and how near, as a table."""
    from gan_repro.artifacts.figures import draw_figure2
    from gan_repro.devices import prepare_device

    runs = {letter: Path(folder) for letter, folder in _pairs(panel).items()}
    for path in draw_figure2(runs, data / "prepared", out, prepare_device(device, threads)):
        say(f"written to {path}")


@app.command(epilog="Example: gan-repro figure3 results/runs/mnist_authors/seed0")
def figure3(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    out: Annotated[Path, typer.Option(help="Folder for figures.")] = Path("results/figures"),
    data: Data = Path("data"),
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Draw Figure 3: straight lines in z between fair draws from the prior."""
    from gan_repro.artifacts.figures import draw_figure3
    from gan_repro.devices import prepare_device

    for path in draw_figure3(run, data / "prepared", out, prepare_device(device, threads)):
        say(f"written to {path}")


def _pairs(items: list[str]) -> dict[str, str]:
    for item in items:
        if "=" not in item:
            raise UserError(f"'{item}' is not of the form HEADER=TEXT")
    return dict(item.split("=", 1) for item in items)


def say(line: str) -> None:
    """Print one line at once, so that a log file can be followed."""
    print(line, flush=True)


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit status 2."""
    try:
        app()
    except UserError as error:
        print(f"gan-repro: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("gan-repro: interrupted; run the same command to go on", file=sys.stderr)
        sys.exit(130)

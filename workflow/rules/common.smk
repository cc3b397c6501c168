# Configuration, validated before any job starts, and what the rules derive from it.
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from gan_repro.errors import UserError
from gan_repro.settings import catalogue, experiment_file, load_yaml
from gan_repro.sources import SOURCES

validate(config, "../schemas/config.schema.yaml")

# Numerics get their threads from the configuration: `{threads}` shrinks with --cores, and the
# number of threads changes the last bits of a sum.
shell.prefix(
    "set -euo pipefail; export "
    + " ".join(
        f"{library}_NUM_THREADS={config['threads']}"
        for library in ("OMP", "OPENBLAS", "MKL")
    )
    + "; "
)


def or_stop(load, *arguments):
    """Return load(*arguments); a user's mistake ends the workflow in one line."""
    try:
        return load(*arguments)
    except UserError as error:
        raise WorkflowError(str(error)) from None


DATASETS = or_stop(catalogue)
EXPERIMENTS = {
    name: or_stop(load_yaml, or_stop(experiment_file, name))
    for name in config["experiments"]
}


wildcard_constraints:
    dataset="[a-z0-9_]+",
    experiment="[a-z0-9_]+",
    method="[a-z-]+",
    notebook="[0-9]{2}_[a-z0-9_]+",
    seed="[0-9]+",
    fold="[0-9]+",


def prepared(wildcards):
    """Return the prepared data of an experiment."""
    return (
        f"{config['data']}/prepared/{EXPERIMENTS[wildcards.experiment]['dataset']}.npz"
    )


def sources(wildcards):
    """Return the modules that decide the bytes of an experiment's run."""
    kind = EXPERIMENTS[wildcards.experiment]["model"]["kind"]
    return [f"gan_repro/{source}" for source in SOURCES[kind]]


def scores_of(dataset):
    """Return every score on a dataset: each fold of trained models, then of calibration rows."""
    calibration = [
        f"<results>/calibration/{dataset}/{method}"
        for method in ("training-images", "kmeans")
        if dataset in config["calibration"]
    ]
    folds = range(DATASETS[dataset].folds)
    return [
        f"{run}/parzen_fold{fold}.json"
        for run in runs_on(dataset) + calibration
        for fold in folds
    ]


def runs_on(dataset):
    """Return the folder of every trained run on a dataset."""
    return [
        f"<results>/runs/{name}/seed{seed}"
        for name, experiment in EXPERIMENTS.items()
        for seed in config["seeds"]
        if experiment["dataset"] == dataset
    ]


def metrics_of(wildcards):
    """Return the metrics of every run on the dataset that the wildcard names."""
    return [f"{run}/metrics.csv" for run in runs_on(wildcards.dataset)]


def trained_datasets():
    """Return the datasets that an experiment trains on."""
    return sorted({experiment["dataset"] for experiment in EXPERIMENTS.values()})


def all_scores():
    """Return every score that the tables are built from."""
    return [path for dataset in DATASETS for path in scores_of(dataset)]


def table_columns():
    """Return the options that tell `gan-repro table` which dataset each column holds."""
    titles = [DATASETS[dataset].title for dataset in config["columns"]]
    return " ".join(f"--column '{title}={title}'" for title in titles)


NOTEBOOKS = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))

# The one notebook that looks at images (the theory needs none), and the one that draws Figure 1.
METRIC, FIGURE_1 = "08_metric", "04_figure_1"

# What decides the content of a notebook besides its source.
THEORY = sorted(map(str, Path("gan_repro/theory").glob("*.py"))) + [
    "gan_repro/checks.py"
]

# The paper's run has tighter statistics; without this file a notebook's own defaults hold.
PARAMETERS = (
    or_stop(load_yaml, Path(config["notebook_parameters"]))
    if config["notebook_parameters"]
    else {}
)


def notebook_data(wildcards):
    """Return the prepared data of a notebook that looks at images, or nothing."""
    needed = [config["notebook_data"]] if wildcards.notebook == METRIC else []
    return [f"{config['data']}/prepared/{dataset}.npz" for dataset in needed]


def notebook_options(name, **extra):
    """Return the options that set a notebook's parameters."""
    chosen = {"threads": config["threads"]} | PARAMETERS.get(name, {}) | extra
    return " ".join(f"-p {key} {value}" for key, value in chosen.items())


def notebook_parameters(wildcards, input):
    """Return the options of the notebook that the wildcard names."""
    data = {"data": input.data} if input.data else {}
    return notebook_options(wildcards.notebook, **data)

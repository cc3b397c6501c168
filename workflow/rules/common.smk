# Configuration, validated before any job starts, and what the rules derive from it.
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from gan_repro.errors import UserError
from gan_repro.config.catalogue import catalogue, experiment_file, load_yaml
from gan_repro.experiments.sources import SOURCES

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


# Jobs share one GPU; where the configuration asks for the CPU, cores are the only limit.
GPU = 0 if config["device"] == "cpu" else 1


def or_stop(load, *arguments):
    """Return load(*arguments); a user's mistake ends the workflow in one line."""
    try:
        return load(*arguments)
    except UserError as error:
        raise WorkflowError(str(error)) from None


DATASETS = or_stop(catalogue)


def can_be_had(dataset):
    """Return whether a dataset is used here: one that only the user can bring, where it is
    there; one that stands in for another, where that one is not; any other always."""
    source = DATASETS[dataset]
    if source.stands_in_for:
        return not can_be_had(source.stands_in_for)
    return all(source.provided_at(dataset, Path(config["data"]) / "raw").values())


CONFIGURED = {
    name: or_stop(load_yaml, or_stop(experiment_file, name))
    for name in config["experiments"]
}
for name in config["epochs"]:
    or_stop(experiment_file, name)
EXPERIMENTS = {
    name: content
    for name, content in CONFIGURED.items()
    if can_be_had(content["dataset"])
}

# What a second stage starts from is no model of its own and gets no score.
FIRST_STAGES = {content.get("pretrained") for content in EXPERIMENTS.values()}


wildcard_constraints:
    dataset="[a-z0-9_]+",
    experiment="[a-z0-9_]+",
    method="[a-z-]+",
    notebook="[0-9]{2}_[a-z0-9_]+",
    seed="[0-9]+",


def pretrained(wildcards):
    """Return the weights that a second stage starts from, or nothing."""
    first = EXPERIMENTS[wildcards.experiment].get("pretrained")
    seed = wildcards.seed
    return [f"<results>/runs/{first}/seed{seed}/model.safetensors"] if first else []


def prepared(wildcards):
    """Return the prepared data of an experiment."""
    return (
        f"{config['data']}/prepared/{EXPERIMENTS[wildcards.experiment]['dataset']}.npz"
    )


def epochs(wildcards):
    """Return the option that trains an experiment for other than its own epochs, or nothing."""
    chosen = config["epochs"].get(wildcards.experiment)
    return f"--epochs {chosen}" if chosen else ""


def sources(wildcards):
    """Return the modules that decide the bytes of an experiment's run."""
    kind = EXPERIMENTS[wildcards.experiment]["model"]["kind"]
    return [f"gan_repro/{source}" for source in SOURCES[kind]]


def scores_of(dataset):
    """Return every score on a dataset: of trained models, then of calibration rows."""
    calibration = [
        f"<results>/calibration/{dataset}/{method}"
        for method in ("training-images", "kmeans")
        if dataset in config["calibration"]
    ]
    return [f"{run}/parzen.json" for run in scored_runs(dataset) + calibration]


def scored_runs(dataset=None):
    """Return the folder of every run that is scored, of one dataset or of all."""
    return [
        f"<results>/runs/{name}/seed{seed}"
        for name, experiment in EXPERIMENTS.items()
        if name not in FIRST_STAGES and dataset in (None, experiment["dataset"])
        for seed in config["seeds"]
    ]


def all_runs():
    """Return the folder of every trained run."""
    return [run for dataset in trained_datasets() for run in runs_on(dataset)]


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
    columns = {dataset: DATASETS[dataset].title for dataset in config["columns"]}
    reasons = {columns[dataset]: empty_because(dataset) for dataset in columns}
    return " ".join(
        [f"--column '{title}={title}'" for title in columns.values()]
        + [
            f"--reason '{title}={reason}'"
            for title, reason in reasons.items()
            if reason
        ]
    )


def empty_because(dataset):
    """Return why a column may stay empty whatever is trained, or None."""
    source = DATASETS[dataset]
    files = ", ".join(source.provided)
    if not files:
        return None
    if can_be_had(dataset):
        return f"{files} is not the published file (its MD5 differs), so its scores stand beside"
    return (
        f"no {files} in {config['data']}/raw/{dataset}; it is not distributed publicly"
    )


NOTEBOOKS = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))

# The one notebook that looks at images (the theory needs none), and the one that draws Figure 1.
METRIC, FIGURE_1 = "08_metric", "04_figure_1"

# What decides the content of a notebook besides its source.
THEORY = sorted(map(str, Path("gan_repro/theory").rglob("*.py")))

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


# What each panel of Figure 2 shows: the first of its experiments that is trained.
SHOWN = {
    letter: shown
    for letter, names in config["figure2"].items()
    if (shown := next((name for name in names if name in EXPERIMENTS), None))
}


def first_run(name):
    """Return the folder of an experiment's first seed, which the figures show."""
    return f"<results>/runs/{name}/seed{config['seeds'][0]}"


def data_of(names):
    """Return the prepared data of experiments."""
    return sorted(
        {
            f"{config['data']}/prepared/{EXPERIMENTS[name]['dataset']}.npz"
            for name in names
        }
    )

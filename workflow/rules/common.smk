# Configuration, validated before any job starts, and the paths that the rules derive from it.
# What is decided here is decided by gan_repro.config, which is tested; this file names files.
import json
from pathlib import Path
from shlex import quote

import gan_repro
import gan_repro.config.grammar
from snakemake.exceptions import WorkflowError

from gan_repro.config import selection
from gan_repro.config.catalogue import catalogue, dataset_source, load_yaml
from gan_repro.config.experiments import find_experiment
from gan_repro.config.extensions import load_extensions
from gan_repro.config.machine import count_gpus, gpus_of_a_job
from gan_repro.config.outputs import ON_RECORDS, REAL_GROWTH, RUN, TRAINED, Outputs
from gan_repro.config.process import WORKFLOW_VARIABLE
from gan_repro.config.schema import check_size
from gan_repro.config.settings import check_settings, with_numbers
from gan_repro.config.sources import content_digest, source_digest
from gan_repro.errors import UserError
from gan_repro.experiments.kinds import KINDS
from gan_repro.extensions.registry import EXTENSIONS as EXTENSION_MODULES
from gan_repro.paper import TABLE_1


def or_stop(load, *arguments):
    """Return load(*arguments); a user's mistake ends the workflow in one line."""
    try:
        return load(*arguments)
    except UserError as error:
        raise WorkflowError(str(error)) from None


or_stop(check_size, config, "the configuration")
config.update(with_numbers(config))
or_stop(
    check_settings,
    config,
    load_yaml(Path(workflow.basedir) / "workflow/schemas/config.schema.yaml"),
)

# Numerics get their threads from the configuration: `{threads}` shrinks with --cores, and the
# number of threads changes the last bits of a sum.
LIBRARIES = ("OMP", "OPENBLAS", "MKL")
SINGLE = " ".join(f"{name}_NUM_THREADS={config['threads']}" for name in LIBRARIES)
# A job ends with the Snakemake that started it, however that ends.
FOLLOW = f"{WORKFLOW_VARIABLE}=$PPID"
# No parameter of a rule: it changes no result, so it must make none again.
INTERVAL = f"GAN_REPRO_CHECKPOINT_SECONDS={float(config['checkpoint_seconds'])}"
# The package is the one that this file imports, in whichever environment a job runs.
PACKAGE = quote(str(Path(gan_repro.__file__).parents[1]))
PREFIX = (
    f"set -euo pipefail; export {SINGLE} {FOLLOW} {INTERVAL} PYTHONPATH={PACKAGE}${{PYTHONPATH:+:$PYTHONPATH}}; "
    'gan-repro() { python -m gan_repro "$@"; }; '
)
shell.prefix(PREFIX.replace("{", "{{").replace("}", "}}"))

DATA = config["data"]
RAW = Path(DATA) / "raw"
DATASETS = or_stop(catalogue)
# In the tables, and for the extensions alone.
TABULATED = or_stop(selection.select, config["experiments"], RAW)
EXTENSIONS = (
    or_stop(load_extensions, config["extensions"]) if config["extensions"] else None
)
EXPERIMENTS = TABULATED | or_stop(
    selection.select, EXTENSIONS.experiments() if EXTENSIONS else [], RAW
)
or_stop(selection.check_starts, EXPERIMENTS)
for name in [
    *config["epochs"],
    *config["first_seed_only"],
    *(name for names in config["figure2"].values() for name in names),
    config["figure3"],
    *config["growth"]["of"],
    *config["factors"]["of"],
]:
    or_stop(find_experiment, name)
for name in [*config["columns"], *config["calibration"], config["notebook_data"]]:
    or_stop(dataset_source, name)

# Options that several verbs take.
COMPUTE = ["--device", config["device"], "--threads", config["threads"]]
READ = ["--data", DATA]

# A job claims a GPU where there is one, or where the configuration asks for one by name; as many
# run at once as there are GPUs, unless the user gives another limit.
GPU = gpus_of_a_job(config["device"])
if count_gpus() and "gpu" not in workflow.global_resources:
    workflow.global_resources["gpu"] = count_gpus()

# Where they are, for what is looked up before a rule runs.
RESULTS, LOGS, BENCHMARKS = (
    config.get("pathvars", {}).get(name, name)
    for name in ("results", "logs", "benchmarks")
)
OUTPUTS = Outputs(
    TABULATED,
    config["seeds"],
    config["calibration"],
    RESULTS,
    config["only_finished"],
    config["first_seed_only"],
)


wildcard_constraints:
    dataset="[a-z0-9_]+",
    experiment="[a-z0-9_]+",
    method="[a-z-]+",
    notebook="[0-9]{2}_[a-z0-9_]+",
    seed="[0-9]+",


def dataset_of(wildcards):
    """Return the dataset of an experiment."""
    return EXPERIMENTS[wildcards.experiment]["dataset"]


def seeds_of(name):
    """Return the seeds that an experiment is trained with, for tables and for extensions."""
    tabulated = OUTPUTS.seeds_of(name) if name in TABULATED else []
    extended = EXTENSIONS.seeds(name) if EXTENSIONS else []
    return sorted({*tabulated, *extended})


def prepared(*datasets):
    """Return the prepared data of datasets."""
    return [f"{DATA}/prepared/{dataset}.npz" for dataset in sorted(set(datasets))]


def reported(path, caption, category, **labels):
    """Return an output that `snakemake --report` shows."""
    place = f"../report/{caption}.rst"
    return report(path, caption=place, category=category, labels=labels)


# Those on records are there with their extensions alone.
THEORY = sorted(
    {path.stem for path in Path("notebooks").glob("*.ipynb")} - {*ON_RECORDS}
)
NOTEBOOKS = [*THEORY, *(EXTENSIONS.notebooks() if EXTENSIONS else ())]
PAGES = expand("<results>/notebooks/{notebook}.html", notebook=NOTEBOOKS)

# The one notebook that looks at images (the theory needs none), and the one that draws Figure 1.
METRIC, FIGURE_1 = "08_metric", "04_figure_1"
RUNNER = "workflow/scripts/run_notebook.py"

# The paper's run has tighter statistics; without a file a notebook's own defaults hold.
PARAMETERS = or_stop(
    selection.notebook_parameters, config["notebook_parameters"], Path("notebooks")
)


def notebook_data(name):
    """Return the prepared data of the one notebook that looks at images."""
    return prepared(config["notebook_data"]) if name == METRIC else []


def notebook_options(name):
    """Return the options that set a notebook's parameters, as JSON."""
    own = {"threads": config["threads"], **PARAMETERS.get(name, {})}
    chosen = own | {"data": path for path in notebook_data(name)}
    return [
        word for key, value in chosen.items() for word in ("-p", key, json.dumps(value))
    ]


def notebook_source(name):
    """Return the digest of the code that decides what a notebook shows."""
    return source_digest(Path(f"notebooks/{name}.ipynb"), Path(RUNNER))

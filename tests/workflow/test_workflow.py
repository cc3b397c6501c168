"""The paper's workflow: its plan, real MNIST from bytes to table, and mistakes in one line."""

import csv
import re

import pandas as pd
import pytest
import yaml

from gan_repro.experiments.cost import BIG, data_size, estimate
from gan_repro.experiments.experiment import load_experiment
from gan_repro.files import read_json

# One epoch of the authors' recipe with a tenth of its units.
SMALLER = {
    "epochs: 1000": "epochs: 1",
    "validate_samples: 10000": "validate_samples: 1000",
    "units: 1200": "units: 120",
    "units: 240": "units: 24",
}


def configure(folder, **changes) -> None:
    """Change top-level keys of config.yaml."""
    path = folder / "config/config.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


def jobs(text: str) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"^([a-z_0-9]+) +(\d+)$", text, re.M)}


def test_a_dry_run_of_the_bare_command_plans_the_papers_run(checkout, snakemake):
    done = snakemake(checkout, "--cores", "8", "--dry-run")
    assert done.returncode == 0, done.stderr
    planned = jobs(done.stdout)
    config = yaml.safe_load((checkout / "config/config.yaml").read_text())
    assert config["seeds"] == [0, 1, 2, 3, 4]
    mnist = [name for name in config["experiments"] if name.startswith("mnist_")]
    assert planned["train"] >= 5 * len(mnist)
    assert planned["table"] == planned["manifest"] == 1
    notebooks = (planned.get(name, 0) for name in ("notebook", "figure_1", "extension_notebook"))
    assert sum(notebooks) == len(list((checkout / "notebooks").glob("*.ipynb")))


@pytest.mark.parametrize(("target", "rule"), [("mnist", "train"), ("theory", "notebook")])
def test_named_targets(checkout, snakemake, target, rule):
    """The third, table1, is made below."""
    done = snakemake(checkout, target, "--cores", "1", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert set(jobs(done.stdout)) & {"train", "notebook"} == {rule}


def test_groups_are_trained_together_where_nothing_is_extended(checkout, snakemake):
    one = {"experiments": ["digits_authors"], "together": [["digits_authors"]], "seeds": [0]}
    configure(checkout, **one, columns=["digits"], figure3="digits_authors", extensions=None)
    done = snakemake(checkout, "table1", "--cores", "1", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"together_1", "table"} <= set(jobs(done.stdout))


@pytest.mark.slow
def test_real_mnist_from_canonical_bytes_to_table_1(checkout, snakemake, mirror):
    experiment = checkout / "config/experiments/mnist_authors.yaml"
    text = experiment.read_text()
    for right, smaller in SMALLER.items():
        assert right in text
        text = text.replace(right, smaller)
    experiment.write_text(text)
    one = {"experiments": ["mnist_authors"], "seeds": [3], "columns": ["mnist", "tfd"]}
    configure(
        checkout, **one, extensions=None, calibration=[], samples=1000, redraws=0, device="cpu"
    )
    done = snakemake(checkout, "table1", "--cores", "1", GAN_REPRO_MIRROR=str(mirror))
    assert done.returncode == 0, done.stderr[-3_000:]
    (score,) = read_json(checkout / "results/runs/mnist_authors/seed3/parzen.json")
    assert (score["title"], score["test_points"], score["samples"]) == ("MNIST", 10_000, 1_000)
    with open(checkout / "results/table1.csv", encoding="utf-8", newline="") as handle:
        table = list(csv.DictReader(handle))
    assert list(table[0]) == ["Model", "MNIST", "TFD"]
    mean = score["grids"]["authors"]["test_ll"]
    assert table[-1]["MNIST"].startswith(f"{mean:.0f} ± ")
    # An untrained generator paints the mean image, which scores about -59 nats; noise, far less.
    assert -1_000 < mean < 60


@pytest.mark.slow
def test_a_failed_training_and_a_missing_dataset_leave_a_table_with_their_reasons_and_theory(
    checkout, snakemake
):
    datasets = checkout / "config/datasets.yaml"
    known = yaml.safe_load(datasets.read_text())
    known["mnist"]["mirrors"] = ["http://127.0.0.1:9/"]
    datasets.write_text(yaml.safe_dump(known))
    with open(checkout / "config/experiments/digits_authors.yaml", "a", encoding="utf-8") as steep:
        steep.write("  learning_rate: {initial: 1.0e+30}\n")
    trained = ["digits_authors", "digits_dbn", "mnist_authors"]
    small = {"09_advantages": {"pairs": 2, "chains": 16, "steps": 1000}}
    (checkout / "small.yaml").write_text(yaml.safe_dump(small))
    configure(
        checkout,
        notebook_parameters="small.yaml",
        experiments=trained,
        extensions=None,
        seeds=[0],
        columns=["digits", "mnist"],
        calibration=[],
        samples=500,
        redraws=0,
        burn_ins=[],
        epochs={"digits_authors": 2, "digits_dbn": 2},
        device="cpu",
    )
    theory = "results/notebooks/09_advantages.html"
    done = snakemake(checkout, "table1", theory, "--cores", "2", "--keep-going")
    assert done.returncode != 0
    (line,) = {line for line in done.stderr.splitlines() if "cannot fetch" in line}
    for part in ("data/raw/mnist", "GAN_REPRO_MIRROR", "make demo"):
        assert part in line
    assert (checkout / theory).exists()
    table = pd.read_csv(checkout / "results/table1.csv", index_col="Model")
    found = table.notna()
    assert found.to_numpy().sum() == 1
    assert found.loc["DBN"].iloc[0]
    notes = (checkout / "results/table1_notes.csv").read_text(encoding="utf-8")
    assert "training diverged in epoch" in notes
    assert "cannot fetch" in notes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"epochs": {"mnist_gns": 20}}, "did you mean 'mnist_gsn'?"),
        ({"experiments": ["faces_stage2"]}, "starts from faces_stage1: name faces_stage1 among"),
        ({"seed": [1]}, "'seed' was unexpected"),
    ],
)
def test_a_wrong_configuration_stops_before_any_job(checkout, snakemake, changes, expected):
    configure(checkout, **changes)
    done = snakemake(checkout, "--cores", "1", "--dry-run")
    assert done.returncode != 0
    assert expected in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_profile_for_a_cpu_sets_epochs_and_fits_without_a_gpu(checkout, snakemake):
    cpu = ("--configfile", "config/cpu.yaml")
    planned = snakemake(checkout, *cpu, "--dry-run", "--cores", "2", "--printshellcmds")
    assert planned.returncode == 0, planned.stderr
    trained = dict(re.findall(r"gan-repro train (\w+) (.*)", planned.stdout))
    own = yaml.safe_load((checkout / "config/cpu.yaml").read_text(encoding="utf-8"))["epochs"]
    for name in own.keys() & trained.keys():
        assert f"--epochs {own[name]} " in trained[name]
    assert "mnist_gsn" in own.keys() & trained.keys()
    assert "--epochs" not in trained["mnist_cae"]
    assert "lfw_narrow_stage2" in trained
    assert "tfd_narrow_stage2" not in trained
    for name in trained:
        experiment = load_experiment(name)[1]
        assert estimate(experiment, *data_size(experiment.dataset, checkout)).flop_per_image < BIG

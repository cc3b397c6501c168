"""Copies of the checkout to run workflows in, so that nobody's results are touched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("gan_repro", "workflow", "config", "notebooks", "profiles")
FILES = ("Snakefile", "environment.yml", "pyproject.toml")

Run = Callable[..., subprocess.CompletedProcess]


def make_checkout(folder: Path) -> Path:
    """Copy what a workflow needs into a folder, compiled modules included: they start sooner."""
    ignore = shutil.ignore_patterns("*.pyc.*")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
    for file in FILES:
        shutil.copy(ROOT / file, folder / file)
    return folder


def run_snakemake(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run snakemake in a folder with the commands of this environment first on the path."""
    bin_folder = str(Path(sys.executable).parent)
    environment = {name: value for name, value in os.environ.items() if name != "GAN_REPRO_MIRROR"}
    path = os.pathsep.join([bin_folder, environment["PATH"]])
    packages = os.pathsep.join([str(folder), environment.get("PYTHONPATH", "")]).strip(os.pathsep)
    return subprocess.run(
        [f"{bin_folder}/snakemake", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment | {"PATH": path, "PYTHONPATH": packages} | variables,
    )

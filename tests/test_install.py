"""The package installed without its checkout, used in an empty folder."""

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]


# The oldest Python that the project promises, as its first release.
OLDEST = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"][2:]
LOCKED = [
    line.partition("==")[0]
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if "==" in line
]


@pytest.mark.parametrize("name", LOCKED)
def test_what_is_locked_installs_on_the_oldest_python(name):
    needed = metadata(name).get("Requires-Python")
    assert needed is None or f"{OLDEST}.0" in SpecifierSet(needed)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with the package as its wheel installs it."""
    folder = tmp_path_factory.mktemp("install")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run([*pip, *build], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "gan_repro", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_pipeline_runs_in_an_empty_folder(installed, tmp_path):
    experiment = "extends: digits_authors\nplan: {epochs: 1, validate_samples: 100}\n"
    (tmp_path / "mine.yaml").write_text(experiment)
    run_folder = "results/runs/mine/seed0"
    for words in (
        ["fetch", "digits"],
        ["prepare", "digits"],
        ["train", "mine.yaml", "--device", "cpu"],
        ["sample", run_folder, "--count", "200"],
        ["parzen", f"{run_folder}/samples.npy", "--dataset", "digits"],
        ["experiments", "show", "lfw_stage2"],
        ["card", run_folder],
    ):
        done = run(installed, tmp_path, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / run_folder / "samples_parzen.json").exists()
    code = "import gan_repro, sys; sys.stdout.write(gan_repro.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(installed)},
    ).stdout  # fmt: skip
    assert Path(where).is_relative_to(installed)


@pytest.mark.slow
def test_the_wheel_has_what_the_checkout_configures(installed):
    shipped = installed / "gan_repro/config/shipped"
    assert (shipped / "datasets.yaml").read_bytes() == (ROOT / "config/datasets.yaml").read_bytes()
    names = {path.name for path in (ROOT / "config/experiments").glob("*.yaml")}
    assert {path.name for path in (shipped / "experiments").glob("*.yaml")} == names
    assert (installed / "gan_repro/artifacts/page.html").exists()
    templates = ROOT / "gan_repro/artifacts/page/templates"
    shipped = installed / "gan_repro/artifacts/page/templates"
    files = {path.relative_to(templates) for path in templates.rglob("*.*")}
    assert {path.relative_to(shipped) for path in shipped.rglob("*.*")} == files
    assert not list(installed.glob("tests*"))


@pytest.mark.slow
def test_a_folder_called_config_that_is_not_ours_is_no_obstacle(installed, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/other.yaml").write_text("a: 1\n")
    done = run(installed, tmp_path, "experiments", "diff", "mnist_gsn", "digits_gsn")
    assert done.returncode == 0
    assert "dataset: mnist → digits" in done.stdout

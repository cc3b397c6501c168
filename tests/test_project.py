"""The repository agrees with itself: one set of pins, a lock that fits, a demo that can fail."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("file", "own"), [("environment.yml", ["--editable ."]), ("workflow/envs/gan-repro.yaml", [])]
)
def test_conda_installs_the_same_pins(lock, file, own):
    environment = yaml.safe_load((ROOT / file).read_text())
    (lines,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    pins = [line for line in lines if "==" in line]
    assert [line for line in lines if line not in pins] == own
    assert dict(pin.split("==") for pin in pins) == lock
    python = next(e for e in environment["dependencies"] if str(e).startswith("python="))
    assert python == "python=3.11"


def test_every_package_but_pytorch_has_hashes(lock):
    text = (ROOT / "requirements.hashes").read_text()
    found = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+) \\$", text, re.M))
    expected = {canonical(name): version for name, version in lock.items() if name != "torch"}
    assert {canonical(name): version for name, version in found.items()} == expected
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert len(entries) == len(expected)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


def test_the_lock_satisfies_the_package(lock):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    pinned = {canonical(name): version for name, version in lock.items()}
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonical(requirement.name)]), requirement


def test_the_lock_names_no_place(lock):
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in lock.values())


@pytest.mark.parametrize("flags", [[], [".SHELLFLAGS=-c"]], ids=["make", "make 3.81"])
@pytest.mark.parametrize(("status", "ended", "compared"), [(0, 0, True), (3, 2, False)])
def test_the_demo_fails_where_its_workflow_does(tmp_path, flags, status, ended, compared):
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    does = {"snakemake": f"exit {status}", "python": "cat", "gan-repro": "touch compared"}
    for name, line in does.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    command = ["make", "--old-file", "install", *flags, "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == ended, done.stderr
    assert (tmp_path / "compared").exists() == compared

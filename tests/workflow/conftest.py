"""Workflows in copies of the checkout."""

from pathlib import Path

import pytest
from checkouts import Run, make_checkout, run_snakemake


@pytest.fixture(scope="session")
def snakemake() -> Run:
    """Run snakemake in a folder: snakemake(folder, *arguments, **environment)."""
    return run_snakemake


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout."""
    return make_checkout(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the demo has run, as `make demo` runs it."""
    folder = make_checkout(tmp_path_factory.mktemp("demo"))
    # All other tests take as long on the other core; three processes on two would slow each down.
    done = run_snakemake(folder, "all", "--configfile", "config/demo.yaml", "--cores", "1")
    assert done.returncode == 0, done.stderr[-4_000:]
    return folder

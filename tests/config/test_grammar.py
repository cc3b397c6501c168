"""No command compiles the grammar of addresses that Jupyter's packages bring."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNNER = ROOT / "workflow/scripts"


@pytest.mark.parametrize("start", ["gan_repro.cli", "run_notebook"])
def test_schemas_are_checked_without_it(start):
    # The package itself is there, and would be imported by the first schema.
    code = f"import sys, {start}, nbformat, jsonschema; assert 'lark' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{ROOT}:{RUNNER}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

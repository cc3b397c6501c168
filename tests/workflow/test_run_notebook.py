import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "workflow" / "scripts" / "run_notebook.py"
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"


def write_notebook(path, *code):
    parameters = new_code_cell("value = 1", metadata={"tags": ["parameters"]}, id="parameters")
    cells = [new_markdown_cell("$x^2$", id="prose"), parameters]
    cells += [new_code_cell(source, id=f"code-{i}") for i, source in enumerate(code)]
    nbformat.write(new_notebook(cells=cells), path)


def run(folder, *options, **environment):
    command = [sys.executable, SCRIPT, "source.ipynb", "out/a.ipynb", "out/a.html", *options]
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


def test_runs_with_this_interpreter_whatever_kernel_the_user_has(tmp_path):
    broken = tmp_path / "user" / "kernels" / "python3" / "kernel.json"
    broken.parent.mkdir(parents=True)
    broken.write_text(
        json.dumps({"argv": ["/nonexistent"], "display_name": "x", "language": "python"})
    )
    code = f"import sys\nassert sys.executable == {sys.executable!r}\nprint('value is', value + 1)"
    write_notebook(tmp_path / "source.ipynb", code, FIGURE)
    done = run(
        tmp_path,
        *("-p", "value", "41"),
        JUPYTER_PATH=str(tmp_path / "user"),
        JUPYTER_DATA_DIR=str(tmp_path / "user"),
    )
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out" / "a.html").read_text()
    assert "value is 42" in html
    assert "data:image/png;base64" in html
    assert "<math" in html


def test_two_runs_give_the_same_bytes(tmp_path):
    write_notebook(tmp_path / "source.ipynb", "print(value)", FIGURE)
    outputs = []
    for _ in range(2):
        assert run(tmp_path, "-p", "value", "2").returncode == 0
        outputs.append([(tmp_path / "out" / name).read_bytes() for name in ("a.ipynb", "a.html")])
    assert outputs[0] == outputs[1]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc alone is told to keep memory")
def test_memory_that_a_step_frees_serves_the_next(tmp_path):
    lines = [
        "import resource, numpy as np",
        "faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt",
        "step = lambda: [np.ones(250_000) for _ in range(8)] and faults()",
        "first = step()",
        "print('pages:', max(step() for _ in range(20)) - first)",
    ]
    write_notebook(tmp_path / "source.ipynb", "\n".join(lines))
    assert run(tmp_path).returncode == 0
    (pages,) = re.findall(r"pages: (\d+)", (tmp_path / "out" / "a.html").read_text())
    # Given back to the system, each step's 16 MB are 4,000 new pages.
    assert int(pages) < 4_000


def test_a_failed_cell_is_reported_and_left_to_be_read(tmp_path):
    write_notebook(tmp_path / "source.ipynb", "print('before')", "1 / 0", "print('after')")
    done = run(tmp_path, "--failed", "log/failed.ipynb")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert not (tmp_path / "out").exists()
    kept = (tmp_path / "log" / "failed.ipynb").read_text()
    assert "before" in kept
    assert "ZeroDivisionError" in kept


CHECKS = """from gan_repro.theory.checks import Checks
checks = Checks("source")
for id, measured in (("small", 0.5), ("large", 7.0)):
    checks.add(id=id, claim="It is small", location="1", measured=measured, relation="<", bound=1)
checks.write("checks.json")
checks.require()"""


def test_checks_that_fail_are_a_finding_and_the_page_lists_them(tmp_path):
    write_notebook(tmp_path / "source.ipynb", "print('before')", CHECKS)
    done = run(tmp_path, "--failed", "log/failed.ipynb")
    assert done.returncode == 0, done.stderr
    said = "source: 1 of 2 checks failed\n  large: It is small (1); measured 7, must be < 1"
    assert said in done.stderr
    html = (tmp_path / "out" / "a.html").read_text()
    assert "1 of 2 checks failed" in html
    assert "before" in html
    assert "most recent call last" not in html
    assert "An Exception was encountered" not in html
    assert not (tmp_path / "log").exists()


def test_checks_that_fail_before_the_end_fail_the_notebook(tmp_path):
    write_notebook(tmp_path / "source.ipynb", CHECKS, "print('after')")
    assert run(tmp_path).returncode == 1
    assert not (tmp_path / "out").exists()


def test_a_notebook_without_checks_fails(tmp_path):
    code = "from gan_repro.theory.checks import Checks\nChecks('source').require()"
    write_notebook(tmp_path / "source.ipynb", code)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "no checks were recorded" in done.stderr


@pytest.mark.parametrize("missing", ["nowhere.ipynb"])
def test_a_missing_notebook_is_an_error(tmp_path, missing):
    done = run(tmp_path)
    assert done.returncode != 0
    assert "source.ipynb" in done.stderr

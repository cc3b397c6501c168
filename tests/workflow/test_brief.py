"""What `make demo` prints of a workflow: progress in a few lines, an error in all of them."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "workflow/scripts/brief.py"
JOBS = [
    line
    for number in range(1, 101)
    for line in (
        f"Job {number}: Training net {number} (progress: logs/{number}.log)",
        f"Finished jobid: {number} (Rule: train)",
        f"{number} of 100 steps ({number}%) done",
    )
]


def brief(lines: list[str], **environment: str) -> list[str]:
    """Pipe lines through the script; return what it prints."""
    done = subprocess.run(
        [sys.executable, SCRIPT],
        input="\n".join(lines).encode(),
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8")).splitlines()


def test_a_hundred_jobs_are_twenty_lines_and_the_last_is_the_last_job():
    printed = brief(["Building DAG of jobs...", *JOBS])
    assert len(printed) == 20
    assert printed[0] == "  5 of 100 jobs done: Training net 5"
    assert printed[-1] == "100 of 100 jobs done: Training net 100"


def test_from_the_first_error_on_nothing_is_left_out():
    error = ["Error in rule train:", "    jobid: 7", "", "Finished jobid: 8 (Rule: train)"]
    assert brief([*JOBS[:21], *error])[-4:] == error


def test_a_workflow_with_nothing_to_do_says_so():
    assert brief(["Nothing to be done (all requested files are present and up to date)."]) == [
        "Everything is there already."
    ]


def test_what_the_output_cannot_show_ends_nothing():
    printed = brief(["Job 1: Selecting σ", "1 of 1 steps (100%) done"], PYTHONIOENCODING="ascii")
    assert len(printed) == 1
    assert printed[0].startswith("1 of 1 jobs done: Selecting ?")

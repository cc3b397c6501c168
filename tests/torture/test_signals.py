"""Signals, full disks and two trainings in one folder: one line each, and nothing is lost."""

import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from children import fork, results, short, signal_once_there, train_here

from gan_repro.config.process import raise_on_signals
from gan_repro.errors import UserError
from gan_repro.files import atomic_path, sha256, write_text
from gan_repro.training.runs import RunFolder

LONG = short("digits_authors", epochs=16)
NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def interrupted(digits, folder, number) -> None:
    """Train as the command line does, with no checkpoint due, until a signal comes."""
    # Whoever runs the tests behind nohup or in the background ignores some of them.
    signal.signal(number, signal.SIG_DFL)
    raise_on_signals()
    signal_once_there(RunFolder(folder).metrics, number)
    train_here("digits_authors", digits, folder, seconds=1000, experiment=LONG)


@pytest.fixture(scope="module")
def unbroken(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    train_here("digits_authors", digits, folder, seconds=1000, experiment=LONG)
    return results(folder)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_saves_a_checkpoint_says_so_and_ends_with_its_number(
    number, digits, unbroken, tmp_path, capfd
):
    run = RunFolder(tmp_path)
    child = fork(partial(interrupted, digits, tmp_path, number))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    (line,) = capfd.readouterr().err.splitlines()
    assert status == 128 + number, line
    assert line.startswith(f"{signal.Signals(number).name}: saved in epoch ")
    assert str(run.checkpoint) in line
    train_here("digits_authors", digits, tmp_path, seconds=1000, experiment=LONG)
    assert results(tmp_path) == unbroken


def test_the_command_line_ends_on_a_signal_with_one_line(digits, tmp_path):
    command = [sys.executable, "-m", "gan_repro", "train", "digits_authors", "--out", tmp_path]
    process = subprocess.Popen(
        [*command, "--data", digits, "--device", "cpu"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while "peak memory" not in process.stdout.readline():
        pass
    process.terminate()
    _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM, errors
    (line,) = errors.splitlines()
    assert line.startswith("gan-repro: SIGTERM: ")
    assert "run the same command to go on" in line


def test_the_second_training_in_a_folder_is_refused_until_the_first_has_ended(digits, tmp_path):
    work = partial(train_here, "digits_authors", digits, tmp_path / "run")

    def stopped() -> None:
        signal_once_there(tmp_path / "run/checkpoint.safetensors", signal.SIGSTOP)
        work()

    child = fork(stopped)
    os.waitpid(child, os.WUNTRACED)
    with pytest.raises(UserError, match=rf"in use by process {child} on .*--out"):
        work()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    work()


def test_what_a_kill_left_behind_is_swept_and_what_is_being_written_is_not(tmp_path):
    target = tmp_path / "model[1].safetensors"
    ready, done = os.pipe()

    def half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            os.write(done, b"x")
            time.sleep(60)

    child = fork(half)
    os.read(ready, 1)
    with atomic_path(target) as temporary:
        temporary.write_text("whole")
        assert len(list(tmp_path.glob(".model*.tmp"))) == 2
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list(tmp_path.glob(".model*.tmp"))) == 1
    write_text(target, "after")
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def limited(digits, folder) -> None:
    """Train where no file may grow beyond 100 kB, which the checkpoint does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    train_here("digits_authors", digits, folder)


def test_a_full_disk_is_one_line_and_the_last_good_checkpoint_stays(digits, tmp_path, capfd):
    child = fork(partial(train_here, "digits_authors", digits, tmp_path))
    good = RunFolder(tmp_path).checkpoint
    while not good.exists():
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    before = sha256(good)
    capfd.readouterr()
    child = fork(partial(limited, digits, tmp_path))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"cannot write {good}: ")
    assert "free some space" in line
    assert sha256(good) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("megabytes", [1, 3, 6])
def test_a_small_disk_is_one_line(digits, tmp_path, capfd, megabytes):
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", tmp_path]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        child = fork(partial(train_here, "digits_authors", digits, tmp_path / "run"))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        lines = capfd.readouterr().err.splitlines()
        assert (status, len(lines)) in ((0, 0), (2, 1)), lines
        assert status == 0 or "cannot write" in lines[0]
        assert not list((tmp_path / "run").glob(".*.tmp"))
    finally:
        subprocess.run(["umount", tmp_path], check=True)

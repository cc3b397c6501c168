"""A training killed anywhere, again and again, ends with the bytes of an unbroken one."""

import os
import signal
import time
from functools import partial

import pytest
from children import MODELS, fork, results, scaled, train_here

KILLS = scaled(2, 12)


@pytest.mark.parametrize("name", MODELS)
def test_a_killed_training_ends_with_the_same_bytes(name, digits, tmp_path, chance, say):
    start = time.monotonic()
    train_here(name, digits, tmp_path / "unbroken")
    length, kills, attempts = time.monotonic() - start, 0, 0
    broken = partial(train_here, name, digits, tmp_path / "broken")
    while kills < KILLS:
        child = fork(broken)
        time.sleep(chance.uniform(0, length / 3))
        os.kill(child, signal.SIGKILL)
        kills += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        attempts += 1
        # Shorter ones, once the training has ended before a kill.
        length = length if kills == attempts else length / 2
    broken()
    assert results(tmp_path / "broken") == results(tmp_path / "unbroken")
    left = {path.name for path in (tmp_path / "broken").iterdir()}
    assert left == {path.name for path in (tmp_path / "unbroken").iterdir()}
    say(f"{name}: {kills} kills of a training, the same bytes")

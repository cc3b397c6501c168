"""Devices: names that are none, and one job on each of several."""

import os
import signal
import time

import pytest

from gan_repro.errors import UserError
from gan_repro.training.devices import prepare_device, take_free


@pytest.mark.parametrize("name", ["gpu", "meta", "cpu:0", "mps", "cuda:-1", "", "cuda:1; touch x"])
def test_what_is_no_device_is_one_line(name):
    with pytest.raises(UserError, match="is none; say cpu, cuda"):
        prepare_device(name)


def test_each_process_takes_a_free_device_and_a_killed_one_gives_it_back(tmp_path):
    children = []
    for number in range(2):
        child = os.fork()
        if not child:
            (tmp_path / f"taken {number}").write_text(str(take_free(["a", "b", "c"], tmp_path)))
            time.sleep(60)
            os._exit(0)
        while not (tmp_path / f"taken {number}").exists():
            time.sleep(0.01)
        children.append(child)
    time.sleep(0.05)
    assert [(tmp_path / f"taken {number}").read_text() for number in range(2)] == ["0", "1"]
    assert take_free(["a", "b", "c"], tmp_path) == 2
    os.kill(children[0], signal.SIGKILL)
    os.waitpid(children[0], 0)
    assert take_free(["a", "b", "c"], tmp_path) == 0
    os.kill(children[1], signal.SIGKILL)
    os.waitpid(children[1], 0)

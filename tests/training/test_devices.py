"""Devices: names that are none, and one job on each of several."""

import os
import signal
import subprocess
import sys
import time

import pytest

from gan_repro.config.memory import keep_memory
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


STEPS_WITH_FAULTS = """
import resource, torch
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.devices import prepare_device

prepare_device("cpu", threads=1)
images = torch.rand(100, 784)
spec = load_experiment("mnist_dbn")[1].model
learner = system(spec.kind).learner(spec, images, 0)
faults = []
for step in range(15):
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    learner.step((images,), step, 1)
print((faults[-1] - faults[4]) / 10)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_step_takes_the_memory_again_that_the_one_before_has_freed():
    """Counted in page faults of a fresh process: two thousand per step where it is given back."""
    if not keep_memory():
        pytest.skip("another C library than glibc")
    done = subprocess.run(
        [sys.executable, "-c", STEPS_WITH_FAULTS], check=True, capture_output=True, text=True
    )
    assert float(done.stdout) < 500

"""GPUs are counted without torch, and claimed only where there is one to have."""

import pytest

from gan_repro.config import machine
from gan_repro.config.machine import count_gpus, gpus_of_a_job


@pytest.fixture
def devices(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name in ("null", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    return tmp_path


def test_gpus_are_counted_by_their_devices(devices):
    assert count_gpus(devices) == 0
    for number in range(3):
        (devices / f"nvidia{number}").touch()
    assert count_gpus(devices) == 3


@pytest.mark.parametrize(("visible", "count"), [("", 0), ("-1", 0), ("0", 1), ("0,2", 2)])
def test_what_is_hidden_from_cuda_is_not_counted(devices, monkeypatch, visible, count):
    (devices / "nvidia0").touch()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert count_gpus(devices) == count


@pytest.mark.parametrize(
    ("device", "there", "claimed"),
    [
        ("auto", 0, 0),
        ("auto", 1, 1),
        ("auto", 4, 1),
        ("cpu", 4, 0),
        ("cuda", 0, 1),
        ("cuda:1", 2, 1),
    ],
)
def test_a_job_claims_a_gpu_that_is_there_or_asked_for(monkeypatch, device, there, claimed):
    monkeypatch.setattr(machine, "count_gpus", lambda: there)
    assert gpus_of_a_job(device) == claimed

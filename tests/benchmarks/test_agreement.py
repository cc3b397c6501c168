"""Whether a device is told from one that errs: rounding is not a mistake, and a mistake is."""

import pytest
import torch
from pretend_gpu import pretend_gpu

from benchmarks import agreement, gpu_speed
from benchmarks.agreement import SameDraws, compare_devices, compare_graph, failed, times_worse
from benchmarks.gpu import REHEARSAL, agreements
from benchmarks.parameters import TINY
from gan_repro.training.steps import GraphSteps

# Of a product in float32, and of one whose factors were cut to TensorFloat-32's ten bits.
FLOAT32, TENSOR_FLOAT = 2e-7, 5e-4


def rounding(size: float):
    """Return what changes a product by so much, relative to itself and at random."""
    rng = torch.Generator().manual_seed(1)
    return lambda found: found.mul_(1 + size * torch.randn(found.shape, generator=rng).to(found))


def test_the_same_draws_reach_every_precision():
    with SameDraws():
        first = torch.empty(5).uniform_()
    with SameDraws():
        second = torch.empty(5, dtype=torch.float64).uniform_()
    assert torch.equal(first.double(), second)


# A GSN and a DBN draw units, some of which fall the other way; Adam divides by a small gradient's
# size, which is rounding where the gradient is.
@pytest.mark.parametrize("name", ["digits_authors", "digits_gsn", "digits_dbn", "digits_vae"])
def test_a_device_that_rounds_otherwise_agrees_and_one_that_rounds_more_does_not(name, monkeypatch):
    monkeypatch.setattr(agreement, "STEPS", 6)
    for size, holds in ((FLOAT32, True), (TENSOR_FLOAT, False)):
        with pretend_gpu(rounding(size)):
            found = compare_devices(name, "cuda")
        assert found.holds == holds, found


@pytest.mark.parametrize("factor", [1.01, float("nan"), 0.0])
@pytest.mark.parametrize("place", [0, -1])
def test_one_tensor_that_is_updated_wrongly_is_found(monkeypatch, factor, place):
    original = agreement.Stepper.update

    def update(self, state, step):
        found = original(self, state, step)
        if self.images.is_cuda:
            found[[*found][place]] *= factor
        return found

    monkeypatch.setattr(agreement, "STEPS", 3)
    monkeypatch.setattr(agreement.Stepper, "update", update)
    with pretend_gpu():
        assert not compare_devices("digits_authors", "cuda").holds


def test_what_should_not_change_and_does_is_found():
    still, moved = {"a": torch.zeros(3)}, {"a": torch.ones(3)}
    assert times_worse(moved, still, still) == float("inf")
    assert times_worse(still, still, still) == 0


def test_a_step_that_asks_the_host_is_another_one_when_replayed(monkeypatch):
    with pretend_gpu():
        assert compare_graph("digits_authors", "cuda").holds
    original, calls = GraphSteps._step, []

    def counting(self, count):
        calls.append(count)
        self.sums.add_(float(len(calls)))
        original(self, count)

    monkeypatch.setattr(GraphSteps, "_step", counting)
    with pretend_gpu():
        assert not compare_graph("digits_authors", "cuda").holds


def test_every_check_and_every_speed_of_the_gpu_programme_comes_to_an_end(monkeypatch):
    monkeypatch.setattr(gpu_speed, "STRETCH", 2)
    programme = REHEARSAL._replace(device="cuda")
    with pretend_gpu():
        found = list(agreements(programme))
        paces = list(
            gpu_speed.speeds(list(programme.speed), programme.joint, 2, torch.device("cuda"), TINY)
        )
    assert [row.experiment for row in found] == ["digits_authors"] * 2 + ["digits_gsn"] * 2
    assert all(row.holds for row in found), found
    assert {(pace.steps, pace.seeds) for pace in paces} == {
        (kind, seeds) for kind in ("eager", "device", "graph") for seeds in (1, 2)
    }
    assert not any(pace.error for pace in paces), paces


def test_a_comparison_that_ends_in_an_error_does_not_hold():
    assert not failed("a", compare_devices, RuntimeError("no such thing\nmore")).holds

"""Hours are the time of real steps, added up: with a clock that the steps themselves turn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gan_repro.config.experiments import known_experiments
from gan_repro.experiments import speed
from gan_repro.experiments.cost import data_size, estimate
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.kinds import KINDS
from gan_repro.experiments.speed import Hours, measure

CPU = torch.device("cpu")
# No data lies there: sizes are the catalogue's.
NOWHERE = Path("nowhere")


class Clock:
    """Time that passes only while somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(speed, "time", clock)
    return clock


def slowed(monkeypatch, clock, step, draw=0.0, window=0.0):
    """Make every step, draw and window take so many seconds of the clock."""
    real = speed.system

    class Slow:
        def __init__(self, spec, images, seed):
            self.learner = real(spec.kind).learner(spec, images, seed)
            self.batches_per_step = self.learner.batches_per_step

        def step(self, batches, number, epoch):
            clock.now += step(epoch)
            return self.learner.step(batches, number, epoch)

        def sample(self, count, seed):
            clock.now += draw * count
            return np.zeros((count, 64), np.float32)

    def likelihoods(points, samples, sigmas, device):
        clock.now += window * len(samples)

    monkeypatch.setattr(speed, "system", lambda kind: type("S", (), {"learner": Slow}))
    monkeypatch.setattr(speed, "log_likelihoods", likelihoods)


def test_steps_and_validations_add_up(clock, monkeypatch):
    experiment = load_experiment("digits_authors")[1]
    assert (experiment.plan.epochs, experiment.plan.validate_every) == (120, 20)
    slowed(monkeypatch, clock, lambda epoch: 0.01, draw=0.001, window=0.002)
    found = measure(experiment, 1_000, 64, CPU, seconds=0.1)
    steps, validations = 120 * 10 * 0.01, 6 * 2_000 * 0.003
    assert found.low == pytest.approx((steps + validations) / 3600)
    assert found.low == pytest.approx(found.high)


def test_k_minibatches_are_one_step(clock, monkeypatch):
    experiment = load_experiment("digits_algorithm1")[1]
    recipe = experiment.model.recipe.model_copy(update={"discriminator_steps": 5})
    model = experiment.model.model_copy(update={"recipe": recipe})
    slowed(monkeypatch, clock, lambda epoch: 0.01)
    longer = experiment.model_copy(update={"model": model})
    found = measure(longer, 1_000, 64, CPU, seconds=0.1)
    assert found.low == pytest.approx(120 * 2 * 0.01 / 3600)


def test_each_layer_of_a_stack_has_its_own_pace(clock, monkeypatch):
    experiment = load_experiment("digits_dbn")[1]
    slowed(monkeypatch, clock, lambda epoch: 0.01 if epoch <= 100 else 0.03)
    found = measure(experiment, 1_000, 64, CPU, seconds=0.1)
    assert found.low == pytest.approx(100 * 10 * (0.01 + 0.03) / 3600)


def test_a_machine_that_wavers_gives_a_range(clock, monkeypatch):
    experiment = load_experiment("digits_authors")[1]
    speeds = iter([0.01] * 3 + [0.02] * 1_000)
    slowed(monkeypatch, clock, lambda epoch: next(speeds))
    found = measure(experiment, 1_000, 64, CPU, seconds=0.06)
    assert found.high == pytest.approx(2 * found.low)


@pytest.mark.parametrize(
    ("hours", "text"),
    [((0.01, 0.02), "0.6 to 1.2 minutes"), ((8.5, 9.25), "8.5 to 9.2 hours")],
)
def test_hours_are_said_with_their_range(hours, text):
    assert str(Hours(*hours)) == text


def flop(name: str) -> float:
    experiment = load_experiment(name)[1]
    return estimate(experiment, *data_size(experiment.dataset, NOWHERE)).flop_per_image


def cheapest(kind: str) -> str:
    names = (name for name in known_experiments() if load_experiment(name)[1].model.kind == kind)
    return min(names, key=flop)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_can_be_timed(kind):
    experiment = load_experiment(cheapest(kind))[1]
    images, pixels = data_size(experiment.dataset, NOWHERE)
    found = measure(experiment, images, pixels, CPU, seconds=0.001)
    assert 0 < found.low <= found.high

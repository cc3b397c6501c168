"""Schedules at the steps where the authors' values are known, and the update by hand."""

import pytest
import torch

from gan_repro.adversarial.recipe import LearningRate, Momentum
from gan_repro.training.updates import MomentumDescent

DECAY = {"decay": 1.000004, "minimum": 1e-6}
AUTHORS = Momentum(initial=0.5, final=0.7, saturate=250)


@pytest.mark.parametrize(
    ("initial", "step", "expected"),
    [
        (0.1, 0, 0.1),
        (0.1, 250 * 500, 0.0607),  # MNIST after 250 epochs
        (0.05, 50 * 981, 0.0411),  # TFD, end of stage 1
        (0.05, 22 * 981, 0.0459),  # TFD, end of stage 2
        (0.1, 10**9, 1e-6),
    ],
)
def test_learning_rate_decays_every_minibatch(initial, step, expected):
    assert LearningRate(initial=initial, **DECAY).at(step) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [(1, 0.5), (22, 0.517), (50, 0.539), (250, 0.7), (1_000, 0.7)],
)
def test_momentum_grows_linearly_to_epoch_250(epoch, expected):
    assert AUTHORS.at(epoch) == pytest.approx(expected, abs=5e-4)


def test_constant_schedules():
    assert Momentum(initial=0.3, final=0.3).at(1) == 0.3
    assert LearningRate(initial=0.2).at(10**6) == 0.2


def test_the_update_keeps_the_learning_rate_inside_the_velocity():
    parameter = torch.tensor([1.0, -2.0], dtype=torch.float64)
    descent = MomentumDescent([parameter])
    velocity, expected = torch.zeros(2, dtype=torch.float64), parameter.clone()
    for rate, momentum in ((0.1, 0.5), (0.05, 0.6), (0.01, 0.7)):
        gradient = 3 * expected
        velocity = momentum * velocity - rate * gradient
        expected = expected + velocity
        descent.step([3 * parameter], rate, momentum)
    torch.testing.assert_close(parameter, expected, rtol=1e-15, atol=0)


def test_with_a_constant_rate_the_rule_is_classical_momentum():
    mine, theirs = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=0.9)
    descent = MomentumDescent([mine])
    for _ in range(5):
        optimizer.zero_grad()
        theirs.square().sum().backward()
        optimizer.step()
        descent.step([2 * mine.detach()], 0.1, 0.9)
    torch.testing.assert_close(mine, theirs)

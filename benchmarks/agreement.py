"""Whether a device computes what a CPU computes, from the same draws, and a graph what it captured.

Devices have random generators of their own, so draws are made on the CPU in float32 and copied to
wherever they are wanted. What is left between two devices is rounding: the errors of both are
measured against the same steps in float64.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.steps import learner_of
from gan_repro.experiments.experiment import load_experiment
from gan_repro.training.checkpoint import Position
from gan_repro.training.model import DeviceLearner
from gan_repro.training.steps import DeviceSteps, GraphSteps

aten = torch.ops.aten
IN_PLACE = {aten.uniform_.default, aten.normal_.default, aten.bernoulli_.float}
# Rounding that a device may add to a CPU's own.
FACTOR, FLOOR = 10.0, 1e-6
GRAPH = "a graph with its steps"
STEPS, BATCH, ROWS = 20, 16, 102


class SameDraws(TorchDispatchMode):
    """Random numbers of one CPU generator, in float32, whatever device and precision wants them."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.rng = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func in IN_PLACE:
            drawn = torch.empty(args[0].shape)
            func(drawn, *args[1:], **{**(kwargs or {}), "generator": self.rng})
            return args[0].copy_(drawn)
        return func(*args, **(kwargs or {}))


class Agreement(NamedTuple):
    """What was compared, and how far apart it was.

    Attributes:
        experiment: whose steps were taken.
        compared: with what.
        error: largest difference of a weight, relative to the largest weight.
        allowed: the largest that is no sign of a mistake.
        holds: whether it is below.
    """

    experiment: str
    compared: str
    error: float
    allowed: float
    holds: bool


def images_of(name: str) -> Tensor:
    """Return (102, pixels) random images for an experiment, on the CPU."""
    pixels = {"digits": 64, "mnist": 784, "patches": 3072, "cifar10": 3072}[name.split("_")[0]]
    return torch.rand(ROWS, pixels, generator=torch.Generator().manual_seed(3))


def weights_after(name: str, device: str, double: bool = False) -> Tensor:
    """Return every weight after some steps from the same draws, as one float64 vector."""
    images = images_of(name).to(device)
    learner = learner_of(load_experiment(name)[1], images)
    if double:
        images = images.double()
        _make_double(learner)
    with SameDraws():
        for step in range(STEPS):
            first = (step * BATCH) % (ROWS - BATCH)
            batch = images[first : first + BATCH]
            learner.step((batch,) * learner.batches_per_step, step, 1)
    weights = [t for t in learner.tensors().values() if t.is_floating_point()]
    return torch.cat([tensor.detach().flatten().double().cpu() for tensor in weights])


def _make_double(learner: DeviceLearner) -> None:
    for player in (learner.game.generator, learner.game.discriminator):
        player.network.double()
        player.optimizer.velocities = [v.double() for v in player.optimizer.velocities]


def compare_devices(name: str, device: str) -> Agreement:
    """Return how far a device's first steps are from a CPU's, or both from float64's."""
    cpu, found = weights_after(name, "cpu"), weights_after(name, device)
    largest = cpu.abs().max()
    if hasattr(learner_of(load_experiment(name)[1], images_of(name)), "game"):
        exact = weights_after(name, "cpu", double=True)
        own = float((cpu - exact).abs().max() / largest)
        error, against = float((found - exact).abs().max() / largest), "float64"
    else:
        own, error, against = 0.0, float((found - cpu).abs().max() / largest), "the CPU"
    allowed = max(FACTOR * own, 10 * FLOOR)
    return Agreement(name, f"{device} with {against}", error, allowed, error <= allowed)


def compare_graph(name: str, device: str) -> Agreement:
    """Return whether a replayed graph gives the bits of the steps that it captured."""
    found = []
    for kind in (DeviceSteps, GraphSteps):
        images = images_of(name).to(device)
        learner = learner_of(load_experiment(name)[1], images)
        sums = torch.zeros(len(learner.metrics), dtype=torch.float64, device=device)
        steps, at = kind(learner, images, sums, BATCH), Position()
        for epoch in range(1, 8):
            at.epoch, at.row = epoch, 0
            steps.begin([torch.arange(ROWS)], at)
            while at.row < ROWS:
                at.row += steps.take(at)
                at.step += 1
        found.append([*learner.tensors().values(), sums])
    same = all(torch.equal(a, b) for a, b in zip(*found, strict=True))
    return Agreement(name, GRAPH, 0.0 if same else 1.0, 0.0, same)


def failed(name: str, comparison: Callable, error: Exception) -> Agreement:
    """Return the row of a comparison that ended in an error, which does not hold."""
    what = GRAPH if comparison is compare_graph else "a device"
    message = f"{what}: {str(error).splitlines()[0][:200]}"
    return Agreement(name, message, float("nan"), 0.0, False)

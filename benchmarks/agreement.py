"""Whether a device computes what a CPU computes, from the same draws, and a graph what it captured.

Devices have random generators of their own, so draws are made on the CPU in float32 and copied to
wherever they are wanted. What is left between two devices is rounding: the updates of both are
measured against the same steps in float64, each step from the same weights. The median over steps
counts: a unit that is drawn with probability p falls the other way now and then, where p is rounded
otherwise, and that step's update is another one on a device that errs in nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.steps import learner_of
from gan_repro.experiments.experiment import load_experiment
from gan_repro.training.checkpoint import Position
from gan_repro.training.steps import DeviceSteps, GraphSteps

aten = torch.ops.aten
IN_PLACE = {aten.uniform_.default, aten.normal_.default, aten.bernoulli_.float}
# How many times a CPU's own error a device may have, and what is no error of either.
FACTOR, NOTHING = 10.0, 1e-6
GRAPH = "a graph with its steps"
STEPS, BATCH, ROWS = 20, 16, 102


class SameDraws(TorchDispatchMode):
    """Random numbers of one CPU generator, in float32, whatever device and precision wants them."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.rng = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func in IN_PLACE:
            drawn = torch.empty(args[0].shape, dtype=torch.float32)
            func(drawn, *args[1:], **{**(kwargs or {}), "generator": self.rng})
            return args[0].copy_(drawn)
        return func(*args, **(kwargs or {}))


class Agreement(NamedTuple):
    """What was compared, and how far apart it was.

    Attributes:
        experiment: whose steps were taken.
        compared: with what.
        error: of its updates, in units of a CPU's own.
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


class Stepper:
    """A learner that takes single steps from states it is given.

    Args:
        name: of the experiment.
        device: where.
        dtype: in which precision.
    """

    def __init__(self, name: str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> None:
        self.images = images_of(name).to(device, dtype)
        with default_dtype(dtype):
            self.learner = learner_of(load_experiment(name)[1], self.images)
        self.dtype = dtype

    def state(self) -> dict[str, Tensor]:
        """Return a copy of every tensor that learning changes, on the CPU in float64."""
        tensors = self.learner.tensors().items()
        whole = {"device": "cpu", "dtype": torch.float64, "copy": True}
        return {name: tensor.detach().to(**whole) for name, tensor in tensors}

    def update(self, state: Mapping[str, Tensor], step: int) -> dict[str, Tensor]:
        """Take a step from a state; return what it adds, on the CPU in float64."""
        with torch.no_grad():
            for name, tensor in self.learner.tensors().items():
                tensor.copy_(state[name])
        first = (step * BATCH) % (ROWS - BATCH)
        batch = self.images[first : first + BATCH]
        with default_dtype(self.dtype), SameDraws(step):
            self.learner.step((batch,) * self.learner.batches_per_step, step, 1)
        return {name: tensor - state[name] for name, tensor in self.state().items()}


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Make new tensors of a precision within a block."""
    usual = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(usual)


def times_worse(
    found: Mapping[str, Tensor], usual: Mapping[str, Tensor], exact: Mapping[str, Tensor]
) -> float:
    """Return how many times as far as the usual update another is from the exact one.

    That is ‖found − exact‖ / ‖usual − exact‖ of the tensor where it is largest; what is closer to
    an update than `NOTHING` of its length counts as that far from it. NaN anywhere makes it NaN.
    """
    errors = torch.stack([(found[name] - e).norm() for name, e in exact.items()])
    own = torch.stack(
        [torch.maximum((usual[name] - e).norm(), NOTHING * e.norm()) for name, e in exact.items()]
    )
    return float(torch.where(errors == 0, errors, errors / own).max())


def compare_devices(name: str, device: str) -> Agreement:
    """Return how far a device's first steps are from float64's, as multiples of a CPU's error."""
    cpu, other = Stepper(name), Stepper(name, device)
    double = Stepper(name, dtype=torch.float64)
    found = []
    for step in range(STEPS):
        state = cpu.state()
        exact, given = double.update(state, step), other.update(state, step)
        found.append(times_worse(given, cpu.update(state, step), exact))
    # Of PyTorch, whose median of anything with a NaN is NaN: that does not hold.
    error = float(torch.tensor(found).median())
    return Agreement(name, f"{device} with float64", error, FACTOR, error <= FACTOR)


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

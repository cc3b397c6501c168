"""Steps taken on the device alone: the same steps, and nothing in them that asks the host."""

import contextlib
import copy

import pytest
import torch
from harness import IMAGES, Killed, Silent, finish, make_training, score
from pretend_gpu import pretend_gpu
from pretend_graph import asks_host
from torch.utils._python_dispatch import TorchDispatchMode

from gan_repro.errors import UserError
from gan_repro.experiments.experiment import load_experiment
from gan_repro.experiments.systems import system
from gan_repro.training.adam import AdamDescent
from gan_repro.training.checkpoint import Checkpoint, Position
from gan_repro.training.loop import Training
from gan_repro.training.plan import Plan
from gan_repro.training.runs import RunFolder
from gan_repro.training.steps import DeviceSteps, GraphSteps, HostSteps, choose_steps

EXPERIMENTS = [
    "digits_authors",
    "digits_algorithm1",
    "digits_conditional",
    "digits_completion",
    "digits_gsn",
    "digits_cae",
    "digits_dbn",
    "mnist_dbn_pcd",
    "digits_vae",
    "patches_conv",
]
ROWS = 102


class Recorded(TorchDispatchMode):
    """Keeps the name of every operation, and raises at one that reads on the host if forbidden."""

    def __init__(self, forbid: bool = True) -> None:
        super().__init__()
        self.forbid, self.names, self.reads = forbid, [], 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(str(func))
        if asks_host(func, args):
            self.reads += 1
            if self.forbid:
                raise AssertionError(f"{func} reads from the device")
        return func(*args, **(kwargs or {}))


def images_of(name: str) -> torch.Tensor:
    """Random training rows of an experiment: pixels, and one-hot labels where it needs them."""
    spec = load_experiment(name)[1].model
    pixels = {"patches_conv": 3072, "mnist_dbn_pcd": 784}.get(name, 64)
    rng = torch.Generator().manual_seed(3)
    rows = torch.rand(ROWS, pixels, generator=rng)
    if not spec.label_values:
        return rows
    classes = torch.randint(10, (ROWS,), generator=rng)
    return torch.cat([rows, torch.nn.functional.one_hot(classes, 10).float()], dim=1)


def made(name: str, images: torch.Tensor, seed: int = 0):
    spec = load_experiment(name)[1].model
    learner = system(spec.kind).learner(spec, images, seed)
    if name == "digits_vae":
        # As on a GPU, where it may not read its counter.
        learner.optimizer.reads_steps = False
    return learner


def taken(kind, name: str, epochs: tuple[int, ...] = (1, 2), row: int = 0):
    """Take the steps of some epochs; return the learner, the sums of its metrics, the position."""
    images = images_of(name)
    learner = made(name, images)
    sums = torch.zeros(len(learner.metrics), dtype=torch.float64)
    steps, at = kind(learner, images, sums, 16), Position()
    for epoch in epochs:
        at.epoch, at.row = epoch, row
        order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(epoch))
        steps.begin([order.int()], at)
        while at.row < ROWS:
            at.row += steps.take(at)
            at.step += 1
    return learner, sums, at


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_step_on_the_device_is_the_step_from_the_host(name):
    (host, host_sums, _), (device, device_sums, _) = (
        taken(kind, name) for kind in (HostSteps, DeviceSteps)
    )
    torch.testing.assert_close(device_sums, host_sums, rtol=1e-5, atol=1e-6)
    for key, tensor in host.tensors().items():
        torch.testing.assert_close(device.tensors()[key], tensor, rtol=1e-5, atol=1e-7)
    for key, rng in host.rngs().items():
        assert torch.equal(device.rngs()[key].get_state(), rng.get_state())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_step_on_the_device_reads_nothing_back(name):
    images = images_of(name)
    learner = made(name, images)
    sums = torch.zeros(len(learner.metrics), dtype=torch.float64)
    for epoch in {first for first, _ in learner.spec.stages(120)}:
        steps, at = DeviceSteps(learner, images, sums, 16), Position(epoch=epoch)
        steps.begin([torch.arange(ROWS)], at)
        with Recorded():
            while at.row < ROWS:
                at.row += steps.take(at)


def test_what_reads_back_is_found():
    with Recorded(), pytest.raises(AssertionError, match="_local_scalar_dense"):
        torch.ones(1).item()
    chosen = torch.tensor([True, False, True])
    with Recorded(), pytest.raises(AssertionError, match="aten.index"):
        torch.ones(3)[chosen]


@pytest.mark.parametrize("name", ["digits_authors", "digits_gsn", "digits_cae"])
def test_every_step_of_a_kind_is_the_same_operations(name):
    """A graph replays what it captured: no step may choose other operations than another."""
    images = images_of(name)
    learner = made(name, images)
    steps = DeviceSteps(learner, images, torch.zeros(len(learner.metrics), dtype=torch.float64), 16)
    at, kinds = Position(), []
    steps.begin([torch.randperm(ROWS)], at)
    for _ in range(4):
        with Recorded() as recorded:
            at.row += steps.take(at)
        kinds.append(recorded.names)
    assert kinds[0] == kinds[1] == kinds[2] == kinds[3]
    assert len(kinds[0]) > 10


def test_an_epoch_that_goes_on_in_its_middle_takes_the_steps_that_are_left():
    images = images_of("digits_authors")
    learner = made("digits_authors", images)
    seen = []
    learner.play = lambda batches, phase, rates: (
        seen.append((batches[0], [float(rate) for rate in rates])) or torch.zeros(4)
    )
    steps = DeviceSteps(learner, images, torch.zeros(4, dtype=torch.float64), 16)
    at = Position(epoch=3, row=32, step=12)
    order = torch.randperm(ROWS)
    steps.begin([order], at)
    while at.row < ROWS:
        at.row += steps.take(at)
    batches = [batch for batch, _ in seen]
    torch.testing.assert_close(torch.cat(batches), images[order[32:]])
    assert [len(batch) for batch in batches] == [16] * 4 + [6]
    expected = [learner.schedule(step, 3) for step in range(12, 17)]
    torch.testing.assert_close(
        torch.tensor([rates for _, rates in seen]), torch.tensor(expected), rtol=1e-6, atol=0
    )


PLAN = Plan(epochs=4, batch_size=16, validate_every=2, validate_samples=20)


def on_device(folder, stop_at=None) -> Training:
    """A training of the demo's networks with steps on the device, killed before a step."""
    spec = load_experiment("digits_authors")[1].model
    learner = system(spec.kind).learner(spec, IMAGES, 5)
    play, count = learner.play, 0

    def counted(*arguments):
        nonlocal count
        count += 1
        if stop_at and count > stop_at:
            raise Killed
        return play(*arguments)

    learner.play = counted
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", {})
    return Training(
        learner, IMAGES, PLAN, 5, RunFolder(folder), checkpoint, score, Silent(), -1.0, "device"
    )


@pytest.mark.parametrize("steps", [[1], [7], [3, 9]])
def test_a_killed_run_of_device_steps_ends_with_the_bytes_of_an_unbroken_one(tmp_path, steps):
    expected = finish(on_device(tmp_path / "unbroken"))
    for count in steps:
        with pytest.raises(Killed):
            on_device(tmp_path / "broken", count).run()
    assert finish(on_device(tmp_path / "broken")) == expected


def test_an_epoch_reads_the_device_as_often_however_many_steps_it_has(tmp_path):
    def reads(batch_size: int) -> int:
        spec = load_experiment("digits_authors")[1].model
        plan = PLAN.model_copy(update={"epochs": 1, "batch_size": batch_size})
        run = make_training(tmp_path / str(batch_size), spec, plan, checkpoint_seconds=1e9)
        run.kind_of_steps = "device"
        with Recorded(forbid=False) as recorded:
            run.run()
        return recorded.reads

    assert reads(70) == reads(7)


def test_the_kind_of_steps_is_chosen_by_device_and_model():
    images = images_of("digits_authors")
    learner = made("digits_authors", images)
    assert choose_steps("auto", learner, images) is HostSteps
    assert choose_steps("device", learner, images) is DeviceSteps
    with pytest.raises(UserError, match="on a GPU only"):
        choose_steps("graph", learner, images)
    with pytest.raises(UserError, match="say auto, eager, device, graph"):
        choose_steps("fast", learner, images)
    with pytest.raises(UserError, match="need all images on the device, and a model made for it"):
        choose_steps("device", object(), images)


@pytest.fixture
def gpu():
    """A GPU, or what stands for one."""
    with contextlib.nullcontext() if torch.cuda.is_available() else pretend_gpu():
        yield torch.device("cuda")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_replayed_graph_is_the_steps_that_it_captured(name, gpu):
    """Bit for bit the same operations on the same random numbers."""
    found = []
    for kind in (DeviceSteps, GraphSteps):
        images = images_of(name).to(gpu)
        learner = made(name, images)
        sums = torch.zeros(len(learner.metrics), dtype=torch.float64, device=gpu)
        steps, at = kind(learner, images, sums, 16), Position()
        for epoch in range(1, 8):
            at.epoch, at.row = epoch, 0
            steps.begin([torch.arange(ROWS)], at)
            while at.row < ROWS:
                at.row += steps.take(at)
                at.step += 1
        states = {key: rng.get_state() for key, rng in learner.rngs().items()}
        found.append((copy.deepcopy(learner.tensors()), sums, states))
    (tensors, sums, states), (replayed, replayed_sums, replayed_states) = found
    assert torch.equal(sums, replayed_sums)
    for key, tensor in tensors.items():
        assert torch.equal(tensor, replayed[key]), key
    for key, state in states.items():
        assert torch.equal(state, replayed_states[key]), key


def test_adam_that_does_not_read_its_counter_takes_the_same_steps():
    rng = torch.Generator().manual_seed(0)
    start = torch.randn(5, 7, generator=rng)
    gradients = [torch.randn(5, 7, generator=rng) for _ in range(9)]
    found = []
    for reads in (True, False):
        parameter = start.clone()
        adam = AdamDescent([parameter], 0.01)
        adam.reads_steps = reads
        for gradient in gradients:
            adam.step([gradient])
        found.append(parameter)
    torch.testing.assert_close(*found, rtol=1e-6, atol=1e-7)
    assert (found[0] - start).abs().max() > 0.01

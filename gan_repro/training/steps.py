"""How a training takes its steps: from the host, or on the device alone, captured as a graph.

A step of a small net is over sooner than a host can launch its hundred kernels one by one. Where
everything that a step needs lies on the device, a CUDA graph launches them all at once.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gan_repro.errors import UserError
from gan_repro.training.checkpoint import Position
from gan_repro.training.model import DeviceLearner, Learner
from gan_repro.training.rows import Images

# Steps of a kind before it is captured: libraries choose algorithms and allocate in the first ones.
WARM_UP = 3


class HostSteps:
    """The reference: the host hands out minibatches and numbers, step by step.

    Args:
        learner: what learns.
        images: (N, d) training images on its device.
        sums: (…, metrics) running sums over an epoch; leading axes are runs that learn together.
        batch_size: images per minibatch.
    """

    name = "eager"

    def __init__(self, learner: Learner, images: Images, sums: Tensor, batch_size: int) -> None:
        self.learner, self.images, self.sums, self.batch_size = learner, images, sums, batch_size
        self.stride = batch_size * learner.batches_per_step

    def begin(self, orders: Sequence[Tensor], at: Position) -> None:
        """Take note of an epoch: the order of images of each run, and where the first one is."""
        # Blocks are looked up on the host.
        place = self.images.device if isinstance(self.images, Tensor) else "cpu"
        self.order = self._joined(orders).to(place)

    def take(self, at: Position) -> int:
        """Take the step at a position; return how many images of an epoch it used."""
        rows = self.order[..., at.row : at.row + self.stride]
        metrics = self.learner.step(self._batches(rows), at.step, at.epoch)
        self.sums.add_(metrics, alpha=rows.shape[-1])
        return rows.shape[-1]

    def _joined(self, orders: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(orders)) if self.sums.dim() > 1 else orders[0]

    def _batches(self, rows: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.images[part] for part in rows.split(self.batch_size, dim=-1))


class DeviceSteps(HostSteps):
    """Steps that read their images' numbers and their schedule on the device, and count there.

    Between the beginning of an epoch and its end the host sends launches and reads nothing.
    """

    name = "device"

    def __init__(
        self, learner: DeviceLearner, images: Tensor, sums: Tensor, batch_size: int
    ) -> None:
        super().__init__(learner, images, sums, batch_size)
        device, count = images.device, len(images)
        self.order = torch.zeros(*sums.shape[:-1], count, dtype=torch.int64, device=device)
        self.window = torch.arange(min(self.stride, count), device=device)
        # Of the epoch: the next step's number, and the numbers of every step.
        self.number = torch.zeros(1, dtype=torch.int64, device=device)
        shape = -(-count // self.stride), len(learner.schedule(0, 1))
        self.rates = torch.zeros(shape, dtype=images.dtype, device=device)
        self.phase = 0

    def begin(self, orders: Sequence[Tensor], at: Position) -> None:
        """Copy an epoch's order of images and schedule to the device."""
        number = at.row // self.stride
        first = at.step - number
        table = [self.learner.schedule(first + n, at.epoch) for n in range(len(self.rates))]
        self.order.copy_(self._joined(orders))
        self.rates.copy_(torch.tensor(table, dtype=self.rates.dtype).view_as(self.rates))
        self.number.fill_(number)
        self.phase = self.learner.phase(at.epoch)

    def take(self, at: Position) -> int:
        """Take the next step; return how many images of an epoch it used."""
        count = min(self.stride, len(self.images) - at.row)
        self._launch(count)
        return count

    def _launch(self, count: int) -> None:
        self._step(count)

    def _step(self, count: int) -> None:
        """Learn from the next ``count`` images; everything here can be captured."""
        rows = self.order.index_select(-1, self.number * self.stride + self.window[:count])
        rates = self.rates.index_select(0, self.number)[0].unbind()
        metrics = self.learner.play(self._batches(rows), self.phase, rates)
        self.sums.add_(metrics, alpha=count)
        self.number.add_(1)


class GraphSteps(DeviceSteps):
    """The same operations in the same order, captured once for each kind of step, then replayed."""

    name = "graph"

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.graphs: dict[tuple[int, int], torch.cuda.CUDAGraph] = {}
        self.warm: Counter[tuple[int, int]] = Counter()
        self.pool = None

    def _launch(self, count: int) -> None:
        kind = self.phase, count
        if kind not in self.graphs:
            if self.warm[kind] < WARM_UP:
                self.warm[kind] += 1
                _aside(lambda: self._step(count))
                return
            self.graphs[kind] = self._capture(count)
        self.graphs[kind].replay()

    def _capture(self, count: int) -> torch.cuda.CUDAGraph:
        """Record a step without taking it; its random numbers go on from where a replay finds them.

        Graphs share their memory: one is replayed at a time, and leaves nothing in it.
        """
        graph = torch.cuda.CUDAGraph()
        # Versions of PyTorch that find the generators by themselves have no such method.
        register = getattr(graph, "register_generator_state", None)
        for rng in self.learner.rngs().values() if register else ():
            register(rng)
        with torch.cuda.graph(graph, pool=self.pool):
            self._step(count)
        self.pool = self.pool or graph.pool()
        return graph


def _aside(work: Callable[[], None]) -> None:
    """Do some work on another stream, as what is to be captured must have been done once."""
    stream, usual = torch.cuda.Stream(), torch.cuda.current_stream()
    stream.wait_stream(usual)
    with torch.cuda.stream(stream):
        work()
    usual.wait_stream(stream)


KINDS = {kind.name: kind for kind in (HostSteps, DeviceSteps, GraphSteps)}


def choose_steps(wanted: str, learner: Learner, images: Images) -> type[HostSteps]:
    """Return the kind of steps of a name; ``auto`` is the quickest one that a device offers.

    Raises:
        UserError: there is no such kind, or neither the device nor the model have it.
    """
    ready = isinstance(learner, DeviceLearner) and isinstance(images, Tensor)
    gpu = images.device.type == "cuda"
    if wanted == "auto":
        return GraphSteps if ready and gpu else HostSteps
    if wanted not in KINDS:
        raise UserError(f"steps '{wanted}' are none; say auto, {', '.join(KINDS)}")
    if wanted == "graph" and not gpu:
        raise UserError("steps are captured as a graph on a GPU only; say --steps eager or auto")
    if wanted != "eager" and not ready:
        raise UserError(
            f"steps '{wanted}' need all images on the device, and a model made for it; "
            "say --steps eager or auto"
        )
    return KINDS[wanted]

"""A GPU that is none: tensors on the CPU that say they are on ``cuda:0``, and its rules for them.

A machine without a GPU cannot show what a GPU computes, but it can show that a program would run
there: every tensor and generator knows which device it belongs to, and what a real GPU refuses is
refused here. That is an operation on tensors of both devices, a generator of the other one, numpy
reading what lies on the GPU, and, since this package asks for determinism, an operation that has no
deterministic implementation there.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest import mock

import torch
from pretend_graph import Capture, PretendGraph, name_of, tensors_of
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)

# What PyTorch's documentation of use_deterministic_algorithms names as raising on CUDA, in any of
# the releases that this package allows; `multinomial` sums probabilities with `cumsum`.
NOT_DETERMINISTIC = {
    "_adaptive_avg_pool2d_backward", "_adaptive_avg_pool3d_backward", "_ctc_loss_backward",
    "adaptive_max_pool2d_backward", "avg_pool3d_backward", "bincount", "cumsum",
    "fractional_max_pool2d_backward", "fractional_max_pool3d_backward", "grid_sampler_2d_backward",
    "grid_sampler_3d_backward", "histc", "kthvalue", "max_pool3d_with_indices_backward",
    "max_unpool2d", "max_unpool3d", "median.dim", "multinomial", "nanmedian.dim",
    "nll_loss2d_forward", "put_", "reflection_pad1d_backward", "reflection_pad2d_backward",
    "reflection_pad3d_backward", "replication_pad1d_backward", "replication_pad2d_backward",
    "replication_pad3d_backward", "scatter_reduce", "upsample_bicubic2d_backward",
    "upsample_bilinear2d_backward", "upsample_linear1d_backward", "upsample_trilinear3d_backward",
}  # fmt: skip
# Of these a GPU takes what lies on either device.
FROM_EITHER = {"copy_", "_to_copy"}
# An index may lie on the CPU, and what it picks from on the GPU; not the other way round.
PICKS = {"index", "index_put", "index_put_", "_unsafe_index"}
PRODUCTS = {"mm", "addmm", "addmm_", "bmm", "baddbmm", "convolution"}
# A number of the CPU is taken along by arithmetic, not by these.
WHOLE_TENSORS = {"cat", "stack", "index_select", "addmm", "mm", "mv", "bmm", "searchsorted"}
NO_COPY = "a copy between devices: operation not permitted when stream is capturing"
READS = (Tensor.numpy, Tensor.__array__)
# These may give back memory that was there before; whatever else names a device makes new memory.
MOVES = (Tensor.to, Tensor.cpu, Tensor.cuda, torch.as_tensor)


class PretendGenerator(torch.Generator):
    """A generator that remembers which device it was made for."""

    def __new__(cls, device: torch.device | str = "cpu") -> "PretendGenerator":
        """Make one on the CPU."""
        made = super().__new__(cls)
        made.place = torch.device(device).type
        return made

    @property
    def device(self) -> torch.device:
        """Return the device that it was made for."""
        return GPU if self.place == "cuda" else CPU


class Residents:
    """The memory that counts as the GPU's; an address is not mistaken for an earlier tenant's."""

    def __init__(self) -> None:
        self.known: dict[int, StorageWeakRef] = {}

    def add(self, tensor: Tensor) -> None:
        """Move a tensor's memory in."""
        storage = tensor.untyped_storage()
        self.known[storage._cdata] = StorageWeakRef(storage)
        if len(self.known) > 10_000:
            self.known = {key: ref for key, ref in self.known.items() if not ref.expired()}

    def put(self, tensor: Tensor, here: bool) -> None:
        """Say whether new memory is the GPU's."""
        if here:
            self.add(tensor)
        else:
            self.known.pop(tensor.untyped_storage()._cdata, None)

    def __contains__(self, tensor: Tensor) -> bool:
        """Return whether a tensor is on the GPU."""
        return tensor.untyped_storage()._cdata in self.known


class Kernels(TorchDispatchMode):
    """Every operation, those of backward passes too: refuses, and says where results lie.

    Args:
        residents: what is on the GPU.
        rounding: changes a product's result as this GPU rounds it.
    """

    def __init__(self, residents: Residents, rounding: Callable[[Tensor], None] | None) -> None:
        super().__init__()
        self.residents, self.rounding = residents, rounding
        self.carrying = False

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None):
        """Compute on the CPU what a GPU would have computed."""
        kwargs = kwargs or {}
        tensors = tensors_of((args, kwargs))
        on_gpu = [tensor in self.residents for tensor in tensors]
        if not self.carrying and any(on_gpu):
            self._check(func, tensors, on_gpu)
        capture = None if self.carrying else Capture.under_way
        if capture:
            capture.prepare(func, args, tensors)
        found = func(*args, **kwargs)
        if capture:
            capture.note(func, args, kwargs, found)
        if any(on_gpu) and not self.carrying:
            self._settle(func, found, on_gpu)
        return found

    def _settle(self, func: Any, found: Any, on_gpu: list[bool]) -> None:
        name = name_of(func)
        if on_gpu[0] or name not in FROM_EITHER:
            for tensor in tensors_of(found):
                self.residents.add(tensor)
        if self.rounding and name in PRODUCTS:
            self.rounding(found)

    def _check(self, func: Any, tensors: list[Tensor], on_gpu: list[bool]) -> None:
        name = name_of(func)
        overload = f"{name}.{func._overloadname}"
        if {name, overload} & NOT_DETERMINISTIC:
            raise RuntimeError(f"{overload} does not have a deterministic implementation on CUDA")
        if Capture.under_way and name in FROM_EITHER and len(set(on_gpu)) > 1:
            raise RuntimeError(NO_COPY)
        if name in FROM_EITHER or (name in PICKS and on_gpu[0]):
            return
        strict = name in WHOLE_TENSORS
        places = list(zip(tensors, on_gpu, strict=True))
        if any(not here and (tensor.dim() or strict) for tensor, here in places):
            where = [(tuple(tensor.shape), "cuda" if here else "cpu") for tensor, here in places]
            raise RuntimeError(f"{name}: expected all tensors to be on the same device: {where}")


class Calls(TorchFunctionMode):
    """Every call from Python: devices that are asked for, and what only the CPU may do."""

    def __init__(self, residents: Residents, kernels: Kernels) -> None:
        super().__init__()
        self.residents, self.kernels = residents, kernels

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None):
        """Answer as PyTorch would for tensors that are where they say."""
        kwargs = dict(kwargs or {})
        if func == Tensor.device.__get__:
            return GPU if args[0] in self.residents else CPU
        if func == Tensor.is_cuda.__get__:
            return args[0] in self.residents
        if func in READS and args[0] in self.residents:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        wanted = self._wanted(func, args, kwargs)
        self._check_generator(func, args, kwargs, wanted)
        if wanted is None:
            return func(*args, **kwargs)
        args, kwargs = tree_map(_on_cpu, args), {k: _on_cpu(v, k) for k, v in kwargs.items()}
        if func in MOVES:
            return self._carried(func(*args, **kwargs), wanted)
        made = func(*args, **kwargs)
        self.residents.put(made, wanted == "cuda")
        return made

    def _wanted(self, func: Any, args: tuple, kwargs: dict) -> str | None:
        """Return the kind of device that a call asks for, if it asks for one."""
        if func == Tensor.cpu:
            return "cpu"
        if func == Tensor.cuda:
            return "cuda"
        asked = kwargs.get("device")
        if func == Tensor.to:
            for argument in args[1:2]:
                if isinstance(argument, Tensor):
                    return "cuda" if argument in self.residents else "cpu"
                if isinstance(argument, str | torch.device):
                    asked = argument
        return None if asked is None else torch.device(asked).type

    def _check_generator(self, func: Any, args: tuple, kwargs: dict, wanted: str | None) -> None:
        rng = kwargs.get("generator")
        if rng is None:
            return
        place = wanted or ("cuda" if any(t in self.residents for t in tensors_of(args)) else "cpu")
        if rng.device.type != place:
            raise RuntimeError(
                f"{func.__name__}: expected a '{place}' generator, but found '{rng.device.type}'"
            )

    def _carried(self, tensor: Tensor, wanted: str) -> Tensor:
        """Return a tensor on the device that is wanted: itself, or a copy."""
        if not isinstance(tensor, Tensor) or (tensor in self.residents) == (wanted == "cuda"):
            return tensor
        if Capture.under_way:
            raise RuntimeError(NO_COPY)
        self.kernels.carrying = True
        try:
            copied = tensor.clone()
        finally:
            self.kernels.carrying = False
        if wanted == "cuda":
            self.residents.add(copied)
        return copied


def _on_cpu(value: Any, name: str = "") -> Any:
    """Return an argument with the device exchanged for the CPU."""
    if isinstance(value, torch.device) or (isinstance(value, str) and value.startswith("cuda")):
        return CPU
    return CPU if name == "device" and value is not None else value


class PretendStream:
    """A stream that is waited for by doing everything at once."""

    def wait_stream(self, other: "PretendStream") -> None:
        """Wait."""


@contextmanager
def pretend_gpu(rounding: Callable[[Tensor], None] | None = None) -> Iterator[None]:
    """Give this process a GPU within a block; see `Kernels`."""
    residents = Residents()
    kernels = Kernels(residents, rounding)
    shims = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "synchronize": lambda device=None: None,
        "get_device_name": lambda device=None: "pretended GPU",
        "CUDAGraph": PretendGraph,
        "graph": Capture,
        "Stream": PretendStream,
        "current_stream": PretendStream,
        "stream": lambda stream: nullcontext(),
    }
    with ExitStack() as stack:
        for name, shim in shims.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, shim))
        stack.enter_context(mock.patch.object(torch, "Generator", PretendGenerator))
        stack.enter_context(kernels)
        stack.enter_context(Calls(residents, kernels))
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(False)

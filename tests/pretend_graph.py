"""CUDA graphs without CUDA: captured without effect, replayed with the host's numbers of then.

What a real capture freezes is frozen here: which operations, on which memory, with which numbers.
Random numbers are drawn anew by each replay. A step that depends on anything else of the host, or
that keeps a result elsewhere than it was captured, is another one when it is replayed.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

# What reads a tensor's values on the host, or makes a shape depend on them; `lift_fresh` makes a
# tensor from numbers of the host.
HOST_READS = {"_local_scalar_dense", "item", "is_nonzero", "nonzero", "masked_select", "equal",
              "_unique2", "_assert_async", "lift_fresh"}  # fmt: skip


def tensors_of(tree: Any) -> list[Tensor]:
    """Return the tensors among arguments or results."""
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def name_of(func: Any) -> str:
    """Return the name of an operation, without its overload."""
    return func._schema.name.removeprefix("aten::")


def asks_host(func: Any, args: tuple) -> bool:
    """Return whether an operation waits for the host, which a capture does not allow."""
    by_mask = name_of(func) == "index" and any(
        index is not None and index.dtype == torch.bool for index in args[1]
    )
    return by_mask or name_of(func) in HOST_READS


class Launch(NamedTuple):
    """An operation of a captured graph, with the very tensors that it read and wrote."""

    func: Any
    args: tuple
    kwargs: dict
    results: Any


class PretendGraph:
    """A CUDA graph: operations recorded once, repeated on the same memory by each replay."""

    def __init__(self) -> None:
        self.launches: list[Launch] = []
        self.registered: list[torch.Generator] = []

    def register_generator_state(self, rng: torch.Generator) -> None:
        """Take note that a generator may be drawn from."""
        self.registered.append(rng)

    def pool(self) -> tuple[int, int]:
        """Return the name of its memory."""
        return (0, id(self))

    @torch.no_grad()
    def replay(self) -> None:
        """Do every operation again and put its results where they were put first."""
        # What was asked for from Python was asked for at the capture.
        with torch._C.DisableTorchFunction():
            for func, args, kwargs, results in self.launches:
                again = func(*args, **kwargs)
                for old, new in zip(tensors_of(results), tensors_of(again), strict=True):
                    if old.data_ptr() != new.data_ptr():
                        old.copy_(new)


class Capture:
    """A capture under way: what it would change is put back at its end.

    Args:
        graph: that is captured.
        pool: memory that it shares.
    """

    under_way: "Capture | None" = None

    def __init__(self, graph: PretendGraph, pool: tuple[int, int] | None = None) -> None:
        self.graph, self.before, self.states = graph, {}, {}

    def __enter__(self) -> None:
        Capture.under_way = self

    def __exit__(self, *error: object) -> None:
        Capture.under_way = None
        for rng in self.graph.registered:
            rng.set_state(self.states[id(rng)])
        with torch.no_grad():
            for whole, copy in self.before.values():
                whole.copy_(copy)

    def prepare(self, func: Any, args: tuple, tensors: list[Tensor]) -> None:
        """Keep what an operation is about to write over, and where the generators are."""
        if asks_host(func, args):
            raise RuntimeError(f"{func}: operation not permitted when stream is capturing")
        self.states = self.states or {id(rng): rng.get_state() for rng in self.graph.registered}
        if func._schema.is_mutable:
            storage = tensors[0].untyped_storage()
            if storage._cdata not in self.before:
                whole = torch.empty(0, dtype=torch.uint8).set_(storage)
                self.before[storage._cdata] = whole, whole.clone()

    def note(self, func: Any, args: tuple, kwargs: dict, results: Any) -> None:
        """Take an operation into the graph."""
        self.graph.launches.append(Launch(func, args, kwargs, results))

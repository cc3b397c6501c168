"""Where the arithmetic happens: device, threads, and settings that make it repeatable."""

import fcntl
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch

from gan_repro.config.memory import keep_memory
from gan_repro.errors import UserError

LOCKS = Path(tempfile.gettempdir())
DEVICE = re.compile(r"cpu|auto|cuda(:[0-9]{1,3})?")


def prepare_device(name: str = "auto", threads: int = 1, tf32: bool = False) -> torch.device:
    """Return the device of that name, set up so that the same seed gives the same bytes.

    Algorithms are deterministic, and float32 products are computed in float32 unless
    TensorFloat-32 is asked for. ``auto`` is a GPU where there is one. Of several, ``cuda`` is the
    first that no other process of this package computes on.

    Raises:
        UserError: the device does not exist on this machine.
    """
    if not DEVICE.fullmatch(name):
        raise UserError(f"device '{name}' is none; say cpu, cuda, cuda:1 or auto")
    # cuBLAS is deterministic only with this workspace, and reads it when it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    keep_memory()
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and torch.cuda.device_count() > 1:
        properties = map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
        name = f"cuda:{take_free([str(gpu.uuid) for gpu in properties])}"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserError(
            f"device '{name}' is not available on this machine; use --device cpu or auto"
        ) from error
    if device.type != "cpu":
        # A CPU's algorithms repeat as they are, and this import alone costs a short job a second.
        torch.use_deterministic_algorithms(True)
        # Else every tensor that is about to be written is first filled, by a kernel of its own.
        torch.utils.deterministic.fill_uninitialized_memory = False
    return device


def take_free(names: Sequence[str], folder: Path = LOCKS) -> int:
    """Return the number of the first device that nobody has; it is this process's until its end.

    Args:
        names: of the devices, the same in every process.
        folder: of the locks.
    """
    for number, name in enumerate(names):
        path = folder / f"gan-repro-device-{name}.lock"
        with suppress(OSError):
            path.touch(exist_ok=True)
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number
    # All are taken: more jobs than devices, which the workflow does not start.
    return 0

"""What this machine has, found out without importing torch."""

import os
import re
from pathlib import Path

from gan_repro.errors import UserError

DEVICE = re.compile(r"nvidia[0-9]+")


def count_gpus(devices: Path = Path("/dev")) -> int:
    """Return the number of NVIDIA GPUs that a job here may use.

    CUDA_VISIBLE_DEVICES counts where it is set, else the devices of the machine.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([part for part in visible.split(",") if part.strip() not in ("", "-1")])
    return sum(1 for path in devices.glob("nvidia*") if DEVICE.fullmatch(path.name))


def gpus_of_a_job(device: str) -> int:
    """Return how many GPUs a job claims: one if it is to have one, or may take one that is here.

    Args:
        device: cpu, auto, or the name of a device such as cuda.
    """
    if device == "auto":
        return min(1, count_gpus())
    return 0 if device == "cpu" else 1


def free_memory() -> int | None:
    """Return how many bytes of memory a process may still take, or None where nobody says."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    values = dict(line.split(":", 1) for line in lines)
    return 1024 * int(values["MemAvailable"].split()[0]) if "MemAvailable" in values else None


def check_memory(what: str, size: int) -> None:
    """Raise UserError where something would take more bytes than this machine has free."""
    free = free_memory()
    if free is not None and size > free:
        raise UserError(
            f"{what} would take {size / 2**30:,.1f} GiB of memory, but {free / 2**30:,.1f} are "
            "free; ask for less, or use a larger machine"
        )

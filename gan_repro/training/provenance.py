"""What produced a result: commit, versions, device, threads, platform."""

import platform
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

PACKAGE = Path(__file__).resolve().parents[1]
RECORDED = ("torch", "numpy", "scipy", "scikit-learn", "safetensors", "snakemake", "gan-repro")
CPUINFO = Path("/proc/cpuinfo")
# Another version of these may change the last bits of a training.
DECISIVE = ("torch", "numpy")


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that decide the bytes of a training."""
    return {name: version(name) for name in DECISIVE}


def arithmetic() -> dict[str, bool]:
    """Return {"tf32": True} where a GPU's products are rounded to TensorFloat-32, or nothing."""
    return {"tf32": True} if torch.backends.cuda.matmul.allow_tf32 else {}


def provenance(device: torch.device) -> dict[str, Any]:
    """Return what produced a run, in the fields of `RunRecord`."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--", "gan_repro", "config")),
        "versions": {"python": platform.python_version()} | _installed(RECORDED),
        "device": gpu or f"{device.type}: {processor()}",
        "threads": torch.get_num_threads(),
        **arithmetic(),
        "platform": platform.platform(),
    }


def processor() -> str:
    """Return a CPU's name, model and the instructions that are used: they decide its last bits."""
    name = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = CPUINFO.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
        known = {key.strip(): value.strip() for key, _, value in (x.partition(":") for x in lines)}
        name = f"{known.get('model name', name)}, model {known.get('model', 'unknown')}"
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"


def _installed(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages, without those that a checkout runs without."""
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _git(*arguments: str) -> str | None:
    """Return git's answer about the checkout of this package, or None outside of one."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()

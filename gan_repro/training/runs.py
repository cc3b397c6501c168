"""The folder of a run: checkpoints, weights and provenance."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gan_repro.errors import UserError
from gan_repro.files import atomic_path, read_json

PACKAGE = Path(__file__).resolve().parents[1]
RECORDED = ("torch", "numpy", "scipy", "scikit-learn", "safetensors", "snakemake", "gan-repro")

# safetensors writes its metadata in no fixed order, so everything goes under one key.
KEY = "gan_repro"


@dataclass(frozen=True)
class RunFolder:
    """Names of the files of one run, `results/runs/<experiment>/seed<k>/`."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """Everything that an interrupted training needs to go on."""
        return self.path / "checkpoint.safetensors"

    @property
    def weights(self) -> Path:
        """What sampling needs: the model of the chosen epoch."""
        return self.path / "model.safetensors"

    @property
    def metrics(self) -> Path:
        """One row per epoch."""
        return self.path / "metrics.csv"

    @property
    def record(self) -> Path:
        """Resolved configuration, choice of epoch and provenance."""
        return self.path / "run.json"

    def read_record(self) -> dict:
        """Return run.json; raises UserError where the run is not finished."""
        if not self.record.exists():
            raise UserError(f"{self.path} holds no finished run (no run.json); train it first")
        return read_json(self.record)


def stream_seed(seed: int, stream: str) -> int:
    """Return the seed of a named random stream of a run, so that streams never share draws."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{stream}".encode()).digest()[:7])


def save_tensors(path: Path, tensors: Mapping[str, Tensor], state: Any) -> None:
    """Write tensors and a JSON-ready state atomically, with a digest over both."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps({"state": state, "sha256": _digest(plain, state)}, allow_nan=False)
    with atomic_path(path) as temporary:
        save_file(plain, temporary, metadata={KEY: text})


def load_tensors(path: Path) -> tuple[dict[str, Tensor], Any]:
    """Read what ``save_tensors`` wrote; raises UserError where a single bit differs."""
    try:
        with safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if _digest(tensors, content["state"]) != content["sha256"]:
            raise ValueError("its SHA-256 differs from the one it was written with")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist") from None
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is damaged ({error}); restore it from a copy, or delete it to start again"
        ) from error
    return tensors, content["state"]


def _digest(tensors: Mapping[str, Tensor], state: Any) -> str:
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def source_digest(modules: Iterable[str]) -> str:
    """Return one SHA-256 over source files given relative to the package, such as `runs.py`."""
    digest = hashlib.sha256()
    for module in sorted(modules):
        digest.update(module.encode() + b"\0" + (PACKAGE / module).read_bytes())
    return digest.hexdigest()


def first_difference(old: Any, new: Any, place: str = "") -> str | None:
    """Return `place: old → new` of the first difference between two JSON values, or None."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [
            (f"{place}.{key}".strip("."), old.get(key), new.get(key)) for key in {**old, **new}
        ]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{place}.{i}", a, b) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    else:
        return None if old == new else f"{place}: {_short(old)} → {_short(new)}"
    found = (first_difference(a, b, where) for where, a, b in pairs)
    return next((difference for difference in found if difference), None)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


def provenance(device: torch.device) -> dict:
    """Return what produced a run: commit, versions, device, threads, platform."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--", "gan_repro", "config")),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in RECORDED},
        "device": gpu or f"{device.type}: {platform.processor() or platform.machine()}",
        "threads": torch.get_num_threads(),
        "platform": platform.platform(),
    }


def _git(*arguments: str) -> str | None:
    """Return git's answer about the checkout of this package, or None outside of one."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()

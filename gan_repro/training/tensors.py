"""Tensors on disk: safetensors files with a digest over everything they hold."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from gan_repro.config.schema import Spec
from gan_repro.errors import UserError, reading
from gan_repro.files import atomic_path

# safetensors writes its metadata in no fixed order, so everything goes under one key.
KEY = "gan_repro"
ADVICE = "restore it from a copy, or delete it to start again"


class Content(Spec):
    """What the metadata of a file holds: a JSON-ready state, and a digest over everything."""

    state: Any
    sha256: str


def save_tensors(path: Path, tensors: Mapping[str, Tensor], state: Any) -> None:
    """Write tensors and a JSON-ready state atomically, with a digest over both."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps({"state": state, "sha256": digest(plain, state)}, allow_nan=False)
    # Not save_file, whose own temporary file nobody would remove after a kill.
    content = save(plain, metadata={KEY: text})
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], Any]:
    """Read what ``save_tensors`` wrote; raises UserError where a single bit differs."""
    with reading(path, "is damaged", ADVICE), safe_open(path, framework="pt") as file:
        content = Content(**json.loads((file.metadata() or {}).get(KEY, "{}")))
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if digest(tensors, content.state) != content.sha256:
            raise ValueError("its SHA-256 differs from the one it was written with")
    return tensors, content.state


def check_like(path: Path, tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise UserError where tensors have other names, shapes or types than those expected."""
    found, wanted = (
        {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in group.items()}
        for group in (tensors, expected)
    )
    for name in sorted({**found, **wanted}):
        if found.get(name) != wanted.get(name):
            raise UserError(
                f"{path} does not fit: {name} is {found.get(name)}, expected {wanted.get(name)}; "
                + ADVICE
            )


def digest(tensors: Mapping[str, Tensor], state: Any) -> str:
    """Return one SHA-256 over tensors, their names, types and shapes, and a JSON-ready state."""
    found = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()

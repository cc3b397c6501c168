"""`manifest.json`: the SHA-256 of every artefact of a results folder."""

from collections.abc import Iterable
from pathlib import Path

from gan_repro.errors import UserError
from gan_repro.files import sha256, write_json


def write_manifest(files: Iterable[Path], root: Path, out: Path) -> dict[str, str]:
    """Write ``out``: path relative to ``root`` → SHA-256, sorted; return the mapping.

    Raises:
        UserError: a file does not exist, or is not below ``root``.
    """
    files = list(files)
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UserError(f"no such artefact: {', '.join(missing)}; build it first")
    outside = [str(file) for file in files if not file.is_relative_to(root)]
    if outside:
        raise UserError(f"not below {root}: {', '.join(outside)}; name the folder with --root")
    entries = {file.relative_to(root).as_posix(): sha256(file) for file in sorted(files)}
    write_json(out, entries)
    return entries

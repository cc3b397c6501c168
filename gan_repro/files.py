"""Files on disk: atomic writes, locks, content digests, and JSON."""

import errno
import fcntl
import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from gan_repro.errors import UserError, reading

# Records are kilobytes; nothing larger is parsed.
LARGEST_JSON = 64 * 2**20
# What a disk answers when it takes no more.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it once the block ends without error.

    The file is flushed to disk before the rename, so a reader sees the old bytes or the new ones,
    never a part. What a killed writer of the same file left behind is removed first.

    Raises:
        UserError: the folder cannot be written, or the disk is full; the old file is still there.
    """
    path = Path(path)
    if path.is_dir():
        raise UserError(f"cannot write {path}: it is a folder; name a file")
    with _explained(path, (OSError,), "choose a writable folder"):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, temporary = _make_temporary(path)
    try:
        with _explained(path, (), "free some space or choose another folder, and run it again"):
            yield temporary
            with open(temporary, "rb+") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o644)
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def _explained(path: Path, kinds: tuple[type[OSError], ...], advice: str) -> Iterator[None]:
    """Say in one line that a file cannot be written, where the disk is full or of these kinds."""
    try:
        yield
    except OSError as error:
        # Where a write is cut short, NumPy raises a plain OSError without a number.
        full = error.errno in FULL or (type(error) is OSError and error.errno is None)
        if not full and not isinstance(error, kinds):
            raise
        raise UserError(f"cannot write {path}: {error.strerror or error}; {advice}") from error


def _make_temporary(path: Path) -> tuple[int, Path]:
    """Make a file beside ``path`` that stays locked for as long as this process lives."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        _lock(handle)
        # Between the two another process may have swept it away.
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)


def _sweep(path: Path) -> None:
    """Remove temporary files of ``path`` that nobody holds locked: their writers were killed."""
    for stale in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        try:
            handle = os.open(stale, os.O_RDWR)
        except OSError:
            continue
        if _lock(handle):
            stale.unlink(missing_ok=True)
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock an open file until it is closed, or its process ends; return whether that worked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """Hold a lock for the length of a block; a crash releases it.

    Args:
        path: of the file that is locked, and stays.
        what: the lock guards, for the message.

    Raises:
        UserError: another process holds it.
    """
    with _explained(path, (OSError,), "choose a writable folder"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _lock(handle):
            holder = os.read(handle, 100).decode(errors="replace").strip() or "another process"
            raise UserError(
                f"{what} is in use by {holder}; wait until it ends, or write elsewhere (--out)"
            )
        os.truncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {os.uname().nodename}".encode(), 0)
        yield
    finally:
        os.close(handle)


def check_space(path: Path, size: int) -> None:
    """Raise UserError where the disk of ``path`` has not so many bytes left."""
    place = next(folder for folder in Path(path).absolute().parents if folder.exists())
    free = shutil.disk_usage(place).free
    if size > free:
        raise UserError(
            f"{path} would take {size / 2**30:,.1f} GiB, but {free / 2**30:,.1f} are left on "
            "the disk; ask for less, or choose another folder"
        )


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically, indented, with a final newline; NaN is refused."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; raises UserError where it is missing, too large or not JSON."""
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path} does not exist; run the step that writes it first")
    with reading(path, "is not valid JSON", "delete it and rerun"):
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError(f"more than {LARGEST_JSON >> 20} MiB")
        return json.loads(path.read_text(encoding="utf-8"))


def write_npy(path: Path, array: np.ndarray) -> None:
    """Write one array as ``.npy``, atomically."""
    check_space(path, array.nbytes)
    with atomic_path(path) as temporary, open(temporary, "wb") as handle:
        np.save(handle, array, allow_pickle=False)


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays as an uncompressed ``.npz``, atomically and reproducibly."""
    with atomic_path(path) as temporary, open(temporary, "wb") as handle:
        np.savez(handle, allow_pickle=False, **arrays)


def write_sums(path: Path, files: Iterable[Path]) -> None:
    """Write the SHA-256 of files in one folder, in the format that `sha256sum --check` reads."""
    write_text(path, "".join(f"{sha256(file)}  {file.name}\n" for file in files))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()

"""The IDX format of MNIST's files, parsed strictly."""

import gzip
import math
import struct
from pathlib import Path

import numpy as np

from gan_repro.errors import UserError, reading

UNSIGNED_BYTE = 0x08
ADVICE = "delete the file and fetch it again"


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes of a known shape.

    No more is unpacked than that shape needs.

    Raises:
        UserError: not gzip, truncated, a wrong magic number, another shape, or more content.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist; run: gan-repro fetch {path.parent.name}")
    header, size = 4 + 4 * len(shape), math.prod(shape)
    with reading(path, "not a complete gzip file", ADVICE), gzip.open(path) as stream:
        content = stream.read(header + size + 1)
    _check_header(path, content[:header], shape)
    if len(content) != header + size:
        more = "more than " if len(content) > header + size else ""
        raise _damaged(path, f"{more}{min(len(content) - header, size)} bytes of data, not {size}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _check_header(path: Path, header: bytes, shape: tuple[int, ...]) -> None:
    if len(header) < 4 or header[:2] != b"\0\0":
        raise _damaged(path, "not an IDX file")
    if header[2] != UNSIGNED_BYTE or header[3] != len(shape):
        magic = struct.unpack(">I", header[:4])[0]
        raise _damaged(path, f"magic number {magic}, expected {UNSIGNED_BYTE << 8 | len(shape)}")
    if len(header) < 4 + 4 * len(shape):
        raise _damaged(path, "the header is cut short")
    found = struct.unpack(f">{len(shape)}I", header[4:])
    if found != shape:
        raise _damaged(path, f"its header says {found}, expected {shape}")


def _damaged(path: Path, problem: str) -> UserError:
    return UserError(f"{path}: {problem}; {ADVICE}")

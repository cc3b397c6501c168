"""The IDX format of MNIST's files, parsed strictly."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from gan_repro.errors import UserError

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes with the given number of dimensions.

    Raises:
        UserError: not gzip, truncated, a wrong magic number, or a payload of the wrong size.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; run: gan-repro fetch {path.parent.name}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(path, f"not a complete gzip file ({error})") from error
    if len(content) < 4 or content[:2] != b"\0\0":
        raise _damaged(path, "not an IDX file")
    if content[2] != UNSIGNED_BYTE or content[3] != dimensions:
        raise _damaged(
            path,
            f"magic number {struct.unpack('>I', content[:4])[0]}, "
            f"expected {UNSIGNED_BYTE << 8 | dimensions}",
        )
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise _damaged(path, "the header is cut short")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise _damaged(
            path, f"{len(content) - header} bytes of data, but its header says {math.prod(shape)}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _damaged(path: Path, problem: str) -> UserError:
    return UserError(f"{path}: {problem}; delete the file and fetch it again")

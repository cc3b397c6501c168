"""Arrays from files that anybody may have written: never unpickled, and never larger than the file.

The header of an array is a claim. It is compared with the bytes that are there before any memory
is taken.
"""

import math
import struct
import zipfile
from collections.abc import Collection
from pathlib import Path

import numpy as np

from gan_repro.errors import reading


def read_npz(path: Path, advice: str, mapped: Collection[str] = ()) -> dict[str, np.ndarray]:
    """Return name → array of an uncompressed ``.npz``.

    Args:
        path: of the file.
        advice: what to do where it is not one, for the message.
        mapped: names of arrays that stay in the file, as memory maps.

    Raises:
        UserError: it is missing, damaged, compressed or pickled, or a header claims what is not
            there.
    """
    with (
        reading(path, "is not an archive of arrays", advice),
        zipfile.ZipFile(path) as archive,
    ):
        infos = archive.infolist()
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise ValueError("it is compressed, which the pipeline never does")
        if sum(info.file_size for info in infos) > path.stat().st_size:
            raise ValueError("its members claim more bytes than the file has")
        named = {info.filename.removesuffix(".npy"): info for info in infos}
        return {name: _member(archive, info, name in mapped) for name, info in named.items()}


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, mapped: bool) -> np.ndarray:
    with archive.open(info) as handle:
        shape, fortran, dtype = _header(handle)
        header = handle.tell()
        _check_claim(shape, dtype, info.file_size - header)
        order = "F" if fortran else "C"
        if mapped and math.prod(shape):
            offset = _content(archive, info) + header
            return np.memmap(archive.filename, dtype, "r", offset, shape, order)
        return np.frombuffer(handle.read(), dtype).reshape(shape, order=order)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Return where in the file the bytes of a stored member begin, by its local header."""
    with open(archive.filename, "rb") as file:
        file.seek(info.header_offset + 26)
        name, extra = struct.unpack("<HH", file.read(4))
    return info.header_offset + 30 + name + extra


def map_npy(path: Path, advice: str) -> np.ndarray:
    """Memory-map one plain array.

    Raises:
        UserError: as `read_npz` does.
    """
    with reading(path, "is not a plain .npy array", advice), open(path, "rb") as handle:
        shape, fortran, dtype = _header(handle)
        offset = handle.tell()
        _check_claim(shape, dtype, path.stat().st_size - offset)
        if math.prod(shape) == 0:
            return np.empty(shape, dtype)
        order = "F" if fortran else "C"
        return np.memmap(path, dtype, "r", offset, shape, order)


def _header(handle) -> tuple[tuple[int, ...], bool, np.dtype]:
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    version = np.lib.format.read_magic(handle)
    if version not in readers:
        raise ValueError(f"version {version[0]}.{version[1]} of the format is not read here")
    return readers[version](handle)


def _check_claim(shape: tuple[int, ...], dtype: np.dtype, size: int) -> None:
    if dtype.hasobject or dtype.names:
        raise ValueError("pickled objects and records are refused")
    claimed = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or claimed != size:
        raise ValueError(f"its header claims {claimed} bytes, but {size} follow")

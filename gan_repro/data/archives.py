"""Files of a tar archive, read into memory: nothing is ever extracted to the disk."""

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gan_repro.errors import UserError, reading

# Between the members of an archive lie headers.
HEADERS = 64 * 2**20


class _Bounded:
    """A stream that ends with an error after so many bytes: a bomb has more than it says."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.stream, self.left = stream, most

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        content = self.stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise ValueError("it unpacks to more than such a dataset has")
        return content


def read_members(
    path: Path, wanted: Callable[[str], bool], largest: int, most: int
) -> dict[str, bytes]:
    """Return name → content of the wanted members of a gzipped tar archive.

    Args:
        path: the archive.
        wanted: says which names to read.
        largest: no wanted member may hold more bytes.
        most: bytes of all members together.

    Raises:
        UserError: not a complete archive, a name that leads outside of it, a wanted member that
            is no plain file or is too large, or more content than expected.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist; run: gan-repro fetch {path.parent.name}")
    found = {}
    with (
        reading(path, "not a complete .tar.gz archive", "delete the file and fetch it again"),
        gzip.open(path) as stream,
        tarfile.open(fileobj=_Bounded(stream, most + HEADERS), mode="r|") as archive,
    ):
        for member in archive:
            _check_name(path, member.name)
            if wanted(member.name):
                found[member.name] = _content(path, archive, member, largest)
            # The archive remembers each header that it has passed.
            archive.members.clear()
    return found


def _check_name(path: Path, name: str) -> None:
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        raise UserError(f"{path}: member '{name}' leads outside of the archive; do not trust it")


def _content(path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, largest: int) -> bytes:
    if not member.isreg() or member.size > largest:
        raise UserError(
            f"{path}: member '{member.name}' is no plain file of at most {largest} bytes; "
            "fetch the archive again"
        )
    return archive.extractfile(member).read()

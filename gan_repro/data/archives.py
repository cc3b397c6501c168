"""Files of a tar archive, read into memory: nothing is ever extracted to the disk."""

import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from gan_repro.errors import UserError


def read_members(path: Path, wanted: Callable[[str], bool], largest: int) -> dict[str, bytes]:
    """Return name → content of the wanted members of a gzipped tar archive.

    Args:
        path: the archive.
        wanted: says which names to read.
        largest: no wanted member may hold more bytes.

    Raises:
        UserError: not a complete archive, a name that leads outside of it, or a wanted member that
            is no plain file or is too large.
    """
    found = {}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                _check_name(path, member.name)
                if wanted(member.name):
                    found[member.name] = _content(path, archive, member, largest)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; run: gan-repro fetch {path.parent.name}") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UserError(
            f"{path}: not a complete .tar.gz archive ({error}); delete the file and fetch it again"
        ) from error
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

"""Records that are given together are each of something else: what is named twice is refused."""

from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TypeVar

from gan_repro.errors import UserError

Record = TypeVar("Record")


def read_once(
    paths: Iterable[Path],
    read: Callable[[Path], Record],
    about: Callable[[Record], Hashable],
) -> list[Record]:
    """Read the record of each path.

    Args:
        paths: of the records.
        read: one of them.
        about: what a record is of; no two may be of the same.

    Raises:
        UserError: two are of the same, or ``read`` raises it.
    """
    seen: dict[Hashable, Path] = {}
    found = []
    for path in paths:
        record = read(path)
        key = about(record)
        if key in seen:
            raise UserError(f"{path} is of the same run as {seen[key]}; name each record once")
        seen[key] = path
        found.append(record)
    return found

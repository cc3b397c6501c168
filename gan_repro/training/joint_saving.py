"""Checkpoints of several runs, written all or none.

A kill between two of them would leave runs at different places. While they are written, those
before stay beside them, and a marker says that they count.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gan_repro.files import write_text


class JointSaving:
    """What keeps checkpoints of one moment together.

    Args:
        paths: of the checkpoints; the marker lies beside the first.
        writers: each writes one of them.
    """

    def __init__(self, paths: Sequence[Path], writers: Sequence[Callable[[], None]]) -> None:
        self.paths, self.writers = paths, writers
        self.marker = paths[0].with_name("saving")

    def save(self) -> None:
        """Write all checkpoints."""
        for path in self.paths:
            _before(path).unlink(missing_ok=True)
            if path.exists():
                os.link(path, _before(path))
        write_text(self.marker, "checkpoints are being written; those before them count\n")
        for write in self.writers:
            write()
        self._settle()

    def restore(self) -> None:
        """Go back to the checkpoints before those that a killed process was writing, if any."""
        if self.marker.exists():
            for path in self.paths:
                if _before(path).exists():
                    again = path.with_suffix(".again")
                    again.unlink(missing_ok=True)
                    os.link(_before(path), again)
                    again.replace(path)
                else:
                    path.unlink(missing_ok=True)
        self._settle()

    def _settle(self) -> None:
        """Say that the checkpoints count that are there."""
        self.marker.unlink(missing_ok=True)
        for path in self.paths:
            _before(path).unlink(missing_ok=True)


def _before(path: Path) -> Path:
    return path.with_suffix(".before")

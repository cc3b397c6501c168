"""A folder of results made small enough to be carried away: what matters first, up to a limit."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from gan_repro.files import write_text

MOST, LARGEST = 60_000_000, 16_000_000
LEFT_OUT = "left_out.txt"
# In the order in which they matter; samples can be drawn again from weights.
PATTERNS = ("*.json", "*.csv", "*.png", "*.txt", "*.sha256", "*.md", "model.safetensors")


def by_importance(folder: Path) -> Iterable[Path]:
    """Yield every file of a folder once, records before weights, and weights by seed."""
    seen: set[Path] = set()
    for pattern in PATTERNS:
        found = sorted(folder.rglob(pattern), key=lambda path: (path.parent.name, str(path)))
        yield from (path for path in found if path not in seen)
        seen.update(found)


def pack(folder: Path, target: Path, most: int = MOST, largest: int = LARGEST) -> list[Path]:
    """Copy what fits into an empty folder; return what was left out, which a file there lists.

    Args:
        folder: of results.
        target: is made anew.
        most: bytes in all.
        largest: bytes of a file.
    """
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    total, left = 0, []
    for path in by_importance(folder):
        if target in path.parents:
            continue
        size = path.stat().st_size
        if size > largest or total + size > most:
            left.append(path.relative_to(folder))
            continue
        place = target / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        total += size
    write_text(target / LEFT_OUT, "".join(f"{path}\n" for path in left))
    return left

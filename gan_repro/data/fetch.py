"""Raw files from their mirrors: verified, retried, atomic, and never overwritten when good."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from gan_repro.config.catalogue import (
    MIRROR_VARIABLE,
    DatasetSource,
    RawFile,
    dataset_source,
    is_remote,
    mirror_of_user,
)
from gan_repro.data.download import Failed, Unreachable, download
from gan_repro.errors import UserError
from gan_repro.files import atomic_path, sha256, write_sums

# What was verified, in the format that `sha256sum --check` reads.
SUMS = "SHA256SUMS"
NOT_DISTRIBUTED = (
    "is not distributed publicly: put your copy there, or train its public stand-in "
    f"(gan-repro fetch lfw). {MIRROR_VARIABLE} may name a folder that has it"
)
ATTEMPTS = 2

Say = Callable[[str], None]


def fetch(name: str, raw: Path, report: Say = print) -> list[Path]:
    """Bring every raw file of a dataset into ``raw/<name>/`` and return the paths.

    Each mirror is tried in turn: first that of GAN_REPRO_MIRROR, a folder or an address, then
    those of `config/datasets.yaml`. One that cannot be reached is not asked for another file. A
    file already there with the right SHA-256 is left alone, so ``raw`` doubles as an offline
    cache. What was verified is listed in ``SHA256SUMS``.

    A file that only the user can bring is copied from GAN_REPRO_MIRROR where it is not there yet;
    it has no known SHA-256, and the one it has is recorded.

    Raises:
        UserError: a file there has the wrong SHA-256, or no mirror could provide it.
    """
    source = dataset_source(name)
    paths, unreachable = [], {}
    for file, known in source.files.items():
        target = raw / name / file
        if target.exists():
            refuse_other(target, known.sha256)
        else:
            _fetch_one(target, known, list(_places(name, source, file)), unreachable, report)
        paths.append(target)
    provided = _take_provided(name, raw, source, report)
    write_sums(raw / name / SUMS, paths + provided)
    return paths + provided


def refuse_other(target: Path, digest: str) -> None:
    """Raise UserError where a file has another SHA-256."""
    found = sha256(target)
    if found != digest:
        raise UserError(
            f"{target}: SHA-256 is {found[:12]}…, expected {digest[:12]}…; "
            "delete the file and fetch again"
        )


def _places(name: str, source: DatasetSource, file: str) -> Iterator[tuple[str, str]]:
    """Yield every (mirror, place of the file) in the order in which they are tried."""
    mirror = mirror_of_user()
    if mirror:
        base = f"{mirror.rstrip('/')}/{source.mirror_folder or name}"
        yield base, f"{base}/{file}"
    for url in source.files[file].urls:
        yield url, url
    for base in source.mirrors:
        yield base, f"{base.rstrip('/')}/{file}"


def _fetch_one(
    target: Path,
    known: RawFile,
    places: list[tuple[str, str]],
    unreachable: dict[str, str],
    report: Say,
) -> None:
    """Try each place; add mirrors that cannot be reached to ``unreachable``, with the reason."""
    failures = []
    for mirror, place in places:
        reason = unreachable.get(mirror)
        for attempt in range(1, 1 + (0 if reason else ATTEMPTS if is_remote(mirror) else 1)):
            try:
                _transfer(place, target, known)
            except (Failed, FileNotFoundError) as error:
                reason = "no such file" if isinstance(error, FileNotFoundError) else str(error)
                report(f"{target.name}: {mirror} failed (attempt {attempt}): {reason}")
                if isinstance(error, Unreachable):
                    unreachable[mirror] = reason
            else:
                report(f"{target.name}: from {mirror}, SHA-256 verified")
                return
        failures.append(f"{mirror}: {reason}")
    raise UserError(
        f"cannot fetch {target.name} ({'; '.join(failures) or 'no mirror is known'}); put the file "
        f"in {target.parent}, point {MIRROR_VARIABLE} at a folder of datasets, or run the demo, "
        "which needs no download: make demo"
    )


def _transfer(place: str, target: Path, known: RawFile) -> None:
    """Bring one file into a temporary, verify it, and only then move it into place."""
    with atomic_path(target) as temporary:
        if is_remote(place):
            download(place, temporary, known.largest)
        else:
            shutil.copyfile(place, temporary)
        if sha256(temporary) != known.sha256:
            raise Failed("SHA-256 differs")


def _take_provided(name: str, raw: Path, source: DatasetSource, report: Say) -> list[Path]:
    taken = []
    for file, place in source.provided_at(name, raw).items():
        target = raw / name / file
        if place is None:
            raise UserError(f"{target} does not exist, and {source.title} {NOT_DISTRIBUTED}")
        if place != target:
            with atomic_path(target) as temporary:
                shutil.copyfile(place, temporary)
            report(f"{file}: from {place}")
        taken.append(target)
    return taken

"""Raw files from their mirrors: verified, retried, atomic, and never overwritten when good."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pooch
import requests

from gan_repro.config.catalogue import MIRROR_VARIABLE, DatasetSource, dataset_source, mirror_folder
from gan_repro.data.faces import download_lfw
from gan_repro.errors import UserError
from gan_repro.files import atomic_path, sha256, write_sums

# What was verified, in the format that `sha256sum --check` reads.
SUMS = "SHA256SUMS"
# What is fetched by another library, and lists its own files in `SUMS`.
FETCHERS: dict[str, Callable[[Path, Path], list[Path]]] = {"lfw": download_lfw}
NOT_DISTRIBUTED = (
    "is not distributed publicly: put your copy there, or train its public stand-in "
    f"(gan-repro fetch lfw). {MIRROR_VARIABLE} may name a folder that has it"
)
ATTEMPTS = 2
TIMEOUT_SECONDS = 30


def fetch(name: str, raw: Path, report: Callable[[str], None] = print) -> list[Path]:
    """Bring every raw file of a dataset into ``raw/<name>/`` and return the paths.

    Each mirror is tried in turn: first the folder in GAN_REPRO_MIRROR, then those of
    `config/datasets.yaml`. A file already there with the right SHA-256 is left alone, so
    ``raw`` doubles as an offline cache. What was verified is listed in ``SHA256SUMS``.

    A file that only the user can bring is copied from GAN_REPRO_MIRROR where it is not there yet;
    it has no known SHA-256, and the one it has is recorded.

    Raises:
        UserError: a file there has the wrong SHA-256, or no mirror could provide it.
    """
    source = dataset_source(name)
    if name in FETCHERS:
        return FETCHERS[name](raw / name, raw / name / SUMS)
    local = mirror_folder()
    mirrors = ([str(local / (source.mirror_folder or name))] if local else []) + list(
        source.mirrors
    )
    paths = []
    for file, digest in source.files.items():
        target = raw / name / file
        if target.exists():
            _refuse_damaged(target, digest)
        else:
            _fetch_one(target, digest, mirrors, report)
        paths.append(target)
    provided = _take_provided(name, raw, source, report)
    write_sums(raw / name / SUMS, paths + provided)
    return paths + provided


def _take_provided(
    name: str, raw: Path, source: DatasetSource, report: Callable[[str], None]
) -> list[Path]:
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


def _refuse_damaged(target: Path, digest: str) -> None:
    found = sha256(target)
    if found != digest:
        raise UserError(
            f"{target}: SHA-256 is {found[:12]}…, expected {digest[:12]}…; "
            "delete the file and fetch again"
        )


def _fetch_one(
    target: Path, digest: str, mirrors: list[str], report: Callable[[str], None]
) -> None:
    failures = []
    for mirror in mirrors:
        for attempt in range(1, (ATTEMPTS if _is_remote(mirror) else 1) + 1):
            try:
                _transfer(mirror, target, digest)
            except (OSError, ValueError, requests.RequestException) as error:
                reason = _reason(error)
                report(f"{target.name}: {mirror} failed (attempt {attempt}): {reason}")
            else:
                report(f"{target.name}: from {mirror}, SHA-256 verified")
                return
        failures.append(f"{mirror}: {reason}")
    raise UserError(
        f"cannot fetch {target.name} ({'; '.join(failures) or 'no mirror is known'}); put the file "
        f"in {target.parent}, point {MIRROR_VARIABLE} at a folder of datasets, or run the demo, "
        "which needs no download: make demo"
    )


def _transfer(mirror: str, target: Path, digest: str) -> None:
    """Bring one file into a temporary, verify it, and only then move it into place."""
    with atomic_path(target) as temporary:
        if _is_remote(mirror):
            progress = sys.stderr.isatty()
            download = pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT_SECONDS)
            download(f"{mirror.rstrip('/')}/{target.name}", str(temporary), None)
        else:
            shutil.copyfile(Path(mirror) / target.name, temporary)
        if sha256(temporary) != digest:
            raise ValueError("SHA-256 differs")


def _is_remote(mirror: str) -> bool:
    return mirror.startswith(("http://", "https://"))


def _reason(error: Exception) -> str:
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} s"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return " ".join(str(error).split())[:120]

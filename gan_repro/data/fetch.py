"""Raw files from their mirrors: verified, retried, atomic, and never overwritten when good."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pooch
import requests

from gan_repro.errors import UserError
from gan_repro.files import atomic_path, sha256, write_text
from gan_repro.settings import MIRROR_VARIABLE, dataset_source, mirror_folder

# What was verified, in the format that `sha256sum --check` reads.
SUMS = "SHA256SUMS"
ATTEMPTS = 2
TIMEOUT_SECONDS = 30


def fetch(name: str, raw: Path, report: Callable[[str], None] = print) -> list[Path]:
    """Bring every raw file of a dataset into ``raw/<name>/`` and return the paths.

    Each mirror is tried in turn: first the folder in GAN_REPRO_MIRROR, then those of
    `config/datasets.yaml`. A file already there with the right SHA-256 is left alone, so
    ``raw`` doubles as an offline cache. What was verified is listed in ``SHA256SUMS``.

    Raises:
        UserError: a file there has the wrong SHA-256, or no mirror could provide it.
    """
    source = dataset_source(name)
    local = mirror_folder()
    mirrors = ([str(local / name)] if local else []) + list(source.mirrors)
    paths = []
    for file, digest in source.files.items():
        target = raw / name / file
        if target.exists():
            _refuse_damaged(target, digest)
        else:
            _fetch_one(target, digest, mirrors, report)
        paths.append(target)
    sums = "".join(f"{digest}  {file}\n" for file, digest in source.files.items())
    write_text(raw / name / SUMS, sums)
    return paths


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

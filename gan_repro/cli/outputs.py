"""Where a verb may write: never over what it reads, nor over what a training made."""

from collections.abc import Iterable
from pathlib import Path

from gan_repro.errors import UserError

SAMPLES = "samples.npy"
# What a training leaves in its folder, and the record of what was drawn from it.
TRAINING = (
    *("metrics.csv", "trained.sha256", "model.safetensors", "checkpoint.safetensors"),
    "samples.drawn.json",
)
OWN = {*TRAINING, "run.json", SAMPLES}
# One of them is in every folder of results from which something follows.
BUILT = ("manifest.json", "table1.csv", "table1_comparison.csv", "checks", "extensions")


def output(out: Path, inputs: Iterable[Path] = (), draws: bool = False) -> Path:
    """Return where to write: the file itself, or the one that a symbolic link leads to.

    Args:
        out: what the user asked for, or the verb's own choice.
        inputs: what the verb reads.
        draws: whether the verb writes samples, and may replace a run's.

    Raises:
        UserError: it is an input, one of a run's own files, or there and no regular file.
    """
    if out.is_dir():
        raise UserError(f"cannot write {out}: it is a folder; name a file")
    target = _behind_links(out)
    if target in {_behind_links(path) for path in inputs}:
        raise UserError(f"--out: {out} is what this reads; write elsewhere")
    for path in (out, target):
        if path.name in OWN - ({SAMPLES} if draws else set()) and _of_a_run(path):
            raise UserError(f"--out: {out} is one of a run's own files; write elsewhere")
    _refuse_special(out)
    return target if out.is_symlink() else out


def output_folder(out: Path, *names: str) -> Path:
    """Return a folder to write files into, after a look at what is there.

    Raises:
        UserError: one of the names is that of a folder, a device, a FIFO or the like.
    """
    for name in names:
        _refuse_special(out / name)
    return out


def calibration_folder(out: Path) -> Path:
    """Return a folder for calibration samples; raises UserError where a training's files lie."""
    for name in TRAINING:
        if (out / name).exists():
            raise UserError(f"--out: {out} is a trained run's folder ({name}); choose another one")
    return output_folder(out, SAMPLES, "run.json")


def folder_of_results(folder: Path, listing: bool = False) -> Path:
    """Return a folder, once it holds what conclusions follow from.

    Args:
        folder: of results.
        listing: whether nothing measured will do, as long as it is no run's folder.

    Raises:
        UserError: it holds nothing of the kind.
    """
    built = any((folder / name).exists() for name in BUILT)
    if not built and not (listing and not any((folder / name).exists() for name in OWN)):
        raise UserError(f"{folder} holds no manifest, no table and no checks; build them first")
    return folder


def _behind_links(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:
        raise UserError(f"{path} is a symbolic link that leads to itself; remove it") from error


def _of_a_run(path: Path) -> bool:
    """Return whether a file of such a name would be, or is, one of a run's."""
    return any((path.parent / name).exists() for name in OWN)


def _refuse_special(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise UserError(f"--out: {path} is there and no regular file; name another one")

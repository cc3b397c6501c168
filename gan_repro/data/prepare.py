"""Raw files into a prepared dataset: one reader per dataset of `config/datasets.yaml`."""

from collections.abc import Callable
from pathlib import Path

from gan_repro.config.catalogue import dataset_source
from gan_repro.data.cifar10 import read_cifar10, read_cifar10_jpeg
from gan_repro.data.dataset import Dataset, save
from gan_repro.data.embedded import read_digits, read_patches
from gan_repro.data.faces import read_lfw, read_subset
from gan_repro.data.fetch import refuse_other
from gan_repro.data.mnist import read_mnist
from gan_repro.data.tfd import read_tfd
from gan_repro.errors import UserError

READERS: dict[str, Callable[[str, str, Path], Dataset]] = {
    "mnist": read_mnist,
    "tfd": read_tfd,
    "lfw": read_lfw,
    "cifar10": read_cifar10,
    "cifar10_jpeg": read_cifar10_jpeg,
    "digits": read_digits,
    "faces": read_subset,
    "patches": read_patches,
}


def prepare(name: str, raw: Path, prepared: Path) -> Path:
    """Read ``raw/<name>/``, write ``prepared/<name>.npz``, and return that path.

    The file carries the dataset's title, so its raw files are verified first, as `fetch` does.

    Raises:
        UserError: the dataset is unknown, or a raw file is missing, damaged or another one.
    """
    source = dataset_source(name)
    if name not in READERS:
        raise UserError(f"no reader for dataset '{name}' in gan_repro/data/prepare.py")
    for file, known in source.files.items():
        if (raw / name / file).exists():
            refuse_other(raw / name / file, known.sha256)
    path = prepared / f"{name}.npz"
    save(READERS[name](name, source.title, raw / name), path)
    return path

"""Where things are: the configuration folder, the data folder, the mirror, and the catalogue."""

import os
from pathlib import Path

import yaml
from pydantic import PositiveInt, ValidationError

from gan_repro.config.schema import Spec, explain
from gan_repro.errors import UserError, suggest

CATALOGUE = "datasets.yaml"
MIRROR_VARIABLE = "GAN_REPRO_MIRROR"


class DatasetSource(Spec):
    """One entry of `config/datasets.yaml`.

    Attributes:
        title: the name that tables and figures print.
        source: who made it.
        licence: under which terms.
        mirrors: URLs or folders that hold every file under its own name.
        files: file name → SHA-256.
        mirror_folder: its folder in GAN_REPRO_MIRROR, where that is not called as the dataset is.
        provided: names of files that only the user can bring, because nobody may distribute them.
        stands_in_for: a dataset of that kind, in whose place this one is used.
        train_images: how many images train, for estimates of cost before the data is there.
        pixels: values of one image, likewise.
    """

    title: str
    source: str
    licence: str
    mirrors: tuple[str, ...]
    files: dict[str, str]
    mirror_folder: str | None = None
    provided: tuple[str, ...] = ()
    stands_in_for: str | None = None
    train_images: PositiveInt | None = None
    pixels: PositiveInt | None = None

    def provided_at(self, name: str, raw: Path) -> dict[str, Path | None]:
        """Return where each provided file is: in ``raw/<name>/``, or in the mirror folder."""
        local = mirror_folder()
        folders = [raw / name, *([local / name] if local else [])]
        return {
            file: next((place / file for place in folders if (place / file).is_file()), None)
            for file in self.provided
        }


def config_folder() -> Path:
    """Return the configuration: ./config, that of this checkout, or what came with the package."""
    here = Path(__file__).resolve()
    places = (Path("config"), here.parents[2] / "config", here.parent / "shipped")
    return next((place for place in places if (place / CATALOGUE).is_file()), places[-1])


def load_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises UserError naming the line where it is malformed."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping of keys to values")
    return content


def catalogue() -> dict[str, DatasetSource]:
    """Return every known dataset by name, from `config/datasets.yaml`."""
    path = config_folder() / CATALOGUE
    try:
        return {name: DatasetSource(**entry) for name, entry in load_yaml(path).items()}
    except ValidationError as error:
        raise explain(error, DatasetSource, str(path)) from error


def dataset_source(name: str) -> DatasetSource:
    """Return one dataset's entry; an unknown name is answered with the nearest known one."""
    known = catalogue()
    if name not in known:
        raise UserError(f"unknown dataset '{name}'{suggest(name, known)}")
    return known[name]


def mirror_folder() -> Path | None:
    """Return the folder that GAN_REPRO_MIRROR names, or None where it is unset."""
    value = os.environ.get(MIRROR_VARIABLE)
    return Path(value) if value else None

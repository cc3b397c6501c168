"""Where things are: the configuration folder, the data folder, the mirror, and the catalogue."""

import os
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import PositiveInt, StringConstraints, ValidationError
from yaml.constructor import ConstructorError
from yaml.events import AliasEvent

from gan_repro.config.schema import Name, Spec, Text, explain
from gan_repro.errors import UserError, reading, suggest

Content = TypeVar("Content")

CATALOGUE = "datasets.yaml"
MIRROR_VARIABLE = "GAN_REPRO_MIRROR"
# Configuration is kilobytes; nothing larger is parsed.
LARGEST_YAML = 2**20

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RawFile(Spec):
    """One file of a dataset.

    Attributes:
        sha256: of its content.
        largest: bytes; a mirror that sends more is left.
        urls: where it is under another name than its own, tried before the mirrors.
    """

    sha256: Digest
    largest: PositiveInt
    urls: tuple[str, ...] = ()


class DatasetSource(Spec):
    """One entry of `config/datasets.yaml`.

    Attributes:
        title: the name that tables and figures print.
        source: who made it.
        licence: under which terms.
        mirrors: URLs or folders that hold every file under its own name.
        files: by name.
        mirror_folder: its folder in GAN_REPRO_MIRROR, where that is not called as the dataset is.
        provided: names of files that only the user can bring, because nobody may distribute them.
        stands_in_for: a dataset of that kind, in whose place this one is used.
        train_images: how many images train, for estimates of cost before the data is there.
        pixels: values of one image, likewise.
    """

    title: Text
    source: Text
    licence: Text
    mirrors: tuple[str, ...]
    files: dict[FileName, RawFile]
    mirror_folder: FileName | None = None
    provided: tuple[FileName, ...] = ()
    stands_in_for: Name | None = None
    train_images: PositiveInt | None = None
    pixels: PositiveInt | None = None

    def provided_at(self, name: str, raw: Path) -> dict[str, Path | None]:
        """Return where each provided file is: in ``raw/<name>/``, or in the mirror folder."""
        mirror = mirror_of_user()
        local = [] if mirror is None or is_remote(mirror) else [Path(mirror) / name]
        folders = [raw / name, *local]
        return {
            file: next((place / file for place in folders if (place / file).is_file()), None)
            for file in self.provided
        }


def config_folder() -> Path:
    """Return the configuration: ./config, that of this checkout, or what came with the package."""
    here = Path(__file__).resolve()
    places = (Path("config"), here.parents[2] / "config", here.parent / "shipped")
    return next((place for place in places if (place / CATALOGUE).is_file()), places[-1])


class _Plain(yaml.SafeLoader):
    """YAML without aliases, of which a few hundred bytes stand for gigabytes, and no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        """Refuse an alias, and read anything else."""
        if self.check_event(AliasEvent):
            raise yaml.YAMLError("aliases are not read here: write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Refuse a key that comes twice: the first value would be lost without a word."""
        places = {}
        for key, _ in node.value:
            first = places.setdefault(str(key.value), key.start_mark)
            if first is not key.start_mark:
                problem = f"'{key.value}' is there already, in line {first.line + 1}"
                raise ConstructorError(None, None, problem, key.start_mark)
        return super().construct_mapping(node, deep)


def load_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises UserError naming the line where it is malformed."""
    with reading(path, "is not valid YAML", "mend it"):
        if path.stat().st_size > LARGEST_YAML:
            raise ValueError(f"more than {LARGEST_YAML >> 20} MiB")
        content = yaml.load(path.read_text(encoding="utf-8"), _Plain)
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping of keys to values")
    return content


def until_changed(read: Callable[[Path], Content]) -> Callable[[Path], Content]:
    """Keep what a function makes of a file or folder until that changes: it is asked for often."""

    @cache
    def _kept(path: Path, version: int) -> Content:
        return read(path)

    @wraps(read)
    def _current(path: Path) -> Content:
        return _kept(path, path.stat().st_mtime_ns if path.exists() else 0)

    return _current


def catalogue() -> dict[str, DatasetSource]:
    """Return every known dataset by name, from `config/datasets.yaml`."""
    return dict(_entries(config_folder() / CATALOGUE))


@until_changed
def _entries(path: Path) -> dict[str, DatasetSource]:
    known = {}
    for name, entry in load_yaml(path).items():
        if not isinstance(name, str) or not isinstance(entry, dict):
            raise UserError(f"{path}: {name}: expected the name of a dataset, and its keys")
        try:
            known[name] = DatasetSource(**entry)
        except (ValidationError, TypeError) as error:
            raise explain(error, DatasetSource, str(path), name) from error
    return known


def dataset_source(name: str) -> DatasetSource:
    """Return one dataset's entry; an unknown name is answered with the nearest known one."""
    known = catalogue()
    if name not in known:
        raise UserError(f"unknown dataset '{name}'{suggest(str(name), known)}")
    return known[name]


def mirror_of_user() -> str | None:
    """Return the folder or the address that GAN_REPRO_MIRROR names, or None where it is unset."""
    return os.environ.get(MIRROR_VARIABLE) or None


def is_remote(mirror: str) -> bool:
    """Return whether a mirror is an address, not a folder."""
    return mirror.startswith(("http://", "https://"))

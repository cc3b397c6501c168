"""The experiments of the configuration folder, each with everything that it inherits.

A file may say ``extends: OTHER`` and then only what differs, and may name several datasets: it is
for the first, and under a name of its own for each of the others where the first cannot be had.
A file with ``variants`` holds one experiment for each: NAME_VARIANT is the file with its changes.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_repro.config.catalogue import config_folder, dataset_source, load_yaml, until_changed
from gan_repro.errors import UserError, suggest

VARIANTS = "variants"


@dataclass(frozen=True)
class ExperimentSource:
    """Where an experiment is written down.

    Attributes:
        name: its own.
        path: of its file.
        first: the dataset that the file is for.
        dataset: the one that it is trained on under this name.
        variant: of the file, where it has some.
    """

    name: str
    path: Path
    first: str
    dataset: str
    variant: str | None = None


def experiment_files() -> list[Path]:
    """Return the files of the configuration folder, sorted."""
    return [*_yaml_files(config_folder() / "experiments")]


@until_changed
def _yaml_files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*.yaml")))


def known_experiments() -> dict[str, ExperimentSource]:
    """Return every experiment of the configuration folder by name, in the order of its files."""
    found = (source for path in experiment_files() for source in experiment_sources(path))
    return {source.name: source for source in found}


def experiment_sources(path: Path) -> list[ExperimentSource]:
    """Return the experiments of one file, one for each variant and dataset that it names.

    Raises:
        UserError: the file names no dataset.
    """
    content = _inherited(path, ())
    named = content.get("dataset")
    datasets = named if isinstance(named, list) else [named]
    if not datasets or not all(isinstance(name, str) for name in datasets):
        raise UserError(f"{path}: dataset: name one, or a list of one and its stand-ins")
    names = {variant: f"{path.stem}_{variant}" for variant in content.get(VARIANTS, {})}
    return [
        ExperimentSource(_renamed(stem, datasets[0], name), path, datasets[0], name, variant)
        for variant, stem in (names or {None: path.stem}).items()
        for name in datasets
    ]


def find_experiment(name: str) -> ExperimentSource:
    """Return an experiment by its name, or by the path of a YAML file (for its first dataset).

    Raises:
        UserError: there is none, and the nearest known name is suggested; or the file has variants,
            and they are listed.
    """
    own = {path.stem: path for path in experiment_files()}
    path = own.get(name, Path(name))
    if path.suffix in (".yaml", ".yml") and path.is_file():
        found = experiment_sources(path)
        if found[0].variant is not None:
            names = ", ".join(source.name for source in found)
            raise UserError(f"{path} holds variants; name one of: {names}")
        return found[0]
    known = known_experiments()
    if name not in known:
        raise UserError(f"unknown experiment '{name}'{suggest(name, known)}")
    return known[name]


def resolve(source: ExperimentSource) -> dict[str, Any]:
    """Return the whole content of an experiment: inherited, and for its dataset."""
    content = {**deepcopy(_inherited(source.path, ())), "dataset": source.dataset}
    variants = content.pop(VARIANTS, {})
    if source.variant is not None:
        content = merged(content, variants[source.variant], f"{source.path}: {source.variant}")
    if source.dataset == source.first:
        return content
    if content.get("pretrained"):
        content["pretrained"] = _renamed(content["pretrained"], source.first, source.dataset)
    here, there = dataset_source(source.dataset).title, dataset_source(source.first).title
    choices = (f"data: {here} in the place of {there}", *content.get("choices", ()))
    return {**content, "choices": choices}


def _renamed(name: str, first: str, dataset: str) -> str:
    """Return what an experiment named after one dataset is called on another."""
    return dataset + name.removeprefix(first) if name.startswith(first) else name


def _inherited(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path in seen:
        raise UserError(f"{path}: extends itself through {' and '.join(map(str, seen[1:]))}")
    own = _loaded(path)
    base, content = own.get("extends"), {k: v for k, v in own.items() if k != "extends"}
    if base is None:
        return content
    known = {file.stem: file for file in experiment_files()}
    parent = known.get(base) if isinstance(base, str) else None
    if parent is None:
        raise UserError(f"{path}: extends unknown experiment '{base}'{suggest(str(base), known)}")
    return merged(_inherited(parent, (*seen, path)), content, str(path))


@until_changed
def _loaded(path: Path) -> dict[str, Any]:
    """Read a file once, as long as it has not changed: others inherit from it."""
    return load_yaml(path)


def merged(base: Any, changes: Any, place: str) -> Any:
    """Return a value with changes in it.

    Mappings are changed key by key, lists by a mapping from 0-based positions; anything else is
    replaced.

    Raises:
        UserError: a list has no such position.
    """
    if not isinstance(changes, dict) or not isinstance(base, dict | list):
        return changes
    if isinstance(base, dict):
        changed = {
            key: merged(base.get(key), value, f"{place}: {key}") for key, value in changes.items()
        }
        return {**base, **changed}
    outside = [key for key in changes if key not in range(len(base))]
    if outside:
        raise UserError(
            f"{place}: no element {outside[0]!r} in a list of {len(base)}; count from 0"
        )
    return [
        merged(value, changes[position], f"{place}.{position}") if position in changes else value
        for position, value in enumerate(base)
    ]

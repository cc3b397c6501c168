"""Which extensions are measured, and on which runs: `config/extensions/*.yaml`.

A file names a dataset and, for each extension, the experiments and seeds that it looks at and its
options. What the options may be is known where the extension is; the rest is known here, so that
the workflow can tell what an extension waits for without importing it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, NonNegativeInt, ValidationError

from gan_repro.config.catalogue import config_folder, load_yaml
from gan_repro.config.experiments import merged
from gan_repro.config.outputs import ON_RECORDS, RUN, TRAINED
from gan_repro.config.schema import Spec, explain
from gan_repro.errors import UserError, suggest

S = TypeVar("S", bound=Spec)


class Entry(Spec):
    """What an extension needs.

    Attributes:
        experiments: role → name of an experiment whose runs it reads.
        seeds: of each of them.
        mixing: experiments whose mixing.json it reads, of the first seed.
        options: its own.
    """

    experiments: dict[str, str] = Field(default_factory=dict)
    seeds: tuple[NonNegativeInt, ...] = Field((0,), min_length=1)
    mixing: tuple[str, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)

    def runs(self) -> list[tuple[str, int]]:
        """Return every (experiment, seed)."""
        return [(name, seed) for name in self.experiments.values() for seed in self.seeds]

    def files(self) -> list[str]:
        """Return what must be there before the extension is measured, as rules name it."""
        trained = [TRAINED.format(experiment=name, seed=seed) for name, seed in self.runs()]
        folders = [RUN.format(experiment=name, seed=self.seeds[0]) for name in self.mixing]
        return [*trained, *(f"{folder}/mixing.json" for folder in folders)]


class ExtensionSet(Spec):
    """One file: a dataset and what is measured on it.

    Attributes:
        dataset: key of `config/datasets.yaml`.
        extensions: name → what it needs.
    """

    dataset: str
    extensions: dict[str, Entry]

    def entry(self, name: str) -> Entry:
        """Return an extension's entry; an unknown name is answered with the nearest known one."""
        if name not in self.extensions:
            raise UserError(f"unknown extension '{name}'{suggest(name, self.extensions)}")
        return self.extensions[name]

    def notebooks(self) -> list[str]:
        """Return the notebooks all of whose records are measured."""
        return [name for name, read in ON_RECORDS.items() if {*read} <= {*self.extensions}]

    def experiments(self) -> list[str]:
        """Return every experiment that some extension reads, once each."""
        return list(dict.fromkeys(name for name, _ in self._runs()))

    def seeds(self, experiment: str) -> list[int]:
        """Return the seeds of an experiment that some extension reads."""
        return sorted({seed for name, seed in self._runs() if name == experiment})

    def files(self, names: Iterable[str]) -> list[str]:
        """Return what must be there before some extensions are measured, once each."""
        return list(dict.fromkeys(file for name in names for file in self.entry(name).files()))

    def _runs(self) -> list[tuple[str, int]]:
        entries = self.extensions.values()
        mixed = [(name, entry.seeds[0]) for entry in entries for name in entry.mixing]
        return [*(run for entry in entries for run in entry.runs()), *mixed]


def known_extensions() -> list[str]:
    """Return the names of the sets in the configuration folder, sorted."""
    return sorted(file.stem for file in (config_folder() / "extensions").glob("*.yaml"))


def load_extensions(name: str) -> ExtensionSet:
    """Return a set by its name, or by the path of a YAML file.

    Raises:
        UserError: there is none, or a key or value in it is wrong.
    """
    path = _find(name)
    content = load_yaml(path)
    if "extends" not in content:
        return _parse(ExtensionSet, content, path)
    choice = _parse(Choice, content, path)
    base = _find(choice.extends)
    whole = load_yaml(base)
    known = _parse(ExtensionSet, whole, base)
    for name in (*choice.extensions, *(choice.only or ())):
        known.entry(name)
    changed = merged(whole, {"extensions": choice.extensions}, str(path))
    names = known.extensions if choice.only is None else choice.only
    chosen = {name: _without_null(changed["extensions"][name]) for name in names}
    return _parse(ExtensionSet, {**changed, "extensions": chosen}, path)


class Choice(Spec):
    """A file that measures another's extensions: some of them, or all, with changes.

    Attributes:
        extends: the other set, a whole one.
        only: names of its extensions, in place of all.
        extensions: what is otherwise, merged into the other's as experiments are; a role that is
            null here is left out.
    """

    extends: str
    only: tuple[str, ...] | None = Field(None, min_length=1)
    extensions: dict[str, dict[str, Any]] = Field(default_factory=dict)


def _without_null(entry: dict[str, Any]) -> dict[str, Any]:
    roles = entry.get("experiments", {})
    kept = {role: name for role, name in roles.items() if name is not None}
    return {**entry, "experiments": kept}


def _find(name: str) -> Path:
    folder = config_folder() / "extensions"
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.is_file():
        raise UserError(f"no extensions for '{name}'{suggest(name, known_extensions())}")
    return path


def _parse(schema: type[S], content: dict[str, Any], path: Path) -> S:
    try:
        return schema(**content)
    except (ValidationError, TypeError) as error:
        raise explain(error, schema, str(path)) from error

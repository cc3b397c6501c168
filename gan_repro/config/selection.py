"""What a configuration comes to on this machine: which experiments, on which data, and why not."""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_repro.config.catalogue import catalogue, dataset_source, load_yaml
from gan_repro.config.experiments import (
    ExperimentSource,
    experiment_sources,
    find_experiment,
    resolve,
)
from gan_repro.errors import UserError, suggest


def can_be_had(dataset: str, raw: Path) -> bool:
    """Return whether a dataset is used here.

    One that only the user can bring, where it is there; one that stands in for another, where
    that one is not; any other always.
    """
    source = dataset_source(dataset)
    if source.stands_in_for:
        return not can_be_had(source.stands_in_for, raw)
    return all(source.provided_at(dataset, raw).values())


def groups(
    together: Iterable[Sequence[str]], experiments: Iterable[str], first_stages: Iterable[str]
) -> list[list[str]]:
    """Return the groups of experiments that are one job each, as they are given.

    Raises:
        UserError: one is not trained here, is half a model without a score, or is named twice.
    """
    found, known, halves = [list(group) for group in together], [*experiments], {*first_stages}
    named = [name for group in found for name in group]
    for name in named:
        if name not in known:
            raise UserError(f"together: '{name}' is not trained here{suggest(name, known)}")
        if name in halves:
            raise UserError(f"together: {name} is a first stage, which has no score; leave it out")
        if named.count(name) > 1:
            raise UserError(f"together: {name} is named twice")
    return found


def select(names: Iterable[str], raw: Path) -> dict[str, dict[str, Any]]:
    """Return the experiments to train, resolved, by name.

    A file that is for several datasets gives one experiment, on the first that can be had.

    Raises:
        UserError: a name is unknown, or a file is malformed.
    """
    chosen = {}
    for name in names:
        for source in _on_its_data(find_experiment(name), raw):
            chosen[source.name] = resolve(source)
    return chosen


def check_starts(experiments: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise UserError where one of the experiments starts from a run of one that is not among them.

    Args:
        experiments: resolved, by name.
    """
    for name, content in experiments.items():
        first = content.get("pretrained")
        if first and first not in experiments:
            raise UserError(f"{name} starts from {first}: name {first} among the experiments, too")


def _on_its_data(source: ExperimentSource, raw: Path) -> list[ExperimentSource]:
    known = experiment_sources(source.path) if source.dataset == source.first else [source]
    same = [found for found in known if found.variant == source.variant]
    return [found for found in same if can_be_had(found.dataset, raw)][:1]


def column_datasets(columns: Sequence[str]) -> list[str]:
    """Return the datasets that Table 1 needs: those of its columns, and their stand-ins."""
    stand_ins = [name for name, source in catalogue().items() if source.stands_in_for in columns]
    return [*columns, *stand_ins]


def column_options(columns: Sequence[str], raw: Path) -> list[str]:
    """Return the options that tell `gan-repro table` its columns, and which must stay empty."""
    options = []
    for dataset in columns:
        title = dataset_source(dataset).title
        options += ["--column", f"{title}={title}"]
        reason = empty_because(dataset, raw)
        options += ["--reason", f"{title}={reason}"] if reason else []
    return options


def empty_because(dataset: str, raw: Path) -> str | None:
    """Return why a column may stay empty whatever is trained, or None."""
    source = dataset_source(dataset)
    files = ", ".join(source.provided)
    if not files:
        return None
    if can_be_had(dataset, raw):
        return f"{files} is not the published file (its MD5 differs), so its scores stand apart"
    return f"no {files} in {raw / dataset}; it is not distributed publicly"


def notebook_parameters(file: str | None, notebooks: Path) -> dict[str, dict[str, Any]]:
    """Return notebook → parameter → value from a YAML file, or nothing where there is none.

    Args:
        file: its path.
        notebooks: the folder of notebooks, whose parameters they are.

    Raises:
        UserError: the file is not of that form, or names what no notebook has.
    """
    content = load_yaml(Path(file)) if file else {}
    for notebook, values in content.items():
        known = {path.stem: path for path in notebooks.glob("*.ipynb")}
        if notebook not in known:
            raise UserError(f"{file}: unknown notebook '{notebook}'{suggest(str(notebook), known)}")
        if not isinstance(values, dict):
            raise UserError(f"{file}: {notebook}: expected parameters and their values")
        parameters = parameters_of(known[notebook])
        for name, value in values.items():
            if name not in parameters:
                near = suggest(str(name), parameters)
                raise UserError(f"{file}: {notebook}: unknown parameter '{name}'{near}")
            if not isinstance(value, bool | int | float | str):
                raise UserError(f"{file}: {notebook}: {name}: expected a number or a text")
    return content


def parameters_of(notebook: Path) -> set[str]:
    """Return the names that the cell tagged ``parameters`` of a notebook assigns."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in tagged))
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {node.id for node in assigned if isinstance(node.ctx, ast.Store)}

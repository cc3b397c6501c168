"""An extension run to its record."""

import time
from importlib import import_module
from pathlib import Path

import torch
from pydantic import ValidationError

from gan_repro.config.extensions import Entry, ExtensionSet
from gan_repro.config.schema import explain
from gan_repro.data.dataset import load
from gan_repro.errors import UserError, suggest
from gan_repro.extensions.extension import Context, Extension
from gan_repro.extensions.records import Measure, Record, write
from gan_repro.extensions.registry import EXTENSIONS
from gan_repro.files import write_npz


def extension(name: str) -> Extension:
    """Return an extension by its name; an unknown one is answered with the nearest known."""
    if name not in EXTENSIONS:
        raise UserError(f"unknown extension '{name}'{suggest(name, EXTENSIONS)}")
    return import_module(EXTENSIONS[name]).EXTENSION


def _read(entry: Entry) -> list[tuple[str, int]]:
    """Return every run that an extension reads, those whose mixing it takes over among them."""
    return [*entry.runs(), *((experiment, entry.seeds[0]) for experiment in entry.mixing)]


def measure(
    name: str, chosen: ExtensionSet, data: Path, runs: Path, out: Path, device: torch.device
) -> Record:
    """Measure one extension; write ``out/NAME.json``, and ``out/NAME.npz`` where it has arrays.

    Args:
        name: of the extension.
        chosen: the set that has its entry.
        data: folder of prepared data.
        runs: folder of runs, EXPERIMENT/seedK each.
        out: folder of records.
        device: where to compute.

    Raises:
        UserError: an option is wrong, a run that it reads is missing, or a number is not finite.
    """
    kind, entry = extension(name), chosen.entry(name)
    place = f"extensions of {chosen.dataset}: {name}"
    try:
        options = kind.options(**entry.options)
    except (ValidationError, TypeError) as error:
        raise explain(error, kind.options, place, "options") from error
    dataset = load(data / f"{chosen.dataset}.npz")
    start = time.process_time()
    try:
        found = kind.measure(Context(name, dataset, entry, runs, device), options)
    except ValidationError as error:
        if error.title != Measure.__name__:
            raise
        raise UserError(
            f"{place}: a number came out as NaN or infinity; with its options or on these runs it "
            "cannot be measured"
        ) from error
    record = Record(
        name=name,
        about=kind.about,
        dataset=dataset.title,
        runs=tuple(f"{experiment} seed{seed}" for experiment, seed in _read(entry)),
        cpu_seconds=round(time.process_time() - start, 2),
        measures=dict(found.measures),
        series=dict(found.series),
    )
    write(out / f"{name}.json", record)
    if found.arrays:
        write_npz(out / f"{name}.npz", found.arrays)
    return record

"""The workflow's settings, before any job starts: one line says what is wrong, and where."""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from gan_repro.errors import UserError, suggest

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def with_numbers(value: Any) -> Any:
    """Return nested values with their numbers.

    Of `--config 'seeds=[0]'` Snakemake reads what is inside as texts.
    """
    if isinstance(value, Mapping):
        return {key: with_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [with_numbers(part) for part in value]
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def check_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise UserError with the first thing that the schema of the settings does not allow."""
    for name in settings:
        if name not in schema["properties"]:
            near = suggest(name, schema["properties"])
            raise UserError(f"the configuration: '{name}' was unexpected{near}")
    error = best_match(Draft202012Validator(schema).iter_errors(settings))
    if error:
        place = ".".join(map(str, error.absolute_path)) or "as a whole"
        raise UserError(f"the configuration: {place}: {error.message}")

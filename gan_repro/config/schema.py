"""The base of every schema, of configuration and of records: strict, immutable, helpful."""

from pathlib import Path
from reprlib import Repr
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from gan_repro.errors import UserError, reading, suggest
from gan_repro.files import read_json

Record = TypeVar("Record")

# The name of an experiment or a dataset: a word that is a folder's name and needs no quotes.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", max_length=80)]
# What people read, on one line. A dollar sign would start a formula in a figure, and an equals
# sign ends the header of a table's column.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f$=]+$", max_length=120)]
# Seeds that every library takes.
LARGEST_SEED = 2**32 - 1
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]

MOST_VALUES, DEEPEST = 10_000, 20
NOT_OURS = "is not what the pipeline writes there"

# A value is quoted in a message, however large or deep it is.
BRIEF = Repr()
BRIEF.maxstring = BRIEF.maxother = 60
BRIEF.maxlevel = 2


class Spec(BaseModel):
    """A validated piece of configuration or a record: no unknown keys, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def check_size(value: Any, source: str) -> None:
    """Raise UserError where a configuration has more values, or deeper ones, than anybody writes.

    Aliases count each time: a few hundred bytes of them stand for billions of values.
    """
    pending, count = [(value, 0)], 0
    while pending:
        value, depth = pending.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            raise UserError(f"{source} has more than {MOST_VALUES} values, or nests them too deep")
        if isinstance(value, dict):
            pending += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list | tuple):
            pending += [(part, depth + 1) for part in value]


def explain(
    error: ValidationError | TypeError, schema: type[BaseModel], source: str, within: str = ""
) -> UserError:
    """Turn a report into one line: file, key, what is wrong, and the nearest known key.

    Args:
        error: pydantic's, or Python's where a key is no word.
        schema: what was validated.
        source: the file.
        within: the key of the file whose value was validated, if not all of it.
    """
    if isinstance(error, TypeError):
        return UserError(f"{source}: {within or 'a key'}: keys must be words")
    found = error.errors(include_url=False, include_context=False)
    # A misspelt key is also a missing one; the misspelling is what helps.
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in ((within,) if within else ()) + first["loc"])
    if first["type"] == "extra_forbidden":
        known = _keys(schema, first["loc"][:-1])
        problem = f"unknown key{suggest(str(first['loc'][-1]), known)}"
    else:
        got = BRIEF.repr(first["input"])
        problem = f"{first['msg'].removeprefix('Value error, ')} (got {got})"
    return UserError(f"{source}: {place + ': ' if place else ''}{problem}")


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a JSON file into the type of its records.

    Raises:
        UserError: the file is missing, not JSON, or of another kind; the message names the place.
    """
    content = read_json(path)
    try:
        with reading(path, NOT_OURS, "make it again"):
            return TypeAdapter(kind).validate_python(content)
    except UserError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        first = error.__cause__.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        found = ": ".join(filter(None, (place, first["msg"])))
        raise UserError(f"{path} {NOT_OURS} ({found}); make it again") from error


def to_json(record: BaseModel) -> Any:
    """Return a record as JSON-ready values, without the fields that were never set."""
    return record.model_dump(mode="json", exclude_unset=True)


def _keys(schema: type[BaseModel], path: tuple[int | str, ...]) -> set[str]:
    """Return the keys known at a path inside a schema, found by walking its JSON schema."""
    root = schema.model_json_schema()
    nodes = [root]
    for part in path:
        nodes = [child for node in nodes for child in _children(root, node, part)]
    return {key for node in nodes for key in _resolve(root, node).get("properties", {})}


def _resolve(root: dict, node: dict) -> dict:
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _children(root: dict, node: dict, part: int | str) -> list[dict]:
    node = _resolve(root, node)
    options = [_resolve(root, option) for option in node.get("oneOf", node.get("anyOf", [node]))]
    if isinstance(part, int):
        return [option["items"] for option in options if "items" in option]
    found = [
        option["properties"][part] for option in options if part in option.get("properties", {})
    ]
    # A discriminated union puts the tag, which is no key, on the path.
    return found or options

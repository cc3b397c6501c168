"""The base of every configuration schema: strict, immutable, and helpful about misspelt keys."""

from pydantic import BaseModel, ConfigDict, ValidationError

from gan_repro.errors import UserError, suggest


class Spec(BaseModel):
    """A validated piece of configuration: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def explain(error: ValidationError, schema: type[BaseModel], source: str) -> UserError:
    """Turn pydantic's report into one line: file, key, what is wrong, and the nearest known key."""
    found = error.errors()
    # A misspelt key is also a missing one; the misspelling is what helps.
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _keys(schema, first["loc"][:-1])
        problem = f"unknown key{suggest(str(first['loc'][-1]), known)}"
    else:
        problem = f"{first['msg'].removeprefix('Value error, ')} (got {first['input']!r})"
    return UserError(f"{source}: {place or 'experiment'}: {problem}")


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

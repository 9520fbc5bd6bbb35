"""The order of keys: that of the properties in the JSON Schema of the document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import queast_schemas
from queast_dsl.loading.nodes import Step

JsonObject = dict[str, Any]


def in_order(schema: str, path: tuple[Step, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of the mapping at a path in the order to write them.

    `("routes", "companies")`: ("fields", "to", "entity")  ->  ("entity", "to", "fields")
    Where the schema names no keys, as under `fields`, they stay as they are; what it does not know comes last.
    """
    known = {key: place for place, key in enumerate(_known(schema, path, keys))}
    return tuple(sorted(keys, key=lambda key: known.get(key, len(known))))


def _known(schema: str, path: tuple[Step, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    here = [_schema(schema)]
    for step in path:
        here = [below for each in here for part in _parts(each, None, _schema(schema)) for below in _below(part, step)]
    found: dict[str, None] = {}
    for each in here:
        for part in _parts(each, keys, _schema(schema)):
            found |= dict.fromkeys(part.get("properties", {}))
    return tuple(found)


@cache
def _schema(name: str) -> JsonObject:
    return dict(queast_schemas.load(name))


def _parts(schema: JsonObject, keys: tuple[str, ...] | None, root: JsonObject) -> Iterator[JsonObject]:
    """Yield a schema and what it refers to. Of what it demands in a case, only where the keys at hand are that case."""
    yield schema
    reference = schema.get("$ref", "")
    if reference.startswith("#/$defs/"):
        yield from _parts(root["$defs"][reference.removeprefix("#/$defs/")], keys, root)
    if "if" in schema:
        branches = ("then", "else") if keys is None else ("then",) if _is_case(schema["if"], keys) else ("else",)
        for branch in branches:
            if isinstance(schema.get(branch), dict):
                yield from _parts(schema[branch], keys, root)


def _is_case(condition: JsonObject, keys: tuple[str, ...]) -> bool:
    return all(key in keys for key in condition.get("required", ())) and condition.get("type", "object") == "object"


def _below(schema: JsonObject, step: Step) -> Iterator[JsonObject]:
    if isinstance(step, int):
        below = schema.get("items")
    else:
        below = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
    if isinstance(below, dict):
        yield below

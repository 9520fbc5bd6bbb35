"""Our schemas as any JSON Schema validator reads them.

Ours are checked over a tree in which a plain scalar is of every type that its text can be read as. An editor decides
beforehand: to it `name: 2024` holds a number. So where ours say text, these take what plain text may look like:

{"type": "string", "x-pii": …}  ->  {"if": {"type": ["number", "boolean"]}, "else": {"type": "string"}}

A misspelt key is also a missing one. So that it is underlined once, a key is missed only where all others are known.

What this version cannot carry out (`x-later`) is left out, so that it is refused like any other unknown word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

JsonObject = dict[str, Any]

_OF_ONE = ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not", "contains")
_OF_A_LIST = ("allOf", "anyOf")
_BY_NAME = ("properties", "patternProperties", "$defs")
# A text that reads as each kind; a pattern that refuses it refuses the kind.
_LOOKS: tuple[tuple[str, str], ...] = (("number", "12"), ("boolean", "true"))


def for_editors(schema: JsonObject, *, yaml: bool = True) -> JsonObject:
    """Return one of our document schemas without our keywords. `yaml` is False for documents that are JSON files."""
    shown: JsonObject = _translated(schema, yaml)
    shown.pop("$id", None)
    return without_unused(shown)


def text(schema: JsonObject) -> JsonObject:
    """Return a schema of text with what YAML reads as something else let through.

    `{"type": "string", "maxLength": 9}`  ->  `{"maxLength": 9, "if": {"type": […]}, "else": {"type": "string"}}`. The
    kinds stand under `if`, because an editor offers `true` and `false` wherever `type` names a boolean.
    """
    pattern = schema.get("pattern")
    looks = [kind for kind, sample in _LOOKS if pattern is None or re.search(pattern, sample)]
    if not looks:
        return schema
    rest = {key: value for key, value in schema.items() if key != "type"}
    return {**rest, "if": {"type": looks}, "else": {"type": "string"}}


def all_known(keys: Iterable[str]) -> JsonObject:
    """Return a schema of mappings without a key that is none of these."""
    return {"propertyNames": {"enum": list(keys)}}


def needs(required: Iterable[str], known: Iterable[str]) -> JsonObject:
    """Return a schema that misses keys, one finding each, but where some key is unknown: that may be the one meant."""
    return {"if": all_known(known), "then": {"required": list(required)}}


def without_unused(schema: JsonObject) -> JsonObject:
    """Return the schema without definitions that nothing refers to."""
    defs: JsonObject = schema.get("$defs", {})
    used: set[str] = set()
    waiting = list(references({key: value for key, value in schema.items() if key != "$defs"}))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += references(defs[name])
    kept = {name: each for name, each in defs.items() if name in used}
    rest = {key: value for key, value in schema.items() if key != "$defs"}
    return {**rest, "$defs": kept} if kept else rest


def references(value: Any) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to."""
    match value:
        case {"$ref": str(reference), **rest}:
            yield unquote(reference.removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")
            yield from references(rest)
        case dict():
            for each in value.values():
                yield from references(each)
        case list():
            for each in value:
                yield from references(each)
        case _:
            pass


def _translated(schema: Any, yaml: bool) -> Any:
    if not isinstance(schema, dict):
        return schema
    later = schema.get("x-later")
    withheld = later if isinstance(later, list) else []
    shown: JsonObject = {}
    for key, value in schema.items():
        if key.startswith("x-"):
            continue
        if key in _BY_NAME:
            shown[key] = {name: _translated(each, yaml) for name, each in value.items() if not _is_later(each)}
        elif key in _OF_ONE:
            # Keys are text to everyone.
            shown[key] = _translated(value, yaml and key != "propertyNames")
        elif key in _OF_A_LIST:
            shown[key] = [_translated(each, yaml) for each in value]
        elif key in ("enum", "examples"):
            shown[key] = [each for each in value if each not in withheld]
        else:
            shown[key] = value
    if shown.get("additionalProperties") is False and "required" in shown:
        shown.setdefault("allOf", []).append(needs(shown.pop("required"), shown["properties"]))
    return _loosened(shown) if yaml else shown


def _is_later(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("x-later") is True


def _loosened(schema: JsonObject) -> JsonObject:
    if schema.get("type") == "string" and "enum" not in schema and "if" not in schema:
        return text(schema)
    if schema.get("type") == ["string", "object"] and "else" in schema:
        # Whatever is no mapping goes by `else`, which says of itself what it takes.
        return {key: value for key, value in schema.items() if key != "type"}
    return schema

"""JSON Schema over a positioned tree, in which a plain scalar is of every type that its text can be read as.

`014` is text where the schema asks for text and a number where it asks for a number, so nothing is guessed before its
place is known. Schemas are read from the package only: the registry holds ours and fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import queast_schemas
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Style

JsonObject = dict[str, Any]
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\Z")
_SHARED = {"mapping-merged": ("mapping",)}


class PlainText(str):
    """A scalar written without quotes."""

    __slots__ = ()


def plain_value(node: Node) -> Any:
    """Return dicts, lists and text; text written without quotes is `PlainText`."""
    match node:
        case MapNode():
            return {entry.key.value: plain_value(entry.value) for entry in node.entries}
        case SeqNode():
            return [plain_value(item) for item in node.items]
        case ScalarNode():
            return PlainText(node.value) if node.style is Style.PLAIN else node.value


def _is_string(_: TypeChecker, value: object) -> bool:
    return isinstance(value, str) and not (isinstance(value, PlainText) and value in ("", "~"))


def _is_null(_: TypeChecker, value: object) -> bool:
    return value is None or (isinstance(value, PlainText) and value in ("", "~", "null"))


def _is_boolean(_: TypeChecker, value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, PlainText) and value in ("true", "false"))


def _is_integer(_: TypeChecker, value: object) -> bool:
    if isinstance(value, PlainText):
        return _INTEGER.match(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: TypeChecker, value: object) -> bool:
    if isinstance(value, PlainText):
        return _NUMBER.match(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: object, expected: object) -> bool:
    if isinstance(value, PlainText) and not isinstance(expected, str):
        return value == (str(expected).lower() if isinstance(expected, bool) else str(expected))
    return type(value) is type(expected) and value == expected if isinstance(expected, bool) else value == expected


def _const(_: Validator, const: object, value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if not _same(value, const):
        yield ValidationError("const")


def _enum(_: Validator, enum: list[object], value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if not any(_same(value, each) for each in enum):
        yield ValidationError("enum")


def _pattern(validator: Validator, pattern: str, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    # To Python `$` also fits before a last line break, to JSON Schema it does not.
    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if validator.is_type(value, "string") and re.search(exact, value) is None:
        yield ValidationError("pattern")


def _minimum(validator: Validator, least: float, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and float(value) < least:
        yield ValidationError("minimum")


def _maximum(validator: Validator, most: float, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and float(value) > most:
        yield ValidationError("maximum")


def _required(_: Validator, keys: list[str], value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError(key) for key in keys if key not in value)


def _properties(validator: Any, rules: JsonObject, value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for key, rule in rules.items():
        if key not in value:
            continue
        if rule is False:
            # The library would not say which key it is.
            yield ValidationError(key, path=(key,))
        else:
            yield from validator.descend(value[key], rule, path=key, schema_path=key)


def _additional(
    validator: Any, rule: JsonObject | bool, value: object, schema: JsonObject
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    for key, item in value.items():
        if key in known or rule is True:
            continue
        if rule is False:
            yield ValidationError(key)
        else:
            yield from validator.descend(item, rule, path=key)


def _later(_: Validator, later: bool | list[object], value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if later is True or (isinstance(later, list) and any(_same(value, each) for each in later)):
        yield ValidationError("later")


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "string": _is_string,
        "null": _is_null,
        "boolean": _is_boolean,
        "integer": _is_integer,
        "number": _is_number,
    }
)
_extend: Any = extend  # the library has no annotations here
_Validator = _extend(
    Draft202012Validator,
    {
        "const": _const,
        "enum": _enum,
        "pattern": _pattern,
        "minimum": _minimum,
        "maximum": _maximum,
        "required": _required,
        "properties": _properties,
        "additionalProperties": _additional,
        "x-later": _later,
    },
    type_checker=_TYPES,
)


def _undialected(name: str) -> JsonObject:
    # Behind a reference the library goes by `$schema` and would fall back to its own keywords and types.
    return {key: value for key, value in queast_schemas.load(name).items() if key != "$schema"}


@cache
def _validator(name: str) -> Any:
    registry: Registry[Any] = Registry()
    for shared in _SHARED.get(name, ()):
        resource = DRAFT202012.create_resource(_undialected(shared))
        registry = registry.with_resource(f"{shared}.schema.json", resource)
    return _Validator(_undialected(name), registry=registry)


def errors_of(value: Any, schema: str) -> list[ValidationError]:
    """Return what the schema `<schema>.schema.json` of the package has against a value, in no special order.

    The message of `required` and of a closed object's `additionalProperties` is the key's name alone.
    """
    return list(_validator(schema).iter_errors(value))

"""JSON Schema over a positioned tree, in which a plain scalar is of every type that its text can be read as.

`014` is text where the schema asks for text and a number where it asks for a number, so nothing is guessed before its
place is known. Schemas are read from the package only: the registry holds ours and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import queast_schemas
from queast_dsl.loading.accept import Accepts, acceptor
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Style
from queast_dsl.loading.plain import SCALARS, PlainText, amount, exact, same

JsonObject = dict[str, Any]
_SHARED = {"mapping-merged": ("mapping",)}


def plain_value(node: Node) -> Any:
    """Return dicts, lists and text; text written without quotes is `PlainText`."""
    match node:
        case MapNode():
            return {entry.key.value: plain_value(entry.value) for entry in node.entries}
        case SeqNode():
            return [plain_value(item) for item in node.items]
        case ScalarNode():
            return PlainText(node.value) if node.style is Style.PLAIN else node.value


def _const(_: Validator, const: object, value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if not same(value, const):
        yield ValidationError("const")


def _enum(_: Validator, enum: list[object], value: object, _schema: JsonObject) -> Iterator[ValidationError]:
    if not any(same(value, each) for each in enum):
        yield ValidationError("enum")


def _pattern(validator: Validator, pattern: str, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and exact(pattern).search(value) is None:
        yield ValidationError("pattern")


def _minimum(validator: Validator, least: float, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and amount(value) < least:
        yield ValidationError("minimum")


def _maximum(validator: Validator, most: float, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and amount(value) > most:
        yield ValidationError("maximum")


def _above(validator: Validator, bound: float, value: Any, _schema: JsonObject) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and amount(value) <= bound:
        yield ValidationError("exclusiveMinimum")


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
    if later is True or (isinstance(later, list) and any(same(value, each) for each in later)):
        yield ValidationError("later")


def _asking(kind: Callable[[object], bool]) -> Callable[[TypeChecker, object], bool]:
    return lambda _, value: kind(value)


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({name: _asking(kind) for name, kind in SCALARS.items()})
_extend: Any = extend  # the library has no annotations here
_Validator = _extend(
    Draft202012Validator,
    {
        "const": _const,
        "enum": _enum,
        "pattern": _pattern,
        "minimum": _minimum,
        "maximum": _maximum,
        "exclusiveMinimum": _above,
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


@cache
def _acceptor(name: str) -> Accepts:
    shared = {f"{each}.schema.json": queast_schemas.load(each) for each in _SHARED.get(name, ())}
    return acceptor(queast_schemas.load(name), shared)


def errors_of(value: Any, schema: str) -> list[ValidationError]:
    """Return what the schema `<schema>.schema.json` of the package has against a value, in no special order.

    The message of `required` and of a closed object's `additionalProperties` is the key's name alone.
    """
    return [] if surely_sound(value, schema) else asked(value, schema)


def surely_sound(value: Any, schema: str) -> bool:
    """Say whether the schema surely has nothing against a value, many times as fast as the library says so."""
    return _acceptor(schema)(value)


def asked(value: Any, schema: str) -> list[ValidationError]:
    """Return what the library has against a value."""
    return list(_validator(schema).iter_errors(value))

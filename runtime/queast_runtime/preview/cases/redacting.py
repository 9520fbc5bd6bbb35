"""An entity with placeholders in the place of whatever tells who somebody is.

Words keep their lengths, so that places in a text still hold; the same word is the same placeholder everywhere.
"""

from __future__ import annotations

import re
from typing import Any, Final

from queast_dsl.types import EnumType, ListType, ObjectType, Property, StrType
from queast_runtime.preview.as_test import Placeholders

_BUSINESS: Final = frozenset({"public_business"})
# By themselves they name nobody, and what a mapping makes of them hangs on what they are.
_KEPT_FORMATS: Final = frozenset({"country", "currency", "language"})
_DIGIT: Final = re.compile(r"\d")


def redacted(shape: ObjectType, body: dict[str, Any], made: Placeholders, *, companies: bool) -> dict[str, Any]:
    """Return an entity's body with placeholders for what is personal; with `companies` also for what names companies.
    A property that the shape does not know is taken to be personal.

    Ids are left: they say nothing to anybody but Queast.
    """
    return {name: _value(shape.get(name), value, made, companies=companies) for name, value in body.items()}


def _value(prop: Property | None, value: Any, made: Placeholders, *, companies: bool) -> Any:
    if value is None:
        return value
    if prop is None:
        return _unknown(value, made)
    inner = prop.type.item if isinstance(prop.type, ListType) else prop.type
    if isinstance(value, list):
        return [_one(prop, inner, each, made, companies=companies) for each in value]
    return _one(prop, inner, value, made, companies=companies)


def _one(prop: Property, type_: object, value: Any, made: Placeholders, *, companies: bool) -> Any:
    if isinstance(type_, ObjectType) and isinstance(value, dict):
        return redacted(type_, value, made, companies=companies)
    personal = not prop.labels <= _BUSINESS
    if not isinstance(value, str) or not (personal or companies) or not isinstance(type_, StrType):
        return value
    if isinstance(type_, EnumType) or type_.format in _KEPT_FORMATS or _is_id(prop.name):
        return value
    if type_.format == "email" or "@" in value:
        local, _, host = value.rpartition("@")
        return f"{made.text(local).lower()}@{made.domain(host)}"
    if type_.format == "phone":
        return _DIGIT.sub("0", value)
    if type_.format in ("uri", "hostname"):
        return made.domain(value)
    return made.text(value)


def _unknown(value: Any, made: Placeholders) -> Any:
    """What a schema does not know may say anything of anybody: its words and figures are replaced, its form is kept."""
    match value:
        case bool():
            return value
        case str():
            return made.text(value)
        case int() | float():
            return 0
        case list():
            return [_unknown(each, made) for each in value]
        case dict():
            return {name: _unknown(each, made) for name, each in value.items()}
        case _:
            return value


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")

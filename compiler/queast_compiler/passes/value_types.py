"""Which types of the language a destination's property can hold."""

from __future__ import annotations

from typing import assert_never

from queast_compiler.passes.properties import Property
from queast_dsl.document.connector import PropertyType
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NullType,
    NumType,
    StrType,
    Type,
    UnknownType,
)


def holds(property: PropertyType, value: Type) -> bool:
    """Return whether a property of this type can hold every value of `value`, its options not looked at.

    Nothing is converted: a whole number fits a number, an enum fits text, and that is all.
    """
    if isinstance(value, UnknownType | NullType):
        return True
    match property:
        case "string" | "text" | "html" | "markdown":
            return isinstance(value, StrType | EnumType)
        case "integer":
            return isinstance(value, IntType)
        case "number":
            return isinstance(value, IntType | NumType)
        case "boolean":
            return isinstance(value, BoolType)
        case "date":
            return isinstance(value, DateType)
        case "datetime":
            return isinstance(value, DatetimeType)
        case "enumeration" | "owner":
            return isinstance(value, EnumType)
        case "set":
            return isinstance(value, ListType) and isinstance(value.item, EnumType | UnknownType)
        case _:
            assert_never(property)


def closed_values(value: Type) -> tuple[str, ...]:
    """Return the texts that an enum, or a list of one, can take; empty for other types."""
    match value:
        case EnumType(values=values) | ListType(item=EnumType(values=values)):
            return values
        case _:
            return ()


def in_words(property: Property) -> str:
    """Return what a property holds, for a message: `a whole number`, `one of its options`."""
    match property.type:
        case "string" | "text":
            return "text"
        case "html":
            return "text (HTML)"
        case "markdown":
            return "text (Markdown)"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "boolean":
            return "true or false"
        case "date":
            return "a date"
        case "datetime":
            return "a date and time"
        case "enumeration":
            return "one of its options"
        case "set":
            return "a list of its options"
        case "owner":
            return "an owner"
        case _:
            assert_never(property.type)

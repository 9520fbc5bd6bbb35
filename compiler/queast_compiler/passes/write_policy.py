"""When a field is written: what the file says, or what is meant where it says nothing."""

from __future__ import annotations

from typing import cast, get_args

from queast_compiler.plan.needs import Write
from queast_dsl.document.connector import ConnectorObject
from queast_dsl.document.mapping import DEFAULT_WRITE, Field
from queast_dsl.types import EnumType, Type, UnknownType


def write_of(field: Field, object: ConnectorObject) -> Write:
    """`name: company.name` of a company  ->  `unless_edited`; of a note, which has no later write  ->  `always`."""
    if object.action != "upsert":
        return "always"
    given = DEFAULT_WRITE if field.write is None else field.write.value
    if given not in get_args(Write):
        raise ValueError(f"write policy {given!r} got past the mapping schema")
    return cast(Write, given)


def adds(field: Field) -> bool:
    """Whether the field's value joins what the property holds."""
    return field.write is not None and field.write.value == "add"


def is_one_option(value: Type) -> bool:
    """Whether a value is a single option, which `add` takes as well as a list of them."""
    return isinstance(value, EnumType | UnknownType)

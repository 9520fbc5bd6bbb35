"""Bind the items of a list to a name, for `each:`."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions import Environment, Typed
from queast_dsl.types import ListType, ObjectType


def with_item(env: Environment, name: str, items: Typed) -> Environment | None:
    """Return the environment in which `name` is an item of `items`; None where that is no list of objects."""
    match items.type:
        case ListType(item=ObjectType() as item):
            return replace(env, roots={**env.roots, name: item})
        case _:
            return None

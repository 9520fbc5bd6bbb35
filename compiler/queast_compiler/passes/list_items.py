"""Bind the items of a list to a name, for `each:`."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions import Environment, Typed
from queast_dsl.types import ListType


def with_item(env: Environment, name: str, items: Typed) -> Environment | None:
    """Return the environment in which `name` is an item of `items`; None where that is no list.

    `each: company.technologies, as: technology`  ->  `technology` is text, read from `company.technologies`
    """
    match items.type:
        case ListType(item=item):
            sources = {**env.sources, name: items.origins or items.reads}
            return replace(env, variables={**env.variables, name: item}, sources=sources)
        case _:
            return None

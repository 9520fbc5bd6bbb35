"""What the base mappings that ship lend to a mapping on top of them: for editors, which see one file at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.nodes import MapNode, ScalarNode
from queast_dsl.loading.places import VALUE_FORMS
from queast_dsl.loading.sound import entries, mapping
from queast_dsl.loading.source import read_source
from queast_dsl.loading.tree import read_tree


@dataclass(frozen=True, slots=True)
class BaseRoute:
    """`lent` are the route's keys with their texts (`entity`, `to`), `keys` all of its keys, `fields` those that have a
    value, by the destination's property."""

    name: str
    lent: dict[str, str]
    keys: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """`name` is what `extends:` says, such as `base/hubspot@1`; `keys` are the base's own at the top."""

    name: str
    keys: tuple[str, ...]
    routes: tuple[BaseRoute, ...]


@cache
def shipped_bases() -> tuple[Base, ...]:
    """Return the bases of the package by name. One that is unsound is a bug of ours: TypeError."""
    found = sorted(each.name for each in (files("queast_dsl") / "base").iterdir() if each.name.endswith(".yaml"))
    return tuple(_base(file_name) for file_name in found)


def _base(file_name: str) -> Base:
    diagnostics = Diagnostics()
    source = read_source(f"base/{file_name}", (files("queast_dsl") / "base" / file_name).read_bytes(), diagnostics)
    root = mapping(None if source is None else read_tree(source, diagnostics))
    name = file_name.removesuffix(".yaml").replace(".v", "@")
    routes = tuple(_route(entry.key.value, mapping(entry.value)) for entry in entries(root, "routes"))
    return Base(f"base/{name}", root.keys, routes)


def _route(name: str, route: MapNode) -> BaseRoute:
    lent = {key: node.value for key in ("entity", "to") if isinstance(node := route.get(key), ScalarNode)}
    fields = tuple(
        entry.key.value
        for entry in entries(route, "fields")
        if not isinstance(entry.value, MapNode) or not set(VALUE_FORMS).isdisjoint(entry.value.keys)
    )
    return BaseRoute(name, lent, route.keys, fields)

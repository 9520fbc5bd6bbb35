"""Data templates: a manifest's JSON with `$` objects, filled in with values that keep their types.

    {"id": {"$get": "partner_id"}, "properties": {"$fields": "all"}}  ->  {"id": "17", "properties": {"name": "ACME"}}

Nothing is pasted into text, so no value can change the shape of a body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


class CannotFill(ValueError):
    """A template asks for a value that this request does not have, or that has another type."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a template can speak of. `fields` are the three views of the written properties, `links` the records of
    each object that an item hangs on, `items` the items of a batch."""

    values: Mapping[str, Any]
    fields: Mapping[str, JsonObject] = field(default_factory=dict)
    links: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    items: tuple[Scope, ...] = ()

    def with_values(self, **values: Any) -> Scope:
        return Scope({**self.values, **values}, self.fields, self.links, self.items)


def fill(template: Any, scope: Scope) -> Any:
    """Return a template as JSON. Raises CannotFill."""
    match template:
        case {"$get": name, "as": wanted}:
            return _typed(get(str(name), scope), str(wanted))
        case {"$get": name}:
            return get(str(name), scope)
        case {"$fields": kind}:
            return scope.fields[kind]
        case {"$each": "items", "body": body}:
            return [fill(body, item) for item in scope.items]
        case {"$each": "ids", "body": body}:
            return [fill(body, scope.with_values(id=each)) for each in get("ids", scope)]
        case {"$links": target, "body": body}:
            return [
                fill(body, scope.with_values(**{f"link.{name}": value for name, value in link.items()}))
                for link in scope.links.get(target, ())
            ]
        case {"$merge": parts}:
            merged: JsonObject = {}
            for part in parts:
                merged.update(fill(part, scope))
            return merged
        case {"$join": part}:
            return ",".join(str(each) for each in fill(part, scope))
        case dict():
            return {key: fill(value, scope) for key, value in template.items()}
        case list():
            return [fill(value, scope) for value in template]
        case _:
            return template


def get(name: str, scope: Scope) -> Any:
    """Return a value by the name that templates and paths use. Raises CannotFill where there is none."""
    if name.startswith("links."):
        links = scope.links.get(name.removeprefix("links."), ())
        if not links:
            raise CannotFill(f"needs a record of `{name.removeprefix('links.')}` to hang on")
        return links[0]["partner_id"]
    if name not in scope.values:
        raise CannotFill(f"has no value `{name}`")
    return scope.values[name]


def _typed(value: Any, wanted: str) -> Any:
    if value is None:
        return None
    if wanted == "string":
        return str(value)
    whole = whole_number(value)
    if not isinstance(whole, int):
        raise CannotFill("has an id that is not a whole number")
    return whole


def whole_number(value: Any) -> Any:
    """Return texts of digits, alone or in a list, as numbers and anything else as it is."""
    if isinstance(value, list):
        return [whole_number(each) for each in value]
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    return value

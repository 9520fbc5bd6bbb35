"""How much is the same, for what a reader is not shown."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.diff.placeless import meaning
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.ir import Each, Expr, MakeObj
from queast_compiler.plan.mapping import MappingPlan


def same_in_mapping(old: MappingPlan, new: MappingPlan) -> int:
    """Return how many properties, body keys and headers of routes are the same on both sides."""
    before = dict(_of_mapping(old))
    return sum(key in before and before[key] == value for key, value in _of_mapping(new))


def same_in_connection(old: ConnectionPlan, new: ConnectionPlan) -> int:
    """Return how many places of a connection are the same: its own keys, and those of each entity's matching."""
    before = dict(_of_connection(old))
    return sum(key in before and before[key] == value for key, value in _of_connection(new))


_Place = tuple[tuple[str, ...], object]


def _of_mapping(plan: MappingPlan) -> Iterator[_Place]:
    for route in plan.routes:
        for field in route.fields:
            yield (route.name, "fields", field.property), meaning(field)
        if route.body is not None:
            yield from _of_body(route.body, (route.name, "body"))
        for name, value in route.headers:
            yield (route.name, "headers", name), meaning(value)


def _of_body(expr: Expr, place: tuple[str, ...]) -> Iterator[_Place]:
    match expr:
        case MakeObj(entries=entries):
            for key, each in entries:
                yield from _of_body(each, (*place, key))
        case Each(items=items, body=body):
            yield (*place, "each"), meaning(items)
            yield from _of_body(body, place)
        case _:
            yield place, meaning(expr)


def _of_connection(plan: ConnectionPlan) -> Iterator[_Place]:
    for name in ("connector", "connector_version", "account", "url", "time_zone", "secrets", "inbound"):
        yield (name,), meaning(getattr(plan, name))
    for match in plan.match:
        for name in ("object", "order", "external_id", "domain_from", "domain_to", "card", "on_none", "on_many"):
            yield ("match", match.entity, name), meaning(getattr(match, name))
        yield ("match", match.entity, "name"), meaning(match.name)
    for key, section in plan.manifest.items():
        yield ("manifest", key), meaning(section)

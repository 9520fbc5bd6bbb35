"""What the routes of a mapping ask of the engine that runs them: written into its plan, and held to it when read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queast_compiler.plan.mapping import RoutePlan
from queast_compiler.plan.needs import GuardNeed, Need, ReadNeed, guard_of


def needs_of(routes: Sequence[RoutePlan]) -> tuple[Need, ...]:
    """A field with `write: if_empty`  ->  its guard, and its property among those to read before a record is written.

    Guards come in the routes' order, then one read for each object, sorted.
    """
    guards = tuple(need for route in routes for need in _guards(route))
    objects = {route.name: route.object for route in routes}
    read: dict[str, set[str]] = {}
    for need in guards:
        read.setdefault(objects[need.route], set()).add(need.property)
    return (*guards, *(ReadNeed(object, tuple(sorted(names))) for object, names in sorted(read.items())))


def _guards(route: RoutePlan) -> Iterator[GuardNeed]:
    for field in route.fields:
        guard = guard_of(field.write)
        if guard != "none":
            yield GuardNeed(guard, route.name, field.property, field.file, field.line)

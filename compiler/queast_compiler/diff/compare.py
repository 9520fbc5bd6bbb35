"""Two sides of one tenant, plan by plan, into what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from queast_compiler.diff.connections import connection
from queast_compiler.diff.fields import tables
from queast_compiler.diff.kinds import destination, lifecycle
from queast_compiler.diff.model import Change
from queast_compiler.diff.personal import Connections, personal
from queast_compiler.diff.place import Place
from queast_compiler.diff.receiving import receiving
from queast_compiler.diff.routes import overwriting_of, routes
from queast_compiler.diff.scope import scope
from queast_compiler.diff.unchanged import same_in_connection, same_in_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan


@dataclass(frozen=True, slots=True)
class Side:
    """What one side consists of, of one tenant: plans by the names of connections and mappings."""

    connections: Mapping[str, ConnectionPlan]
    mappings: Mapping[str, MappingPlan]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changes` by connection, then what is its own, then its mappings by name, each in the order of the plan's places.

    `unchanged` says of every mapping on both sides how many properties and body keys are the same;
    `unchanged_of_connections` the same of connections: how many of their places.
    """

    changes: tuple[Change, ...]
    unchanged: Mapping[str, int]
    unchanged_of_connections: Mapping[str, int] = field(default_factory=dict)


def compare(old: Side, new: Side) -> Comparison:
    """Return what changes from `old` to `new`, nothing for places in files, comments and the order of keys.

    Raises ValueError where the two sides are of more than one tenant.
    """
    plans: list[ConnectionPlan | MappingPlan] = []
    for side in (old, new):
        plans += [*side.connections.values(), *side.mappings.values()]
    tenants = {plan.tenant for plan in plans}
    if len(tenants) > 1:
        raise ValueError(f"plans of several tenants are not compared: {', '.join(sorted(tenants))}")
    return Comparison(
        tuple(_changes(old, new)),
        {
            name: same_in_mapping(plan, new.mappings[name])
            for name, plan in sorted(old.mappings.items())
            if name in new.mappings
        },
        {
            name: same_in_connection(plan, new.connections[name])
            for name, plan in sorted(old.connections.items())
            if name in new.connections
        },
    )


def _changes(old: Side, new: Side) -> Iterator[Change]:
    by_connection: dict[str, list[str]] = {name: [] for name in (*old.connections, *new.connections)}
    for name in sorted(old.mappings.keys() | new.mappings.keys()):
        # A mapping is shown at the connection that it goes to now.
        plan = new.mappings.get(name) or old.mappings[name]
        by_connection.setdefault(plan.connection, []).append(name)
    for name in sorted(by_connection):
        using = [
            plan
            for side in (new, old)
            for plan in sorted(side.mappings.values(), key=lambda each: each.mapping)
            if plan.connection == name
        ]
        yield from connection(old.connections.get(name), new.connections.get(name), using)
        for mapping in by_connection[name]:
            yield from _mapping(old, new, mapping)


def _mapping(old: Side, new: Side, name: str) -> Iterator[Change]:
    before, after = old.mappings.get(name), new.mappings.get(name)
    shown = after or before
    if shown is None:
        return
    home = Place(shown.connection, name, shown.sources[0][0] if shown.sources else "")
    connections: Connections = (
        None if before is None else old.connections.get(before.connection),
        None if after is None else new.connections.get(after.connection),
    )
    own = tuple(_own(before, after, home))
    yield from own
    yield from personal(before, after, home, connections, own)


def _own(old: MappingPlan | None, new: MappingPlan | None, home: Place) -> Iterator[Change]:
    if new is None:
        if old is not None:
            yield home.change(lifecycle.MAPPING_REMOVED, _summary(old), None, "what it wrote stays at the destination")
        return
    if old is None:
        yield home.change(destination.MAPPING_ADDED, None, _summary(new))
        for route in new.routes:
            yield from overwriting_of(route, home.at("routes", route.name, file=route.file, line=route.line))
        return
    if old.connection != new.connection:
        yield home.at("connection").change(destination.CONNECTION_SWITCHED, old.connection, new.connection)
    yield from scope(old, new, home)
    yield from routes(old, new, home)
    yield from receiving(old, new, home)
    yield from tables(old, new, home)


def _summary(plan: MappingPlan) -> str:
    """`live, routes companies, signal-notes`."""
    parts: list[str] = [plan.mode]
    if plan.routes:
        parts.append(f"routes {', '.join(route.name for route in plan.routes)}")
    if plan.receive:
        parts.append(f"receives {', '.join(each.name for each in plan.receive)}")
    return ", ".join(parts)

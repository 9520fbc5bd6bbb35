"""Two sides of one tenant, plan by plan, into what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from queast_compiler.diff.connections import connection, noted
from queast_compiler.diff.fields import tables
from queast_compiler.diff.kinds import destination, lifecycle
from queast_compiler.diff.model import Change
from queast_compiler.diff.moves import likened, moved_to
from queast_compiler.diff.pairing import mapping_pairs
from queast_compiler.diff.personal import Connections, personal
from queast_compiler.diff.place import Place
from queast_compiler.diff.receiving import receiving
from queast_compiler.diff.routes import parts_of_gone, parts_of_new, routes
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
    were = {to: name for name, to in mapping_pairs(old.mappings, new.mappings).items()}
    likes = dict(_likes(old, new, were))
    for name in sorted(by_connection):
        using = [
            plan
            for side in (new, old)
            for plan in sorted(side.mappings.values(), key=lambda each: each.mapping)
            if plan.connection == name
        ]
        yield from connection(old.connections.get(name), new.connections.get(name), using, likes.get(name))
        for mapping in by_connection[name]:
            yield from _mapping(old, new, mapping, were)
            yield from _moved(old, new, mapping, were, likes)


def _likes(old: Side, new: Side, were: Mapping[str, str]) -> Iterator[tuple[str, ConnectionPlan]]:
    """What each connection that is new is compared with."""
    for name in new.connections.keys() - old.connections.keys():
        using = sorted(each.mapping for each in new.mappings.values() if each.connection == name)
        came_from = [old.mappings[were[each]].connection for each in using if each in were]
        like = likened(new.connections[name], old.connections, new.connections, came_from)
        if like is not None:
            yield name, like


def _moved(
    old: Side, new: Side, name: str, were: Mapping[str, str], likes: Mapping[str, ConnectionPlan]
) -> Iterator[Change]:
    """What is otherwise through another connection, where the connection itself does not say it."""
    if name not in were or name not in new.mappings:
        return
    before, after = old.mappings[were[name]], new.mappings[name]
    was, is_now = old.connections.get(before.connection), new.connections.get(after.connection)
    if before.connection == after.connection or was is None or is_now is None:
        return
    if is_now.connection not in likes or likes[is_now.connection] is not was:
        for each in moved_to(after, was, is_now, _home(after).at("connection")):
            yield noted(each, f"compared with {was.connection}")


def _mapping(old: Side, new: Side, name: str, were: Mapping[str, str]) -> Iterator[Change]:
    """`were`: new name -> old name of the mappings that stand on both sides."""
    after = new.mappings.get(name)
    if after is None:
        before = old.mappings[name]
        to = next((each for each, was in were.items() if was == name), None)
        yield from _gone(before, _home(before), to)
        return
    home = _home(after)
    was = were.get(name)
    before = None if was is None else old.mappings[was]
    connections: Connections = (
        None if before is None else old.connections.get(before.connection),
        new.connections.get(after.connection),
    )
    if was not in (None, name):
        yield home.change(destination.MAPPING_ADDED, None, _summary(after), f"compared with {was}, which is gone")
    own = tuple(_added(after, home) if before is None else _own(before, after, home))
    yield from own
    yield from personal(before, after, home, connections, own)


def _home(plan: MappingPlan) -> Place:
    return Place(plan.connection, plan.mapping, plan.sources[0][0] if plan.sources else "")


def _gone(old: MappingPlan, home: Place, to: str | None) -> Iterator[Change]:
    """A mapping that is taken out; what of it goes on as `to` is shown there."""
    stays = "what it wrote stays at the destination"
    note = stays if to is None else f"{stays}; goes on as {to}"
    yield home.change(lifecycle.MAPPING_REMOVED, _summary(old), None, note)
    if to is None:
        for route in old.routes:
            yield from parts_of_gone(route, home.at("routes", route.name, file=route.file, line=route.line))
        yield from personal(old, None, home, (None, None), ())


def _added(new: MappingPlan, home: Place) -> Iterator[Change]:
    yield home.change(destination.MAPPING_ADDED, None, _summary(new))
    for route in new.routes:
        yield from parts_of_new(route, home.at("routes", route.name, file=route.file, line=route.line))


def _own(old: MappingPlan, new: MappingPlan, home: Place) -> Iterator[Change]:
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

"""What the connections of a release take in: which of them have a door, and what their live mappings receive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.engine.loaded import MappingCode
from queast_runtime.inbound.naming import scored_name
from queast_runtime.inbound.taking import NameRule, Rule, Terms
from queast_runtime.ports.bookmarks import Bookmarks


def terms_of(
    tenant: str,
    connections: Mapping[str, ConnectionPlan],
    mappings: Iterable[MappingCode],
    bookmarks: Bookmarks,
    by_name: Callable[[ConnectionPlan], NameRule] = scored_name,
) -> dict[str, Terms]:
    """Return, by name, the connections that take messages. A mapping that is off receives nothing."""
    found: dict[str, Terms] = {}
    every = tuple(mappings)
    for name, connection in connections.items():
        if connection.inbound is None:
            continue
        rules = tuple(
            Rule(mapping.plan.mapping, mapping.digest, code)
            for mapping in every
            if mapping.plan.connection == name and mapping.plan.mode == "live"
            for code in mapping.receive
        )
        found[name] = Terms(tenant, connection, rules, bookmarks, by_name(connection))
    return found

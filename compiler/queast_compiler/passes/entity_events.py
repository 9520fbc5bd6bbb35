"""Entities and their events, as the event schema lists them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from queast_dsl.entities import event_types

_OBEYED = frozenset({"opted_out", "erased"})
_IN_SYNC = frozenset({"created", "updated", "bookmarked"})


@dataclass(frozen=True, slots=True)
class Events:
    """`anywhere` may be routed to an event sink, `in_sync` to records too; `obeyed` ones cannot be routed at all."""

    anywhere: frozenset[str]
    in_sync: frozenset[str]
    obeyed: frozenset[str]


@cache
def routable_events() -> dict[str, Events]:
    """Return the events of each entity: `queast.company.created`  ->  {"company": Events({"created", …}, …)}."""
    kinds: dict[str, set[str]] = {}
    for name in event_types():
        _, entity, kind = name.split(".")
        kinds.setdefault(entity, set()).add(kind)
    return {
        entity: Events(
            frozenset(found - _OBEYED),
            frozenset(found & _IN_SYNC),
            frozenset(found & _OBEYED),
        )
        for entity, found in kinds.items()
    }

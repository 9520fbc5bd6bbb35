"""What would happen on an event: frozen, in the words of the engine, with nothing of the store that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from queast_runtime.engine.guarding import Why
from queast_runtime.matching.decide import Match

Operation = Literal["create", "update", "send"]
# `refused` by the destination's rules, before a byte would leave. `waiting` is for a person, a record or another day.
State = Literal["delivered", "waiting", "refused", "dropped"]


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A record of the destination. `values` are by its property keys, wire values as it shows them; the words of a
    card (`name`, `country`, `city`, `domain`, `linkedin`, `email`, `company`) stand for the properties in which the
    connection's matching reads them."""

    object: str
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RouteHappening:
    """What one route made of an event.

    `event_id` is that of the event which asked for it: one that waited may go out on a later event. `decision` and
    `reason` are those of admission; `route` is empty where the reason is the whole mapping's. `match` is how its record
    was found (of a note, the record that it hangs on), None where no record is looked for.

    `operation` is what leaves, None where nothing does: `reason` says why then. A record that the rehearsal made is
    called `new:` and our id; `partner_id` is None on the create itself. `fields` are wire values that are written,
    after guards; `kept` are properties that are left as they are, and why; `same` those that hold the value already;
    `replaced` what the record held before, as far as it was told. `body` is that of a send, `attached` the (object,
    id) pairs that a note hangs on. `calls` are the requests that it takes when it goes alone.
    """

    event_id: str
    mapping: str
    route: str
    object: str
    connection: str
    entity: str
    queast_id: str
    decision: str
    reason: str | None
    match: Match | None = None
    state: State | None = None
    operation: Operation | None = None
    partner_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Why] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    replaced: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    attached: tuple[tuple[str, str], ...] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of one event. `decision` and `reason` are those of admission."""

    event_id: str
    type: str
    entity: str
    queast_id: str
    decision: str
    reason: str | None
    routes: tuple[RouteHappening, ...]

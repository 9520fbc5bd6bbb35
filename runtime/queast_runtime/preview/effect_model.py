"""What a change does to sample events, counted: records, properties, decisions, routes, personal data, calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

# How many examples are kept of each thing that is counted.
EXAMPLES: Final = 3
Presence = Literal["absent", "emptied", "value", "hidden"]


@dataclass(frozen=True, slots=True)
class ValueSeen:
    """One side of an example. `emptied` is what empties the property, `hidden` a value of a person, of which no text is
    kept."""

    presence: Presence
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordExample:
    """One event and the record it is about; `partner_id` is None for a record that would be created."""

    event_id: str
    queast_id: str
    partner_id: str | None
    before: ValueSeen
    after: ValueSeen


@dataclass(frozen=True, slots=True)
class PropertyEffect:
    """`records` distinct records whose property would get another value, `fresh` of them their first. `gone` are those
    in which it would no longer be written, and keeps what it holds; `cleared` of `records` would be emptied."""

    mapping: str
    route: str
    object: str
    property: str
    records: int
    gone: int
    fresh: int
    cleared: int
    personal: bool
    examples: tuple[RecordExample, ...]


@dataclass(frozen=True, slots=True)
class ObjectEffect:
    """`records` distinct records of an object that get another value in any property; `left` those of which a property
    is no longer written, and keeps what it holds. `action` is the route's: what is sent is a message, no record."""

    mapping: str
    route: str
    object: str
    entity: str
    action: Literal["upsert", "create", "send"]
    records: int
    left: int


@dataclass(frozen=True, slots=True)
class RouteEffect:
    """Events for which a route starts to do something, or stops. `reasons` says why it did not before, or does not
    now, with how often."""

    mapping: str
    route: str
    starts: int
    stops: int
    reasons: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchExample:
    event_id: str
    queast_id: str
    partner_id: str | None
    score: float | None


@dataclass(frozen=True, slots=True)
class MatchFlip:
    """Match decisions that become another, by rule: `review (name)` -> `linked (name)`."""

    connection: str
    object: str
    before: str
    after: str
    records: int
    examples: tuple[MatchExample, ...]


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Values that stand in the CRM, are not ours, and would be replaced under the new plan only."""

    mapping: str
    route: str
    object: str
    property: str
    records: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonalFlow:
    """A person's path that starts (or stops) to leave to a connection; `persons` of the sample have a value there."""

    connection: str
    mapping: str
    path: str
    starts: bool
    persons: int


@dataclass(frozen=True, slots=True)
class Calls:
    """API requests that the sample takes under each plan; `per_day` is what the account allows, None if not said."""

    connection: str
    before: int
    after: int
    per_day: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Everything that was seen. `source` says where the events are from, `records` how many CRM records were known."""

    events: int
    unusable: int
    source: str
    records: int
    objects: tuple[ObjectEffect, ...] = ()
    properties: tuple[PropertyEffect, ...] = ()
    routes: tuple[RouteEffect, ...] = ()
    matches: tuple[MatchFlip, ...] = ()
    overwritten: tuple[Overwritten, ...] = ()
    personal: tuple[PersonalFlow, ...] = ()
    calls: tuple[Calls, ...] = ()
    creates: tuple[tuple[str, int, int], ...] = field(default=())

    @property
    def is_none(self) -> bool:
        """Whether the sample shows no difference at all."""
        return not (self.objects or self.routes or self.matches or self.overwritten or self.personal)

"""What the store keeps, as frozen rows. Times are aware datetimes in UTC, kept to the microsecond.

Bodies and states are plain bytes on this side; the store seals them on the way in and opens them on the way out.
No row carries the tenant: every call names it, and a row of one tenant is out of reach of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from queast_runtime.ports.driver import JsonObject


class Decision(StrEnum):
    """What admission made of an event, or a mapping of an admitted event."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    STALE = "stale"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to record. A line that is no event has a `source` and `event_id` that the engine made for it,
    empty `type` and `entity`, and the line as `body`."""

    source: str
    event_id: str
    type: str
    entity: str
    queast_id: str
    sequence: int | None
    decision: Decision
    reason: str | None
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """A recorded event. `repeats` counts how often the same (source, event id) came again."""

    source: str
    event_id: str
    type: str
    entity: str
    queast_id: str
    sequence: int | None
    decision: Decision
    reason: str | None
    received_at: datetime
    repeats: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one mapping made of an event. `route` is empty where the reason is the whole mapping's."""

    mapping: str
    route: str
    decision: Decision
    reason: str | None


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """`mapping` is empty for the counts of admission itself."""

    mapping: str
    decision: Decision
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class EntityRow:
    """The latest state. `state` is None for an entity that is gone: its sequence still refuses older states."""

    entity: str
    queast_id: str
    sequence: int
    state: bytes | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """`sequence` is the highest at which the entity was marked `do_not_export`, where it said at which."""

    entity: str
    queast_id: str
    reason: str
    since: datetime
    sequence: int | None = None


Standing = Literal["established", "inferred"]


@dataclass(frozen=True, slots=True)
class Link:
    """Our id and theirs, with where it came from. `created_record`: the record exists because we created it.

    An inferred link (the engine's own, by name or profile address alone) is never evidence for another, until a
    person confirms it. `evidence` is stored in the clear: nothing of a person's may be in it but keyed hashes.
    """

    account: str
    object: str
    queast_id: str
    partner_id: str
    connection: str
    rule: str
    standing: Standing
    evidence: JsonObject
    score: float | None
    plan_digest: str
    actor: str
    created_at: datetime
    created_record: bool
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A line of the append-only history. `link` is the link as it was put, as a person confirmed it, or as it stood
    when it was removed."""

    number: int
    action: Literal["linked", "unlinked", "confirmed"]
    link: Link
    actor: str
    reason: str
    at: datetime


class LinkTaken(Exception):
    """One side of a new link already belongs to another. `queast_id` and `partner_id` are the link that stands."""

    def __init__(self, account: str, object: str, queast_id: str, partner_id: str) -> None:
        super().__init__(
            f"{object} {partner_id} of account {account} is already linked to {queast_id}; unlink it first"
        )
        self.account = account
        self.object = object
        self.queast_id = queast_id
        self.partner_id = partner_id


class PairRejected(Exception):
    """Somebody said that the two are not the same, and nobody took it back: no rule may link them."""

    def __init__(self, account: str, object: str, queast_id: str, partner_id: str) -> None:
        super().__init__(
            f"{object} {partner_id} of account {account} was rejected for {queast_id}; take the rejection back first"
        )
        self.account = account
        self.object = object
        self.queast_id = queast_id
        self.partner_id = partner_id


class PairLinked(Exception):
    """A pair cannot be rejected while it is linked."""

    def __init__(self, account: str, object: str, queast_id: str, partner_id: str) -> None:
        super().__init__(f"{object} {partner_id} of account {account} is linked to {queast_id}; unlink it first")
        self.account = account
        self.object = object
        self.queast_id = queast_id
        self.partner_id = partner_id


@dataclass(frozen=True, slots=True)
class Rejection:
    """`partner_id` is not the record of `queast_id`: remembered until somebody takes it back."""

    account: str
    object: str
    queast_id: str
    partner_id: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that `mappings` could not judge before the state of its company is known."""

    source: str
    event_id: str
    mappings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MirrorState:
    """How far the mirror of one object is. `cursor` continues an unfinished filling; `complete` stays true while a
    later filling runs, so matching goes on with what is known."""

    account: str
    object: str
    complete: bool
    filling: bool
    cursor: str | None
    started_at: datetime
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class MirrorCard:
    """What matching by name and the review page know of a record, as it came. Sealed at rest."""

    name: str | None = None
    country: str | None = None
    city: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class MirrorRecord:
    """A record's exact keys by kind (`external_id`, `domain`, `name` …), normalised by the matcher.

    `tokens` are those of its normalised name, by which the index finds it; none has a space in it. Keys and tokens
    are stored in the clear: what tells of a person comes as a keyed hash.
    """

    partner_id: str
    keys: Mapping[str, tuple[str, ...]]
    card: MirrorCard | None = None
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """A record of the mirror as the index of names knows it."""

    partner_id: str
    card: MirrorCard | None
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """`paused_until` is None, while `paused` is true, for a pause that only `resume` ends."""

    paused: bool
    paused_until: datetime | None
    paused_reason: str | None
    last_success: datetime | None


@dataclass(frozen=True, slots=True)
class AcceptedRelease:
    sequence: int
    digest: str
    accepted_at: datetime


class ReleaseOlder(Exception):
    """A release whose sequence was already passed, or the same sequence with another digest."""


class StoreBusy(Exception):
    """Another process drains this tenant, or holds the database beyond the time allowed."""

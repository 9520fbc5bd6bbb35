"""The rows of the ledger: deliveries, their attempts, how a claim ends, and what was last delivered.

Times are aware datetimes in UTC, kept to the microsecond. No row carries the tenant: every call names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from queast_runtime.ports.driver import ErrorClass
from queast_runtime.ports.edge import Phase


class DeliveryState(StrEnum):
    PENDING = "pending"
    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({DeliveryState.PENDING, DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN})
OpKind = Literal["upsert", "create", "send"]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An intent for the ledger.

    `root` orders: deliveries of one (connection, root) go one after the other. `needs` are names such as
    `link:companies:c_12`, `mirror:companies`, `review:companies:c_12`; with any, it is stored as waiting.
    `dedupe_key` is unique per connection for ever; one of kind `create` is also refused once its projection exists.
    `projection_key` names what was projected (account and our id); None keeps no projection. Keys and hash cover the
    account. `path_hashes` are those of the values that the route compares, kept with the projection.
    """

    connection: str
    mapping: str
    route: str
    plan_digest: str
    dedupe_key: str
    event_source: str
    event_id: str
    entity: str
    queast_id: str
    root: str
    kind: OpKind
    object: str
    needs: tuple[str, ...]
    body: bytes
    projection_key: str | None
    projection_hash: str | None
    idempotency_key: str
    reference: str
    created_at: datetime
    due_at: datetime
    path_hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger without its body. `position` orders within the root. `unanswered_since` is when the first
    attempt whose outcome is unknown began; while it is set, look before sending again."""

    id: str
    position: int
    connection: str
    mapping: str
    route: str
    plan_digest: str
    event_source: str
    event_id: str
    entity: str
    queast_id: str
    root: str
    kind: OpKind
    object: str
    state: DeliveryState
    needs: tuple[str, ...]
    projection_key: str | None
    projection_hash: str | None
    idempotency_key: str
    reference: str
    attempts: int
    next_due: datetime
    unanswered_since: datetime | None
    first_failed_at: datetime | None
    error_class: ErrorClass | None
    error_message: str | None
    partner_id: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery claimed for one attempt; it is `sending` until `finish` under the same epoch."""

    delivery: Delivery
    body: bytes
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `ended_at` is None while it runs. `phase` is how far the request got."""

    number: int
    epoch: int
    reconciling: bool
    started_at: datetime
    ended_at: datetime | None
    phase: Phase | None
    error_class: ErrorClass | None
    status: int | None
    message: str | None


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How a try ended; `error_class` is None for success. `unanswered`: the destination may have acted on it, so what
    it was last told is no longer known."""

    phase: Phase
    error_class: ErrorClass | None
    status: int | None
    message: str | None
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The destination has it. `projection_hash` replaces the row's where it was computed again at send time. `note`
    says in words, without values, what was not written and why."""

    partner_id: str | None
    projection_hash: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It certainly did not happen; try again at `due_at`. `own_fault`: the reason is this record's own (starts the
    clock of `first_failed_at`), not the whole connection's."""

    due_at: datetime
    own_fault: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes left and no verdict came; look for it at `due_at`."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """It waits for these needs; at least one."""

    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dead:
    error_class: ErrorClass
    message: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Ended without a send and without a fault: nothing left to write, opted out, cancelled, or replaced."""

    state: Literal[DeliveryState.SUPERSEDED, DeliveryState.CANCELLED]
    message: str


Ending = Delivered | RetryAt | Unknown | Parked | Dead | Dropped


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Every field that is set must fit. `after` is the position of the last row already seen."""

    connection: str | None = None
    mapping: str | None = None
    route: str | None = None
    states: tuple[DeliveryState, ...] = ()
    kinds: tuple[OpKind, ...] = ()
    entity: str | None = None
    queast_id: str | None = None
    event_id: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    after: int = 0
    root: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    connection: str
    state: DeliveryState
    kind: OpKind
    count: int


@dataclass(frozen=True, slots=True)
class Projection:
    """What was last delivered for a (connection, mapping, route, key); `path_hashes` by dotted event path."""

    hash: str
    partner_id: str | None
    delivered_at: datetime
    path_hashes: Mapping[str, str] = field(default_factory=dict)

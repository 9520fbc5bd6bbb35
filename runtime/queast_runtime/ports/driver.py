"""Writing to and reading from a destination: the driver's protocol and its closed outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from queast_compiler.plan.mapping import Wire
from queast_runtime.ports.edge import HttpRequest, Phase

JsonObject = dict[str, Any]


class ErrorClass(StrEnum):
    """Closed classes that a manifest sorts failures into."""

    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    TRANSIENT = "transient"
    AUTH = "auth"
    CONFIG = "config"
    CONFIG_FIELD = "config_field"
    BLOCKED = "blocked"
    CONFLICT = "conflict"
    GONE = "gone"
    REJECT = "reject"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WriteItem:
    """One thing to write. `op` names an operation of the manifest's object (`create`, `update`, `send`).

    `reference` is our key for it, stable over retries and restarts: the unique id of an upsert, the visible reference
    of a note. `idempotency_key` is the webhook-id. `links` are (object, partner id) pairs to associate with.
    `values` are in wire form. `body` and `headers` serve operations that send an event. Without `claims` the property
    that holds our id is written only where `values` name it, whatever the operation says.
    """

    delivery_id: str
    op: str
    object: str
    partner_id: str | None
    reference: str
    idempotency_key: str
    values: JsonObject
    links: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = ()
    claims: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """How a property goes over the wire, and the wire value that empties it."""

    wire: Wire
    clear: Any


@dataclass(frozen=True, slots=True)
class Written:
    """The destination took it. `created` is False where an existing record was updated. `stored` are those of
    the item's values that the answer shows, as the destination keeps them."""

    partner_id: str | None
    created: bool
    status: int | None
    stored: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The destination (or the way to it) said no and certainly did nothing with this item.

    `wait_s` is a floor before another try (Retry-After, a manifest's wait). `property` names the field of
    `config_field`. `whole_connection` is true where the reason is not this record's own. `held`: our own gate let
    nothing through; try again after `wait_s`, and count nothing.
    """

    error: ErrorClass
    message: str
    status: int | None
    phase: Phase
    wait_s: float | None = None
    property: str | None = None
    whole_connection: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Bytes left and no verdict on this item came back (no answer, or an answer that does not account for it)."""

    message: str
    phase: Phase
    status: int | None = None


ItemResult = Written | Refused | Unanswered


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A record at the destination. `properties` are wire values as they came."""

    object: str
    partner_id: str
    properties: JsonObject


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` is None on the last page."""

    records: tuple[RemoteRecord, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """A read that gave no answer; `error`, `wait_s`, `held` as in Refused."""

    error: ErrorClass
    message: str
    wait_s: float | None = None
    whole_connection: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class ReconciledThere:
    """The unanswered write had happened."""

    partner_id: str | None


@dataclass(frozen=True, slots=True)
class ReconciledAbsent:
    """It certainly had not: writing again is safe."""


@dataclass(frozen=True, slots=True)
class ReconcileLater:
    """Too early or no answer: ask again after `wait_s`. `failed` is the look-up that gave none."""

    wait_s: float
    message: str
    failed: LookupFailed | None = None


Reconciled = ReconciledThere | ReconciledAbsent | ReconcileLater


class Gate(Protocol):
    """Where each request of a driver waits for its turn, by the name of its operation (`companies.create`)."""

    async def enter(self, operation: str) -> float | None:
        """Wait for the turn and charge it. None: send. A number: send nothing, ask again after that many seconds."""
        ...

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take an answer's word on what is left. `headers` have lower-case names."""
        ...


class Driver(Protocol):
    """Executes the compiled operations of one connection. Knows no vendor; everything is in the plan's manifest."""

    def batch_size(self, object: str, op: str) -> int: ...

    def is_idempotent(self, object: str, op: str) -> bool: ...

    def form(self, object: str, property: str) -> Form: ...

    def claimed(self, object: str, op: str) -> str | None:
        """The property of our id, where the operation writes it beside the values."""
        ...

    def read_size(self, object: str) -> int:
        """Records that one read by id can ask for; 0 where the object has no such read."""
        ...

    async def read(
        self, object: str, partner_ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord] | LookupFailed:
        """Read records by id, with `properties` and those that matching needs, each as a write would give it.

        A record that is not there is left out.
        """
        ...

    async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        """Write items of one (object, op) in one request; results in the order of `items`, one each."""
        ...

    def preview(self, item: WriteItem) -> HttpRequest:
        """Return the exact request that `write([item])` would send, secrets replaced by `***`."""
        ...

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...] | LookupFailed:
        """Live search by one property's exact value (may lag behind writes)."""
        ...

    async def list_page(self, object: str, cursor: str | None) -> Page | LookupFailed:
        """One page of all records with the properties that matching needs."""
        ...

    async def reconcile(self, item: WriteItem, attempted_at: datetime) -> Reconciled:
        """Find out whether an unanswered write happened, as the operation's `reconcile` declares."""
        ...

    async def find_existing(self, item: WriteItem) -> Reconciled:
        """The same look-up before a first non-idempotent write whose history this ledger does not know."""
        ...


@dataclass(frozen=True, slots=True)
class Tuning:
    """Operator settings that replace a manifest's production values (the sandbox prints such a set)."""

    retry_delays_s: tuple[float, ...] | None = None
    timeout_s: float | None = None
    settle_s: float | None = None
    rates: Mapping[str, float] = field(default_factory=dict)

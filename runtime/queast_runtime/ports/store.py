"""The store's protocols: what is read from a snapshot, what a transaction changes, and the store itself.

The store is synchronous and thread-safe. A `Transaction` writes for all or nothing and sees its own changes. Every
method of both takes the tenant first; what belongs to another tenant does not exist for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeVar

from queast_runtime.ports import ledger as d
from queast_runtime.ports import rows as r
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matching_store import MatchingSnapshot, MatchingTransaction

T = TypeVar("T")


class Snapshot(MatchingSnapshot, Protocol):
    """One consistent view; nothing written after it began shows."""

    def event_seen(self, tenant: str, source: str, event_id: str) -> bool: ...

    def events_with_id(self, tenant: str, event_id: str) -> tuple[r.EventRow, ...]:
        """Every source's event of that id."""
        ...

    def event_body(self, tenant: str, source: str, event_id: str) -> bytes | None: ...
    def recent_events(self, tenant: str, limit: int) -> tuple[tuple[str, str], ...]:
        """The (source, id) pairs of the events that came last, oldest first."""
        ...

    def event_entity(self, tenant: str, source: str, event_id: str) -> str | None: ...

    def event_outcomes(self, tenant: str, source: str, event_id: str) -> tuple[r.Outcome, ...]: ...

    def decision_counts(self, tenant: str) -> tuple[r.DecisionCount, ...]:
        """Admission's decisions by reason (repeats as `duplicate`), then each mapping's."""
        ...

    def parked(self, tenant: str, company_id: str) -> tuple[r.ParkedEvent, ...]:
        """Events that wait for this company's state, in the order in which they came."""
        ...

    def entity_sequence(self, tenant: str, entity: str, queast_id: str) -> int | None: ...

    def entity(self, tenant: str, entity: str, queast_id: str) -> r.EntityRow | None: ...

    def is_bookmarked(self, tenant: str, company_id: str) -> bool: ...

    def suppressed(self, tenant: str, keys: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of the (entity, our id) pairs that may not leave."""
        ...

    def suppression(self, tenant: str, entity: str, queast_id: str) -> r.Suppression | None: ...

    def suppressions(self, tenant: str) -> tuple[r.Suppression, ...]: ...

    def delivery(self, tenant: str, delivery_id: str) -> d.Delivery | None: ...

    def delivery_body(self, tenant: str, delivery_id: str) -> bytes | None: ...

    def deliveries(self, tenant: str, where: d.DeliveryFilter, limit: int = 100) -> tuple[d.Delivery, ...]:
        """In order of position."""
        ...

    def is_coming(self, tenant: str, connection: str, entity: str, queast_id: str) -> bool:
        """Whether a delivery that would link the entity is open."""
        ...

    def appended_hash(self, tenant: str, connection: str, dedupe_key: str) -> str | None:
        """The projection hash of the delivery with this key, as it was appended or delivered; None where none is."""
        ...

    def has_open(self, tenant: str, connection: str, mapping: str, route: str, queast_id: str) -> bool:
        """Whether a delivery of the route about the entity is open."""
        ...

    def delivery_counts(self, tenant: str) -> tuple[d.DeliveryCount, ...]: ...

    def needs(self, tenant: str, connection: str) -> frozenset[str]:
        """Everything that some delivery of the connection waits for."""
        ...

    def count_waiting(self, tenant: str, connection: str, need: str) -> int:
        """How many deliveries of the connection wait for this, perhaps among other things."""
        ...

    def attempts(self, tenant: str, delivery_id: str) -> tuple[d.Attempt, ...]: ...

    def next_due(self, tenant: str, connection: str) -> datetime | None:
        """When the earliest delivery at the head of its root is due; None if nothing can become due by itself."""
        ...

    def connections_with_work(self, tenant: str) -> tuple[str, ...]:
        """Connections that have a delivery which is not ended."""
        ...

    def plans_with_work(self, tenant: str, connection: str) -> tuple[str, ...]:
        """Digests of the mapping plans that a connection's deliveries which are not ended were made by; the plan of
        the newest comes first."""
        ...

    def projection(self, tenant: str, connection: str, mapping: str, route: str, key: str) -> d.Projection | None: ...

    def connection_state(self, tenant: str, connection: str) -> r.ConnectionState: ...

    def counters(self, tenant: str, connection: str, day: date) -> Mapping[str, int]: ...

    def facts(self, tenant: str, connection: str) -> Mapping[str, JsonObject]:
        """Small JSON notes of the connection by name: budget windows, quarantined properties."""
        ...

    def accepted_release(self, tenant: str) -> r.AcceptedRelease | None: ...


class Transaction(MatchingTransaction, Snapshot, Protocol):
    """A snapshot that can also write."""

    def record_event(self, tenant: str, event: r.NewEvent, outcomes: Sequence[r.Outcome] = ()) -> bool:
        """Return False, and count a repeat, if (source, event id) is there already."""
        ...

    def put_outcomes(self, tenant: str, source: str, event_id: str, outcomes: Sequence[r.Outcome]) -> None:
        """Add or replace the outcomes of these (mapping, route) pairs for a recorded event."""
        ...

    def park(self, tenant: str, company_id: str, event: r.ParkedEvent) -> None:
        """Keep the event's name until the company's state is known."""
        ...

    def unpark(self, tenant: str, company_id: str) -> tuple[r.ParkedEvent, ...]:
        """Take down what waits for the company, with the outcomes that said so, and return it."""
        ...

    def put_entity(
        self, tenant: str, entity: str, queast_id: str, sequence: int, state: bytes | None, at: datetime
    ) -> bool:
        """Store a state unless a higher sequence is stored; return whether it was. None: it is gone."""
        ...

    def set_bookmarked(self, tenant: str, company_id: str, bookmarked: bool) -> None: ...

    def suppress(
        self, tenant: str, entity: str, queast_id: str, reason: str, at: datetime, sequence: int | None = None
    ) -> bool:
        """Return False if it was suppressed already. The first reason stays, but any other replaces `do_not_export`;
        `sequence` is the highest at which the entity said so."""
        ...

    def unsuppress(self, tenant: str, entity: str, queast_id: str) -> bool: ...

    def append(self, tenant: str, delivery: d.NewDelivery) -> str | None:
        """Return the new id, or None where the dedupe key, or a create's projection, is there already."""
        ...

    def supersede_older(self, tenant: str, delivery_id: str, at: datetime) -> tuple[str, ...]:
        """End older never-sent upserts of the same (connection, mapping, route, our id) in favour of this one.

        This one takes the place of the oldest of them in its root's order, so whatever waits for its link still comes
        after it. Returns the ids that ended.
        """
        ...

    def take(self, tenant: str, connection: str, now: datetime, limit: int, epoch: int) -> tuple[d.Taken, ...]:
        """Claim up to `limit` due deliveries, each at the head of its root; commit before sending them."""
        ...

    def finish(
        self,
        tenant: str,
        delivery_id: str,
        epoch: int,
        at: datetime,
        ending: d.Ending,
        attempt: d.AttemptEnd | None,
    ) -> bool:
        """End a claim. Return False, and change nothing, unless the row is `sending` under this epoch.

        Without `attempt` nothing was sent: the attempt is forgotten and not counted.
        """
        ...

    def recover(self, tenant: str, now: datetime, epoch: int) -> tuple[d.Delivery, ...]:
        """Turn what an earlier epoch left `sending` into `unknown`, due now, and return it."""
        ...

    def wake(self, tenant: str, connection: str, need: str, now: datetime) -> int:
        """Strike a need off; return how many deliveries have none left and became pending."""
        ...

    def end_waiting(self, tenant: str, connection: str, need: str, now: datetime, ending: d.Dead | d.Dropped) -> int:
        """End every delivery that waits for a need that will never be met."""
        ...

    def cancel(self, tenant: str, where: d.DeliveryFilter, now: datetime, message: str) -> int:
        """Cancel what is pending or waiting. What is being sent or unknown stays."""
        ...

    def redrive(self, tenant: str, where: d.DeliveryFilter, now: datetime) -> int:
        """Make dead deliveries pending again, due now, with their attempts counted from zero."""
        ...

    def make_due(self, tenant: str, connection: str, now: datetime) -> int:
        """Bring forward whatever is pending with a later due time, after a pause ended; return how many."""
        ...

    def pause(self, tenant: str, connection: str, until: datetime | None, reason: str) -> None: ...

    def resume(self, tenant: str, connection: str) -> None: ...

    def record_success(self, tenant: str, connection: str, at: datetime) -> None: ...

    def count(self, tenant: str, connection: str, day: date, name: str, add: int = 1) -> None: ...

    def put_fact(self, tenant: str, connection: str, name: str, value: JsonObject | None) -> None:
        """Replace a fact; None removes it."""
        ...

    def accept_release(self, tenant: str, sequence: int, digest: str, at: datetime) -> bool:
        """Return False if it is the accepted one already. Raises ReleaseOlder on an older sequence, or on the same
        sequence with another digest."""
        ...


class Store(Protocol):
    """The database of one installation."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Commit on exit, roll back on an exception. One at a time; raises RuntimeError when nested in one thread."""
        ...

    def read(self) -> AbstractContextManager[Snapshot]: ...

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Run `work` with others in one transaction (linger <= 5 ms); the future is set after the commit.

        An exception of `work` undoes only its own changes and goes to its own future.
        """
        ...

    def new_epoch(self, tenant: str, owner: str) -> int:
        """Become the tenant's only drainer and return a number higher than any before.

        Held until `stop_draining` or `close`, or the end of the process. Raises StoreBusy, naming the other owner.
        """
        ...

    def stop_draining(self, tenant: str) -> None: ...

    def close(self) -> None: ...

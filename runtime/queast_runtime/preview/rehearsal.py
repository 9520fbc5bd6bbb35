"""Events against plans, by the very code that a worker runs, over a store that is thrown away. Nothing is sent.

Admission, matching, guards and what is remembered after a write are those of production; only the destination is one
of the mind (`account`). Each event sees what the ones before it left, as if every delivery had gone well at once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from queast_compiler.codegen import LoadedMapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.admit import Taken as TakenIn
from queast_runtime.delivery.admit import take_in
from queast_runtime.delivery.leaving import Leave, leaves
from queast_runtime.delivery.mirror import page_record
from queast_runtime.delivery.own_companies import keep_own_companies
from queast_runtime.delivery.persons import PERSON
from queast_runtime.delivery.prepare import prepare
from queast_runtime.delivery.released import rules_of_release
from queast_runtime.delivery.resolve import find
from queast_runtime.delivery.settle import Book, finish, settle
from queast_runtime.delivery.steps import (
    Bound,
    CheckThenWrite,
    Claimed,
    Look,
    Place,
    ReadThenWrite,
    SearchThenWrite,
    Write,
)
from queast_runtime.engine.event import Broken, Event, read_event
from queast_runtime.engine.payload import read_payload, to_json
from queast_runtime.ports import Tuning
from queast_runtime.ports.ledger import DeliveryFilter
from queast_runtime.ports.rows import Link, MirrorRecord
from queast_runtime.ports.store import Transaction
from queast_runtime.preview.account import Records, RehearsedAccount
from queast_runtime.preview.drafts import Draft, told
from queast_runtime.preview.happening import CrmRecord, Happening, RouteHappening
from queast_runtime.preview.lane import RehearsedLane, StandingClock
from queast_runtime.security.sealing import PassingSealer
from queast_runtime.store.open import SqlStore, open_store

T = TypeVar("T")
# Events of one transaction.
BATCH: Final = 200
EPOCH: Final = 1
CLAIMS: Final = 128
# A delivery that is given back is prepared anew; more often than this nothing new comes of it.
ROUNDS: Final = 8
_STORE: Final = "store.db"


@cache
def _empty_store() -> bytes:
    """A store with nothing in it: making its schema costs more than a small rehearsal."""
    folder = Path(tempfile.mkdtemp(prefix="qmap-rehearsal-"))
    try:
        open_store(f"sqlite:///{folder / _STORE}", PassingSealer(), lasting=False).close()
        return (folder / _STORE).read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Rehearsal:
    """Tells what would become of events under a set of plans. Use it as a context manager: its folder goes with it.

    `now` is the time at which everything happens. `folder` is where the throwaway store is made (a folder of its own is
    made in it), by default the system's own place for such. Memory does not grow with the number of events.
    """

    def __init__(
        self,
        tenant: str,
        connections: Mapping[str, ConnectionPlan],
        mappings: Sequence[LoadedMapping],
        *,
        now: datetime,
        folder: Path | None = None,
    ) -> None:
        self.tenant = tenant
        self._connections = dict(connections)
        self._mappings = tuple(mappings)
        self._now = now
        self._within = folder
        # A rehearsal that is killed leaves its folder behind: nobody else knows the key of the hashes in it.
        self._hash_key = os.urandom(32)
        receives = any(mapping.plan.receive for mapping in self._mappings)
        self._rules = rules_of_release(tenant, self._connections, self._mappings, self._hash_key, inbound=receives)
        self._routes = {(m.plan.mapping, r.name): r for m in self._mappings for r in m.plan.routes}
        self._connection_of = {m.plan.mapping: m.plan.connection for m in self._mappings}
        self._folder: Path | None = None
        self._store: SqlStore | None = None
        self._records: Records | None = None
        self._lanes: dict[str, RehearsedLane] = {}
        self._open: AbstractContextManager[Transaction] | None = None
        self._tx: Transaction | None = None
        self._taken = 0

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="qmap-rehearsal-", dir=self._within))
        try:
            sealer = PassingSealer()
            (self._folder / _STORE).write_bytes(_empty_store())
            self._store = open_store(f"sqlite:///{self._folder / _STORE}", sealer, lasting=False)
            self._records = Records(self._folder / "records.db", self.tenant, sealer)
            made = leaves(mapping.plan for mapping in self._mappings)
            for name, plan in self._connections.items():
                self._lanes[name] = self._lane(plan, made, self._records)
                for match in plan.match:
                    self._transaction().start_mirror(self.tenant, plan.account, match.object, self._now)
                    self._transaction().put_mirror_page(self.tenant, plan.account, match.object, (), None, self._now)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def put_records(
        self, connection: str, records: Iterable[CrmRecord], read: dict[Hashable, MirrorRecord] | None = None
    ) -> None:
        """Let the destination have these records, and the mirror know them. Raises LookupError for a connection or an
        object that no plan has.

        What `read` holds of a record is not worked out again: two rehearsals of one account share it.
        """
        lane, tx = self._lane_of(connection), self._transaction()
        for record in records:
            try:
                remote = lane.account.add(record)
            except KeyError:
                raise LookupError(f"connection {connection} has no object {record.object}") from None
            match = lane.place.match(record.object)
            if match is not None:
                # A person's keys are hashed under the rehearsal's own key, so nobody shares them.
                where = (connection, record.object, record.id, match.card, match.domain_to, match.external_id)
                mirrored = None if read is None or match.entity == PERSON else read.get(where)
                if mirrored is None:
                    mirrored = page_record(match, lane.place, remote)
                    if read is not None:
                        read[where] = mirrored
                tx.put_mirror_record(self.tenant, lane.place.account, record.object, mirrored)

    def put_link(
        self,
        connection: str,
        object: str,
        queast_id: str,
        partner_id: str,
        *,
        rule: str = "external_id",
        inferred: bool = False,
    ) -> None:
        """Let our entity be linked to their record already; an `inferred` link only fills what is empty."""
        place = self._lane_of(connection).place
        link = Link(
            account=place.account,
            object=object,
            queast_id=queast_id,
            partner_id=partner_id,
            connection=connection,
            rule=rule,
            standing="inferred" if inferred else "established",
            evidence={},
            score=None,
            plan_digest=place.digest,
            actor="rehearsal",
            created_at=self._now,
            created_record=False,
        )
        self._transaction().put_link(self.tenant, link)

    def put_company(self, company: Mapping[str, Any]) -> None:
        """Let a company be known before the first event. `company` is the whole entity, with id and sequence."""
        self.know("company", company)

    def know(self, entity: str, body: Mapping[str, Any]) -> None:
        """Let the state of an entity be known, as an event told it before any mapping was there."""
        tx, identity, sequence = self._transaction(), body["id"], body["sequence"]
        if self._rules.tokens_of is not None:
            keep_own_companies(tx, self.tenant, [(entity, identity, sequence, dict(body))], None, self._rules.tokens_of)
        tx.put_entity(self.tenant, entity, identity, sequence, to_json(dict(body)), self._now)

    def suppress(self, entity: str, queast_id: str, reason: str = "opted_out") -> None:
        """Let an entity have opted out already."""
        self._transaction().suppress(self.tenant, entity, queast_id, reason, self._now)

    def bookmark(self, company_id: str) -> None:
        """Let a company be bookmarked already."""
        self._transaction().set_bookmarked(self.tenant, company_id, True)

    def take(self, event: bytes | Mapping[str, Any] | Event | Broken) -> Happening:
        """Take one event in and carry out whatever it makes possible; return what happened."""
        read = event if isinstance(event, Event | Broken) else read_event(event)
        tx = self._transaction()
        taken = take_in(tx, self._rules, read, self._now)
        drafts: dict[str, Draft] = {}
        for name in sorted(taken.connections):
            self._drain(tx, self._lanes[name], drafts)
        happening = self._happening(tx, read, taken, drafts)
        self._taken += 1
        if self._taken % BATCH == 0:
            self._commit()
        return happening

    def record(self, connection: str, object: str, partner_id: str) -> Mapping[str, Any] | None:
        """Return what a record of the destination holds by now, None for one that is not there."""
        return self._lane_of(connection).account.held(object, partner_id)

    def reading(self) -> Transaction:
        """The transaction that is open now, to look at what the store holds."""
        return self._transaction()

    def _drain(self, tx: Transaction, lane: RehearsedLane, drafts: dict[str, Draft]) -> None:
        for _ in range(ROUNDS):
            taken = tx.take(self.tenant, lane.place.name, self._now, CLAIMS, EPOCH)
            if not taken:
                return
            for one in sorted(taken, key=lambda one: one.delivery.position):
                claimed = Claimed(one, read_payload(one.body), Bound(lane.place, lane.account))
                lane.watched.clear()
                lane.account.calls = 0
                step = prepare(tx, lane.bench(), claimed)
                draft = drafts.setdefault(claimed.id, Draft(one.delivery))
                draft.watched(lane.watched)
                if isinstance(step, Write | ReadThenWrite | SearchThenWrite | CheckThenWrite | Look):
                    came = lane.carried_out(step)
                    settle(tx, lane.book, came)
                    draft.came(came, lane.account.calls)
                else:
                    finish(tx, lane.book, claimed, step, None)
                    draft.ended(step)

    def _happening(
        self, tx: Transaction, event: Event | Broken, taken: TakenIn, drafts: Mapping[str, Draft]
    ) -> Happening:
        decision = taken.decision.value
        if isinstance(event, Broken):
            return Happening(event.id, "", "", "", decision, taken.reason, ())
        by_route: dict[tuple[str, str], Draft] = {}
        late: list[Draft] = []
        for draft in drafts.values():
            row = draft.row
            if (row.event_source, row.event_id) == (event.source, event.id):
                by_route[row.mapping, row.route] = draft
            else:
                late.append(draft)
        if len(by_route) < taken.deliveries:
            self._add_left(tx, event, by_route)
        routes: list[RouteHappening] = []
        outcomes = tx.event_outcomes(self.tenant, event.source, event.id) if decision != "duplicate" else ()
        for outcome in outcomes:
            draft_of = by_route.pop((outcome.mapping, outcome.route), None)
            plan = self._routes.get((outcome.mapping, outcome.route))
            told_of = RouteHappening(
                event_id=event.id,
                mapping=outcome.mapping,
                route=outcome.route,
                object="" if plan is None else plan.object,
                connection=self._connection_of[outcome.mapping],
                entity=event.entity if plan is None else plan.entity,
                queast_id=self._whose(event, None if plan is None else plan.entity),
                decision=outcome.decision.value,
                reason=outcome.reason,
            )
            routes.append(told_of if draft_of is None else told(draft_of, told_of))
        routes.extend(told(draft) for draft in (*by_route.values(), *late))
        return Happening(event.id, event.type, event.entity, event.entity_id, decision, taken.reason, tuple(routes))

    @staticmethod
    def _whose(event: Event, entity: str | None) -> str:
        return event.company_id or "" if entity == "company" and event.entity != "company" else event.entity_id

    def _add_left(self, tx: Transaction, event: Event, by_route: dict[tuple[str, str], Draft]) -> None:
        """Add the event's deliveries that were not claimed: they wait, or come after one that does."""
        rows = tx.deliveries(self.tenant, DeliveryFilter(event_id=event.id), limit=1000)
        for row in rows:
            key = (row.mapping, row.route)
            if row.event_source != event.source or key in by_route:
                continue
            draft = by_route[key] = Draft(row)
            body = tx.delivery_body(self.tenant, row.id)
            place = self._lanes[row.connection].place
            for subject in read_payload(body).subjects if body else ():
                draft.watched([(subject, find(tx, place, subject, place.match(subject.object)))])

    def _lane(self, plan: ConnectionPlan, made: Mapping[str, Leave], records: Records) -> RehearsedLane:
        digest = next((m.plan.connection_digest for m in self._mappings if m.plan.connection == plan.connection), "")
        place = Place(self.tenant, plan, EPOCH, digest, self._hash_key)
        account = RehearsedAccount(plan, records, StandingClock(self._now))
        book = Book(place, account.is_idempotent, account.form, Tuning(), self._now, 0)
        return RehearsedLane(place, account, book, made, self._now)

    def _lane_of(self, connection: str) -> RehearsedLane:
        self._transaction()
        lane = self._lanes.get(connection)
        if lane is None:
            raise LookupError(f"no plan has a connection {connection}")
        return lane

    def _transaction(self) -> Transaction:
        if self._tx is None:
            if self._store is None:
                raise RuntimeError("the rehearsal is not open: use it in a with statement")
            self._open = self._store.transaction()
            self._tx = self._open.__enter__()
        return self._tx

    def _commit(self) -> None:
        opened, self._open, self._tx = self._open, None, None
        if opened is not None:
            opened.__exit__(None, None, None)

    def _close(self) -> None:
        opened, self._open, self._tx = self._open, None, None
        try:
            if opened is not None:
                # Nothing of it is wanted any more, and undoing it is work.
                opened.__exit__(None, None, None)
            if self._store is not None:
                self._store.close()
            if self._records is not None:
                self._records.close()
        finally:
            self._store = self._records = None
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

"""The ledger's life: append, supersede, take, finish, recover.

One delivery of each root, the first that is not ended, is its head; only heads are taken. Whatever ends a head passes
the mark on. A head that waits, is being sent, or has an unknown outcome keeps the rest of its root behind it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never

from queast_runtime.ports.ledger import (
    AttemptEnd,
    Dead,
    Delivered,
    Delivery,
    DeliveryState,
    Dropped,
    Ending,
    NewDelivery,
    Parked,
    RetryAt,
    Taken,
    Unknown,
)
from queast_runtime.store.identifiers import new_id
from queast_runtime.store.ledger_reads import COLUMNS, LedgerReads, delivery_place, to_path_hashes
from queast_runtime.store.sql import Row, Sql, to_us

_APPEND = Sql(
    "INSERT INTO deliveries (tenant, id, position, connection, mapping, route, plan_digest, dedupe_key, event_source,"
    " event_id, entity, queast_id, root, kind, object, state, head, body, projection_key, projection_hash,"
    " path_hashes, idempotency_key, reference, attempts, tries, next_due, created_at)"
    " VALUES (:tenant, :id, (SELECT coalesce(max(position), 0) + 1 FROM deliveries WHERE tenant = :tenant),"
    " :connection, :mapping, :route, :plan_digest, :dedupe_key, :event_source, :event_id, :entity, :queast_id, :root,"
    " :kind, :object, :state,"
    " CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE tenant = :tenant AND connection = :connection"
    " AND root = :root AND ended_at IS NULL) THEN 0 ELSE 1 END,"
    " :body, :projection_key, :projection_hash, :path_hashes, :idempotency_key, :reference, 0, 0, :next_due,"
    " :created_at)"
    " ON CONFLICT (tenant, connection, dedupe_key) DO NOTHING"
)
_NEED = Sql(
    "INSERT INTO delivery_needs (tenant, delivery_id, connection, need)"
    " VALUES (:tenant, :id, :connection, :need) ON CONFLICT (tenant, delivery_id, need) DO NOTHING"
)
_FORGET_NEEDS = Sql("DELETE FROM delivery_needs WHERE tenant = :tenant AND delivery_id = :id")
_OLDER = Sql(
    "SELECT older.id, older.position, older.head"
    " FROM deliveries AS newer JOIN deliveries AS older"
    " ON older.tenant = newer.tenant AND older.connection = newer.connection AND older.root = newer.root"
    " AND older.ended_at IS NULL AND older.position < newer.position AND older.mapping = newer.mapping"
    " AND older.route = newer.route AND older.queast_id = newer.queast_id AND older.kind = 'upsert'"
    " AND older.state IN ('pending', 'waiting') AND older.tries = 0"
    " WHERE newer.tenant = :tenant AND newer.id = :id AND newer.kind = 'upsert' AND newer.ended_at IS NULL"
    " ORDER BY older.position"
)
_END = Sql(
    "UPDATE deliveries SET state = :state, head = 0, ended_at = :at, error_class = :error_class,"
    " error_message = :message WHERE tenant = :tenant AND id = :id"
)
_MOVE = Sql("UPDATE deliveries SET position = :position, head = :head WHERE tenant = :tenant AND id = :id")
_PROMOTE = Sql(
    "UPDATE deliveries SET head = 1 WHERE tenant = :tenant AND id ="
    " (SELECT id FROM deliveries WHERE tenant = :tenant AND connection = :connection AND root = :root"
    " AND ended_at IS NULL ORDER BY position LIMIT 1)"
)
_TAKE = Sql(
    "UPDATE deliveries SET state = 'sending', epoch = :epoch,"  # noqa: S608 (constants only)
    " attempts = attempts + 1, tries = tries + 1"
    " WHERE tenant = :tenant AND id IN"
    " (SELECT id FROM deliveries WHERE tenant = :tenant AND connection = :connection"
    " AND head = 1 AND state IN ('pending', 'unknown') AND next_due <= :now"
    f" ORDER BY next_due, position LIMIT :limit) RETURNING {COLUMNS}, tries, body"
)
_OPEN_ATTEMPT = Sql(
    "INSERT INTO attempts (tenant, delivery_id, number, epoch, reconciling, started_at)"
    " VALUES (:tenant, :id, :number, :epoch, :reconciling, :at)"
)
_CLAIM = Sql(
    "SELECT connection, root, mapping, route, projection_key, projection_hash, path_hashes FROM deliveries"
    " WHERE tenant = :tenant AND id = :id AND state = 'sending' AND epoch = :epoch"
)
_CLOSE_ATTEMPT = Sql(
    "UPDATE attempts SET ended_at = :at, phase = :phase, error_class = :error_class, status = :status,"
    " message = :message WHERE tenant = :tenant AND delivery_id = :id AND ended_at IS NULL"
)
_FORGET_ATTEMPT = Sql("DELETE FROM attempts WHERE tenant = :tenant AND delivery_id = :id AND ended_at IS NULL")
# Nothing was sent: neither the count for backoff nor the mark "never sent" moves.
_UNCOUNT = Sql("UPDATE deliveries SET attempts = attempts - 1, tries = tries - 1 WHERE tenant = :tenant AND id = :id")
_DELIVERED = Sql(
    "UPDATE deliveries SET state = 'delivered', head = 0, ended_at = :at, partner_id = :partner_id,"
    " projection_hash = :hash, unanswered_since = NULL, error_class = NULL, error_message = :note"
    " WHERE tenant = :tenant AND id = :id"
)
_PROJECT = Sql(
    "INSERT INTO projections"
    " (tenant, connection, mapping, route, projection_key, hash, path_hashes, partner_id, delivered_at)"
    " VALUES (:tenant, :connection, :mapping, :route, :key, :hash, :path_hashes, :partner_id, :at)"
    " ON CONFLICT (tenant, connection, mapping, route, projection_key) DO UPDATE SET hash = excluded.hash,"
    " path_hashes = excluded.path_hashes, partner_id = excluded.partner_id, delivered_at = excluded.delivered_at"
)
# A create is made once for ever, so its projection says that it is there, not what was last told.
_UNPROJECT = Sql(
    "DELETE FROM projections WHERE tenant = :tenant AND EXISTS (SELECT 1 FROM deliveries AS lost"
    " WHERE lost.tenant = :tenant AND lost.id = :id AND lost.kind <> 'create'"
    " AND lost.connection = projections.connection AND lost.mapping = projections.mapping"
    " AND lost.route = projections.route AND lost.projection_key = projections.projection_key)"
)
_RETRY = Sql(
    "UPDATE deliveries SET state = 'pending', next_due = :due, unanswered_since = NULL,"
    " first_failed_at = CASE WHEN :own_fault = 1 THEN coalesce(first_failed_at, :at) ELSE first_failed_at END,"
    " error_class = coalesce(:error_class, error_class), error_message = coalesce(:message, error_message)"
    " WHERE tenant = :tenant AND id = :id"
)
_UNKNOWN = Sql(
    "UPDATE deliveries SET state = 'unknown', next_due = :due,"
    " unanswered_since = coalesce(unanswered_since, (SELECT max(started_at) FROM attempts"
    " WHERE tenant = :tenant AND delivery_id = :id)), first_failed_at = coalesce(first_failed_at, :at),"
    " error_class = coalesce(:error_class, error_class), error_message = coalesce(:message, error_message)"
    " WHERE tenant = :tenant AND id = :id"
)
_PARK = Sql("UPDATE deliveries SET state = 'waiting' WHERE tenant = :tenant AND id = :id")
_LEFT_SENDING = Sql(
    "SELECT id FROM deliveries WHERE tenant = :tenant AND state = 'sending' AND epoch <> :epoch ORDER BY position"
)
_INTERRUPTED = "the process ended before the outcome was recorded"


class LedgerWrites(LedgerReads):
    __slots__ = ()

    def append(self, tenant: str, delivery: NewDelivery) -> str | None:
        new = delivery
        if new.kind == "create" and new.projection_key is not None:
            done = self.projection(tenant, new.connection, new.mapping, new.route, new.projection_key)
            if done is not None:
                return None
        id_ = new_id(new.created_at)
        added = self.change(
            _APPEND,
            tenant=tenant,
            id=id_,
            connection=new.connection,
            mapping=new.mapping,
            route=new.route,
            plan_digest=new.plan_digest,
            dedupe_key=new.dedupe_key,
            event_source=new.event_source,
            event_id=new.event_id,
            entity=new.entity,
            queast_id=new.queast_id,
            root=new.root,
            kind=new.kind,
            object=new.object,
            state=(DeliveryState.WAITING if new.needs else DeliveryState.PENDING).value,
            body=self.sealer.seal(tenant, delivery_place(new.connection, id_), new.body),
            projection_key=new.projection_key,
            projection_hash=new.projection_hash,
            path_hashes=to_path_hashes(new.path_hashes),
            idempotency_key=new.idempotency_key,
            reference=new.reference,
            next_due=to_us(new.due_at),
            created_at=to_us(new.created_at),
        )
        if not added:
            return None
        for need in new.needs:
            self.change(_NEED, tenant=tenant, id=id_, connection=new.connection, need=need)
        return id_

    def supersede_older(self, tenant: str, delivery_id: str, at: datetime) -> tuple[str, ...]:
        older = self.all(_OLDER, tenant=tenant, id=delivery_id)
        if not older:
            return ()
        position = older[0][1]
        ending = Dropped(DeliveryState.SUPERSEDED, f"replaced by {delivery_id}")
        for row in older:
            self.end(tenant, row[0], at, ending)
        # Where the head of the root is among them it was the first of them, and its place is the new one's.
        self.change(_MOVE, tenant=tenant, id=delivery_id, position=position, head=int(any(row[2] for row in older)))
        return tuple(row[0] for row in older)

    def take(self, tenant: str, connection: str, now: datetime, limit: int, epoch: int) -> tuple[Taken, ...]:
        rows = self.all(_TAKE, tenant=tenant, connection=connection, now=to_us(now), limit=limit, epoch=epoch)
        return tuple(
            sorted(
                (self._taken(tenant, row, now, epoch) for row in rows),
                key=lambda taken: (taken.delivery.next_due, taken.delivery.position),
            )
        )

    def _taken(self, tenant: str, row: Row, now: datetime, epoch: int) -> Taken:
        *columns, number, sealed = row
        delivery = self.as_delivery(tenant, tuple(columns))
        self.change(
            _OPEN_ATTEMPT,
            tenant=tenant,
            id=delivery.id,
            number=number,
            epoch=epoch,
            reconciling=int(delivery.unanswered_since is not None),
            at=to_us(now),
        )
        body = self.sealer.open(tenant, delivery_place(delivery.connection, delivery.id), sealed)
        return Taken(delivery, body, delivery.attempts)

    def finish(
        self,
        tenant: str,
        delivery_id: str,
        epoch: int,
        at: datetime,
        ending: Ending,
        attempt: AttemptEnd | None,
    ) -> bool:
        claim = self.one(_CLAIM, tenant=tenant, id=delivery_id, epoch=epoch)
        if claim is None:
            return False
        connection, root, mapping, route, projection_key, projection_hash, path_hashes = claim
        row = {"tenant": tenant, "id": delivery_id}
        error: dict[str, Any] = {"error_class": None, "message": None}
        if attempt is not None:
            error = {
                "error_class": None if attempt.error_class is None else attempt.error_class.value,
                "message": attempt.message,
            }
        match ending:
            case Delivered(partner_id, sent_hash, note):
                hash_ = projection_hash if sent_hash is None else sent_hash
                self.change(_DELIVERED, at=to_us(at), partner_id=partner_id, hash=hash_, note=note, **row)
                if projection_key is not None and hash_ is not None:
                    self.change(
                        _PROJECT,
                        tenant=tenant,
                        connection=connection,
                        mapping=mapping,
                        route=route,
                        key=projection_key,
                        hash=hash_,
                        path_hashes=path_hashes,
                        partner_id=partner_id,
                        at=to_us(at),
                    )
                self.promote(tenant, connection, root)
            case RetryAt(due_at, own_fault):
                fault = int(own_fault)
                self.change(_RETRY, due=to_us(due_at), at=to_us(at), own_fault=fault, **error, **row)
            case Unknown(due_at):
                self.change(_UNKNOWN, due=to_us(due_at), at=to_us(at), **error, **row)
            case Parked(needs):
                if not needs:
                    raise ValueError("a parked delivery must say what it waits for")
                self.change(_PARK, **row)
                for need in needs:
                    self.change(_NEED, connection=connection, need=need, **row)
            case Dead() | Dropped():
                self.end(tenant, delivery_id, at, ending)
                self.promote(tenant, connection, root)
            case _:
                assert_never(ending)
        if attempt is None:
            self.change(_FORGET_ATTEMPT, **row)
            self.change(_UNCOUNT, **row)
        else:
            if attempt.unanswered:
                self.change(_UNPROJECT, **row)
            phase, status = attempt.phase.value, attempt.status
            self.change(_CLOSE_ATTEMPT, at=to_us(at), phase=phase, status=status, **error, **row)
        return True

    def recover(self, tenant: str, now: datetime, epoch: int) -> tuple[Delivery, ...]:
        ids = [row[0] for row in self.all(_LEFT_SENDING, tenant=tenant, epoch=epoch)]
        us = to_us(now)
        error = {"error_class": "unknown", "message": _INTERRUPTED}
        for id_ in ids:
            self.change(_UNKNOWN, tenant=tenant, id=id_, due=us, at=us, **error)
            self.change(_UNPROJECT, tenant=tenant, id=id_)
            self.change(_CLOSE_ATTEMPT, tenant=tenant, id=id_, at=us, phase=None, status=None, **error)
        recovered = (self.delivery(tenant, id_) for id_ in ids)
        return tuple(delivery for delivery in recovered if delivery is not None)

    def end(self, tenant: str, delivery_id: str, at: datetime, ending: Dead | Dropped) -> None:
        """End a delivery without a send. The caller promotes its root if it was the head."""
        state: DeliveryState
        error: str | None = None
        match ending:
            case Dead(error_class, message):
                state, error = DeliveryState.DEAD, error_class.value
            case Dropped(ended_as, message):
                state = ended_as
            case _:
                assert_never(ending)
        row = {"tenant": tenant, "id": delivery_id}
        self.change(_END, state=state.value, at=to_us(at), error_class=error, message=message, **row)
        self.change(_FORGET_NEEDS, **row)

    def promote(self, tenant: str, connection: str, root: str) -> None:
        """Mark the first open delivery of the root as its head; the old head has lost the mark already."""
        self.change(_PROMOTE, tenant=tenant, connection=connection, root=root)

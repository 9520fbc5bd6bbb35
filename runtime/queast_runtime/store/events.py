"""Events as they came, what was decided about them, and why."""

from __future__ import annotations

from collections.abc import Sequence

from queast_runtime.ports.rows import Decision, DecisionCount, EventRow, NewEvent, Outcome
from queast_runtime.store.sql import Access, Row, Sql, from_us, to_us

_SEEN = Sql("SELECT 1 FROM events WHERE tenant = :tenant AND source = :source AND event_id = :event_id")
_WITH_ID = Sql(
    "SELECT source, event_id, type, entity, queast_id, sequence, decision, reason, received_at, repeats"
    " FROM events WHERE tenant = :tenant AND event_id = :event_id ORDER BY source"
)
_BODY = Sql("SELECT body FROM events WHERE tenant = :tenant AND source = :source AND event_id = :event_id")
_RECENT = Sql(
    "SELECT source, event_id, received_at FROM events WHERE tenant = :tenant"
    " ORDER BY received_at DESC, source DESC, event_id DESC LIMIT :limit"
)
_ENTITY = Sql("SELECT entity FROM events WHERE tenant = :tenant AND source = :source AND event_id = :event_id")
_INSERT = Sql(
    "INSERT INTO events (tenant, source, event_id, type, entity, queast_id, sequence, decision, reason, body,"
    " received_at, repeats) VALUES (:tenant, :source, :event_id, :type, :entity, :queast_id, :sequence, :decision,"
    " :reason, :body, :received_at, 0) ON CONFLICT (tenant, source, event_id) DO NOTHING"
)
_REPEAT = Sql(
    "UPDATE events SET repeats = repeats + 1 WHERE tenant = :tenant AND source = :source AND event_id = :event_id"
)
_OUTCOMES = Sql(
    "SELECT mapping, route, decision, reason FROM event_outcomes"
    " WHERE tenant = :tenant AND source = :source AND event_id = :event_id ORDER BY mapping, route"
)
_PUT_OUTCOME = Sql(
    "INSERT INTO event_outcomes (tenant, source, event_id, mapping, route, decision, reason)"
    " VALUES (:tenant, :source, :event_id, :mapping, :route, :decision, :reason)"
    " ON CONFLICT (tenant, source, event_id, mapping, route)"
    " DO UPDATE SET decision = excluded.decision, reason = excluded.reason"
)
_COUNTS = Sql("SELECT '', decision, reason, count(*) FROM events WHERE tenant = :tenant GROUP BY decision, reason")
_REPEATS = Sql("SELECT coalesce(sum(repeats), 0) FROM events WHERE tenant = :tenant")
_OUTCOME_COUNTS = Sql(
    "SELECT mapping, decision, reason, count(*) FROM event_outcomes WHERE tenant = :tenant"
    " GROUP BY mapping, decision, reason"
)


def _event(row: Row) -> EventRow:
    source, event_id, type_, entity, queast_id, sequence, decision, reason, received_at, repeats = row
    return EventRow(
        source=source,
        event_id=event_id,
        type=type_,
        entity=entity,
        queast_id=queast_id,
        sequence=sequence,
        decision=Decision(decision),
        reason=reason,
        received_at=from_us(received_at),
        repeats=repeats,
    )


def _count(row: Row) -> DecisionCount:
    mapping, decision, reason, count = row
    return DecisionCount(mapping, Decision(decision), reason, int(count))


class EventReads(Access):
    __slots__ = ()

    def event_seen(self, tenant: str, source: str, event_id: str) -> bool:
        return self.one(_SEEN, tenant=tenant, source=source, event_id=event_id) is not None

    def events_with_id(self, tenant: str, event_id: str) -> tuple[EventRow, ...]:
        return tuple(_event(row) for row in self.all(_WITH_ID, tenant=tenant, event_id=event_id))

    def event_body(self, tenant: str, source: str, event_id: str) -> bytes | None:
        row = self.one(_BODY, tenant=tenant, source=source, event_id=event_id)
        return None if row is None else self.sealer.open(tenant, ("events", source, event_id, "body"), row[0])

    def recent_events(self, tenant: str, limit: int) -> tuple[tuple[str, str], ...]:
        rows = self.all(_RECENT, tenant=tenant, limit=limit)
        return tuple((source, event_id) for source, event_id, _ in reversed(rows))

    def event_entity(self, tenant: str, source: str, event_id: str) -> str | None:
        """Return what a stored event is about, None for one that is not stored."""
        row = self.one(_ENTITY, tenant=tenant, source=source, event_id=event_id)
        return None if row is None else str(row[0])

    def event_outcomes(self, tenant: str, source: str, event_id: str) -> tuple[Outcome, ...]:
        rows = self.all(_OUTCOMES, tenant=tenant, source=source, event_id=event_id)
        return tuple(Outcome(mapping, route, Decision(decision), reason) for mapping, route, decision, reason in rows)

    def decision_counts(self, tenant: str) -> tuple[DecisionCount, ...]:
        counts = [_count(row) for row in self.all(_COUNTS, tenant=tenant)]
        repeats = self.one(_REPEATS, tenant=tenant)
        if repeats is not None and repeats[0]:
            counts.append(DecisionCount("", Decision.DUPLICATE, None, int(repeats[0])))
        counts += [_count(row) for row in self.all(_OUTCOME_COUNTS, tenant=tenant)]
        return tuple(sorted(counts, key=lambda count: (count.mapping, count.decision, count.reason or "")))


class EventWrites(Access):
    __slots__ = ()

    def record_event(self, tenant: str, event: NewEvent, outcomes: Sequence[Outcome] = ()) -> bool:
        sealed = self.sealer.seal(tenant, ("events", event.source, event.event_id, "body"), event.body)
        added = self.change(
            _INSERT,
            tenant=tenant,
            source=event.source,
            event_id=event.event_id,
            type=event.type,
            entity=event.entity,
            queast_id=event.queast_id,
            sequence=event.sequence,
            decision=event.decision.value,
            reason=event.reason,
            body=sealed,
            received_at=to_us(event.received_at),
        )
        if not added:
            self.change(_REPEAT, tenant=tenant, source=event.source, event_id=event.event_id)
            return False
        self.put_outcomes(tenant, event.source, event.event_id, outcomes)
        return True

    def put_outcomes(self, tenant: str, source: str, event_id: str, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.change(
                _PUT_OUTCOME,
                tenant=tenant,
                source=source,
                event_id=event_id,
                mapping=outcome.mapping,
                route=outcome.route,
                decision=outcome.decision.value,
                reason=outcome.reason,
            )

"""Reading the ledger: deliveries, what they wait for, their attempts, and what was last delivered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from queast_runtime.ports.driver import ErrorClass
from queast_runtime.ports.edge import Phase
from queast_runtime.ports.ledger import Attempt, Delivery, DeliveryCount, DeliveryFilter, DeliveryState, Projection
from queast_runtime.store.sql import Access, Row, Sql, from_us, from_us_or_none, to_us

COLUMNS = (
    "id, position, connection, mapping, route, plan_digest, event_source, event_id, entity, queast_id, root, kind,"
    " object, state, projection_key, projection_hash, idempotency_key, reference, attempts, next_due,"
    " unanswered_since, first_failed_at, error_class, error_message, partner_id, created_at, ended_at"
)
_GET = Sql(f"SELECT {COLUMNS} FROM deliveries WHERE tenant = :tenant AND id = :id")  # noqa: S608 (constants only)
_BODY = Sql("SELECT connection, body FROM deliveries WHERE tenant = :tenant AND id = :id")
_NEEDS_OF = Sql("SELECT need FROM delivery_needs WHERE tenant = :tenant AND delivery_id = :id ORDER BY need")
_COUNT_WAITING = Sql(
    "SELECT count(*) FROM delivery_needs AS needed JOIN deliveries ON deliveries.tenant = needed.tenant"
    " AND deliveries.id = needed.delivery_id WHERE needed.tenant = :tenant AND needed.connection = :connection"
    " AND needed.need = :need AND deliveries.state = 'waiting'"
)
_NEEDS = Sql("SELECT DISTINCT need FROM delivery_needs WHERE tenant = :tenant AND connection = :connection")
_COUNTS = Sql(
    "SELECT connection, state, kind, count(*) FROM deliveries WHERE tenant = :tenant"
    " GROUP BY connection, state, kind ORDER BY connection, state, kind"
)
_ATTEMPTS = Sql(
    "SELECT number, epoch, reconciling, started_at, ended_at, phase, error_class, status, message FROM attempts"
    " WHERE tenant = :tenant AND delivery_id = :id ORDER BY number"
)
_OPEN_OF = "tenant = :tenant AND queast_id = :queast_id AND connection = :connection AND ended_at IS NULL"
_IS_COMING = Sql(
    f"SELECT 1 FROM deliveries WHERE {_OPEN_OF} AND entity = :entity AND kind = 'upsert' LIMIT 1"  # noqa: S608
)
_HAS_OPEN = Sql(
    f"SELECT 1 FROM deliveries WHERE {_OPEN_OF} AND mapping = :mapping AND route = :route LIMIT 1"  # noqa: S608
)
_APPENDED_HASH = Sql(
    "SELECT projection_hash FROM deliveries"
    " WHERE tenant = :tenant AND connection = :connection AND dedupe_key = :dedupe_key"
)
_NEXT_DUE = Sql(
    "SELECT next_due FROM deliveries WHERE tenant = :tenant AND connection = :connection"
    " AND head = 1 AND state IN ('pending', 'unknown') ORDER BY next_due LIMIT 1"
)
# A step along the index for each connection, instead of a walk over everything that is open.
_WITH_WORK = Sql(
    "WITH RECURSIVE step (connection) AS ("
    " SELECT min(connection) FROM deliveries WHERE tenant = :tenant AND ended_at IS NULL"
    " UNION ALL"
    " SELECT (SELECT min(connection) FROM deliveries"
    " WHERE tenant = :tenant AND ended_at IS NULL AND connection > step.connection)"
    " FROM step WHERE step.connection IS NOT NULL)"
    " SELECT connection FROM step WHERE connection IS NOT NULL"
)
_PLANS = Sql(
    "SELECT plan_digest FROM deliveries WHERE tenant = :tenant AND connection = :connection AND ended_at IS NULL"
    " GROUP BY plan_digest ORDER BY max(position) DESC"
)
_PROJECTION = Sql(
    "SELECT hash, partner_id, delivered_at, path_hashes FROM projections"
    " WHERE tenant = :tenant AND connection = :connection AND mapping = :mapping"
    " AND route = :route AND projection_key = :key"
)


def delivery_place(connection: str, delivery_id: str) -> tuple[str, ...]:
    """Where a delivery's body is sealed to."""
    return ("deliveries", connection, delivery_id, "body")


def to_path_hashes(hashes: Mapping[str, str]) -> str | None:
    """The column's text: a JSON object, null for none."""
    return json.dumps(dict(hashes), sort_keys=True, separators=(",", ":")) if hashes else None


def _path_hashes(text: str | None) -> dict[str, str]:
    hashes: dict[str, str] = {} if text is None else json.loads(text)
    return hashes


def filter_terms(where: DeliveryFilter) -> tuple[str, dict[str, Any]]:
    """SQL terms joined by AND, and their parameters; column names are constants, values are always parameters."""
    terms = ["position > :after"]
    params: dict[str, Any] = {"after": where.after}
    equals = {
        "connection": where.connection,
        "mapping": where.mapping,
        "route": where.route,
        "entity": where.entity,
        "queast_id": where.queast_id,
        "root": where.root,
        "event_id": where.event_id,
    }
    for column, value in equals.items():
        if value is not None:
            terms.append(f"{column} = :{column}")
            params[column] = value
    if where.created_from is not None:
        terms.append("created_at >= :created_from")
        params["created_from"] = to_us(where.created_from)
    if where.created_before is not None:
        terms.append("created_at < :created_before")
        params["created_before"] = to_us(where.created_before)
    if where.kinds:
        quoted = ", ".join(f"'{kind}'" for kind in where.kinds)
        terms.append(f"kind IN ({quoted})")
    if where.states:
        quoted = ", ".join(f"'{state.value}'" for state in where.states)
        terms.append(f"state IN ({quoted})")
    return " AND ".join(terms), params


class LedgerReads(Access):
    __slots__ = ()

    def delivery(self, tenant: str, delivery_id: str) -> Delivery | None:
        row = self.one(_GET, tenant=tenant, id=delivery_id)
        return None if row is None else self.as_delivery(tenant, row)

    def delivery_body(self, tenant: str, delivery_id: str) -> bytes | None:
        row = self.one(_BODY, tenant=tenant, id=delivery_id)
        return None if row is None else self.sealer.open(tenant, delivery_place(row[0], delivery_id), row[1])

    def deliveries(self, tenant: str, where: DeliveryFilter, limit: int = 100) -> tuple[Delivery, ...]:
        terms, params = filter_terms(where)
        sql = Sql(
            f"SELECT {COLUMNS} FROM deliveries WHERE tenant = :tenant AND {terms}"  # noqa: S608 (see filter_terms)
            " ORDER BY position, id LIMIT :limit"
        )
        return tuple(self.as_delivery(tenant, row) for row in self.all(sql, tenant=tenant, limit=limit, **params))

    def is_coming(self, tenant: str, connection: str, entity: str, queast_id: str) -> bool:
        found = self.one(_IS_COMING, tenant=tenant, connection=connection, entity=entity, queast_id=queast_id)
        return found is not None

    def appended_hash(self, tenant: str, connection: str, dedupe_key: str) -> str | None:
        row = self.one(_APPENDED_HASH, tenant=tenant, connection=connection, dedupe_key=dedupe_key)
        return None if row is None else row[0]

    def has_open(self, tenant: str, connection: str, mapping: str, route: str, queast_id: str) -> bool:
        place = {"connection": connection, "mapping": mapping, "route": route}
        return self.one(_HAS_OPEN, tenant=tenant, queast_id=queast_id, **place) is not None

    def delivery_counts(self, tenant: str) -> tuple[DeliveryCount, ...]:
        return tuple(
            DeliveryCount(connection, DeliveryState(state), kind, int(count))
            for connection, state, kind, count in self.all(_COUNTS, tenant=tenant)
        )

    def needs(self, tenant: str, connection: str) -> frozenset[str]:
        return frozenset(row[0] for row in self.all(_NEEDS, tenant=tenant, connection=connection))

    def count_waiting(self, tenant: str, connection: str, need: str) -> int:
        row = self.one(_COUNT_WAITING, tenant=tenant, connection=connection, need=need)
        return 0 if row is None else int(row[0])

    def attempts(self, tenant: str, delivery_id: str) -> tuple[Attempt, ...]:
        return tuple(
            Attempt(
                number=number,
                epoch=epoch,
                reconciling=bool(reconciling),
                started_at=from_us(started_at),
                ended_at=from_us_or_none(ended_at),
                phase=None if phase is None else Phase(phase),
                error_class=None if error_class is None else ErrorClass(error_class),
                status=status,
                message=message,
            )
            for number, epoch, reconciling, started_at, ended_at, phase, error_class, status, message in self.all(
                _ATTEMPTS, tenant=tenant, id=delivery_id
            )
        )

    def next_due(self, tenant: str, connection: str) -> datetime | None:
        row = self.one(_NEXT_DUE, tenant=tenant, connection=connection)
        return None if row is None else from_us(row[0])

    def connections_with_work(self, tenant: str) -> tuple[str, ...]:
        return tuple(row[0] for row in self.all(_WITH_WORK, tenant=tenant))

    def plans_with_work(self, tenant: str, connection: str) -> tuple[str, ...]:
        return tuple(row[0] for row in self.all(_PLANS, tenant=tenant, connection=connection))

    def projection(self, tenant: str, connection: str, mapping: str, route: str, key: str) -> Projection | None:
        row = self.one(_PROJECTION, tenant=tenant, connection=connection, mapping=mapping, route=route, key=key)
        return None if row is None else Projection(row[0], row[1], from_us(row[2]), _path_hashes(row[3]))

    def as_delivery(self, tenant: str, row: Row) -> Delivery:
        state = DeliveryState(row[13])
        needs: tuple[str, ...] = ()
        if state is DeliveryState.WAITING:
            needs = tuple(need for (need,) in self.all(_NEEDS_OF, tenant=tenant, id=row[0]))
        return Delivery(
            id=row[0],
            position=row[1],
            connection=row[2],
            mapping=row[3],
            route=row[4],
            plan_digest=row[5],
            event_source=row[6],
            event_id=row[7],
            entity=row[8],
            queast_id=row[9],
            root=row[10],
            kind=row[11],
            object=row[12],
            state=state,
            needs=needs,
            projection_key=row[14],
            projection_hash=row[15],
            idempotency_key=row[16],
            reference=row[17],
            attempts=row[18],
            next_due=from_us(row[19]),
            unanswered_since=from_us_or_none(row[20]),
            first_failed_at=from_us_or_none(row[21]),
            error_class=None if row[22] is None else ErrorClass(row[22]),
            error_message=row[23],
            partner_id=row[24],
            created_at=from_us(row[25]),
            ended_at=from_us_or_none(row[26]),
        )

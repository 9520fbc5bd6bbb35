"""After a correction: what the CRM was told of an entity last is told again, through the link as it is now.

Nothing waits where a link stood already, so without this a correction would show with the entity's next change only.
"""

from __future__ import annotations

from datetime import datetime

from queast_runtime.engine.identity import message_id
from queast_runtime.engine.projection import projection_key
from queast_runtime.ports.ledger import Delivery, DeliveryFilter, DeliveryState, NewDelivery
from queast_runtime.ports.store import Transaction

_OF_ONE_ENTITY = 1_000_000


def tell_again(tx: Transaction, tenant: str, account: str, object: str, queast_id: str, why: str, now: datetime) -> int:
    """Put what each route delivered last of the entity in the ledger once more; return how many deliveries.

    A route that has something open tells that instead. `why` names the correction: each is told once. What may leave is
    asked at send, as ever. An entity that is no more is not told of.
    """
    where = DeliveryFilter(states=(DeliveryState.DELIVERED,), kinds=("upsert",), queast_id=queast_id)
    key = projection_key(account, queast_id)
    latest: dict[tuple[str, str, str], Delivery] = {}
    for row in tx.deliveries(tenant, where, limit=_OF_ONE_ENTITY):
        if row.object == object and row.projection_key == key:
            latest[row.connection, row.mapping, row.route] = row
    return sum(_again(tx, tenant, row, why, now) for row in latest.values())


def _again(tx: Transaction, tenant: str, row: Delivery, why: str, now: datetime) -> bool:
    known = tx.entity(tenant, row.entity, row.queast_id)
    body = tx.delivery_body(tenant, row.id)
    if known is None or known.state is None or body is None:
        return False
    if tx.has_open(tenant, row.connection, row.mapping, row.route, row.queast_id):
        return False
    told = None
    if row.projection_key is not None:
        told = tx.projection(tenant, row.connection, row.mapping, row.route, row.projection_key)
    again = message_id(row.idempotency_key, why)
    new = NewDelivery(
        connection=row.connection,
        mapping=row.mapping,
        route=row.route,
        plan_digest=row.plan_digest,
        dedupe_key=again,
        event_source=row.event_source,
        event_id=row.event_id,
        entity=row.entity,
        queast_id=row.queast_id,
        root=row.root,
        kind=row.kind,
        object=row.object,
        needs=(),
        body=body,
        projection_key=row.projection_key,
        projection_hash=row.projection_hash,
        idempotency_key=again,
        reference=row.reference,
        created_at=now,
        due_at=now,
        path_hashes={} if told is None else told.path_hashes,
    )
    return tx.append(tenant, new) is not None

"""A delivery that the ledger has as delivered."""

from __future__ import annotations

from datetime import datetime

from queast_runtime.ports import Phase
from queast_runtime.ports.ledger import AttemptEnd, Delivered, NewDelivery
from queast_runtime.ports.store import Store


def delivered_to(store: Store, connection: str, queast_id: str, partner_id: str, at: datetime) -> None:
    new = NewDelivery(
        connection=connection,
        mapping="acme-hubspot",
        route="companies",
        plan_digest="sha256:0",
        dedupe_key=f"d-{queast_id}",
        event_source="queast",
        event_id="e_1",
        entity="company",
        queast_id=queast_id,
        root=f"company:{queast_id}",
        kind="upsert",
        object="companies",
        needs=(),
        body=b"{}",
        projection_key=None,
        projection_hash=None,
        idempotency_key=f"i-{queast_id}",
        reference=queast_id,
        created_at=at,
        due_at=at,
    )
    epoch = store.new_epoch("acme", "test")
    with store.transaction() as tx:
        tx.append("acme", new)
        (taken,) = tx.take("acme", connection, at, 10, epoch)
        tx.finish("acme", taken.delivery.id, epoch, at, Delivered(partner_id), AttemptEnd(Phase.BODY, None, 200, None))
    store.stop_draining("acme")

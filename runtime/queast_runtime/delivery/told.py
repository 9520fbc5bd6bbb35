"""What a destination was last told, and whether saying it again would say anything."""

from __future__ import annotations

from queast_runtime.ports.ledger import Delivery, NewDelivery
from queast_runtime.ports.store import Snapshot


def is_told(tx: Snapshot, tenant: str, account: str, row: NewDelivery | Delivery) -> bool:
    """Whether just this was delivered last, to the very record that stands for the entity now.

    A record that is gone, or that a person replaced by another, was told nothing.
    """
    if row.projection_key is None:
        return False
    last = tx.projection(tenant, row.connection, row.mapping, row.route, row.projection_key)
    if last is None or last.hash != row.projection_hash:
        return False
    if row.kind != "upsert" or last.partner_id is None:
        return True
    link = tx.link(tenant, account, row.object, row.queast_id)
    return link is not None and link.partner_id == last.partner_id

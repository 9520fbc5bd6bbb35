"""What a destination was last told, and whether saying it again would say anything."""

from __future__ import annotations

from collections.abc import Mapping

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.engine.changes import Hashes
from queast_runtime.engine.event import Event
from queast_runtime.engine.loaded import MappingCode
from queast_runtime.engine.projection import projection_key
from queast_runtime.ports.ledger import Delivery, NewDelivery
from queast_runtime.ports.store import Snapshot


def is_told(tx: Snapshot, tenant: str, account: str, row: NewDelivery | Delivery) -> bool:
    """Whether just this was delivered last, to the very record that stands for the entity now, by this very link.

    A record that is gone, or that a person replaced by another, was told nothing. One whose link was made anew or
    confirmed since may be told more than before: an inferred link only fills what is empty.
    """
    if row.projection_key is None:
        return False
    last = tx.projection(tenant, row.connection, row.mapping, row.route, row.projection_key)
    if last is None or last.hash != row.projection_hash:
        return False
    if row.kind != "upsert" or last.partner_id is None:
        return True
    link = tx.link(tenant, account, row.object, row.queast_id)
    if link is None or link.partner_id != last.partner_id or last.delivered_at < link.created_at:
        return False
    return link.confirmed_at is None or last.delivered_at > link.confirmed_at


def delivered_paths(
    tx: Snapshot, mapping: MappingCode, connection: ConnectionPlan, event: Event
) -> Mapping[str, Hashes]:
    """By route, the hashes of the compared paths as they were last delivered of the event's entity."""
    found: dict[str, Hashes] = {}
    key = projection_key(connection.account, event.entity_id)
    for route in mapping.routes:
        if not route.compared or route.plan.entity != event.entity:
            continue
        last = tx.projection(connection.tenant, connection.connection, mapping.plan.mapping, route.plan.name, key)
        if last is not None:
            found[route.plan.name] = last.path_hashes
    return found

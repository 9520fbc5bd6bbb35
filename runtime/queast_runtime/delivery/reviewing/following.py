"""What follows an answer: what waited goes on, and what the CRM holds already is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot, Transaction

_TOLD_OF = 1_000


def wake(tx: Transaction, tenant: str, review: Review, now: datetime) -> int:
    """Let go on whatever waits for a person to decide this entity, or for its link; return how many deliveries.

    Connections of one account share links, so those of the tenant's others wake too; what still misses its own parks
    again.
    """
    names = dict.fromkeys((review.connection, *tx.connections_with_work(tenant)))
    needs = (f"review:{review.object}:{review.queast_id}", f"link:{review.object}:{review.queast_id}")
    linked = tx.link(tenant, review.account, review.object, review.queast_id) is not None
    return sum(tx.wake(tenant, name, need, now) for name in names for need in (needs if linked else needs[:1]))


def waiting(tx: Snapshot, tenant: str, review: Review) -> int:
    """Return how many deliveries wait for the answer."""
    return tx.count_waiting(tenant, review.connection, f"review:{review.object}:{review.queast_id}")


def what_stays(tx: Snapshot, tenant: str, link: Link, since: datetime) -> str | None:
    """Tell what was written to the record of a link since then, or hung on it: no answer takes that back.

    `2 deliveries to companies h1 stay in the CRM`; None where there are none.
    """
    done = DeliveryFilter(connection=link.connection, states=(DeliveryState.DELIVERED,))
    # Of a company whatever is in its order: notes and persons hang on its record too. Of a person what is its own.
    rows = tx.deliveries(tenant, replace(done, root=f"company:{link.queast_id}"), limit=_TOLD_OF)
    rows = rows or tx.deliveries(tenant, replace(done, queast_id=link.queast_id), limit=_TOLD_OF)
    count = sum(
        row.ended_at is not None
        and row.ended_at >= since
        and (row.kind == "create" or (row.queast_id == link.queast_id and row.partner_id == link.partner_id))
        for row in rows
    )
    if link.created_record:
        return f"{link.object} {link.partner_id}, which was made for it, stays in the CRM"
    if not count:
        return None
    many = "1 delivery" if count == 1 else f"{count:,} deliveries"
    return f"{many} to {link.object} {link.partner_id} stay{'s' * (count == 1)} in the CRM"


def told_again(deliveries: int) -> str:
    """`; what it was told last is told again`; nothing where there is no such delivery."""
    return "; what it was told last is told again" if deliveries else ""


def goes_on(woken: int, how: str) -> str:
    """`goes_on(2, "sent")`  ->  `; 2 deliveries that waited are due to be sent`; nothing where none waited."""
    if not woken:
        return ""
    return (
        f"; {woken:,} deliver{'y' if woken == 1 else 'ies'} that waited {'is' if woken == 1 else 'are'} due to be {how}"
    )

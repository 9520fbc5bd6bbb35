"""What waits though nothing is wrong with it: personal data behind a young inferred link, creations past the limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from queast_runtime.delivery.leaving import Leave
from queast_runtime.delivery.steps import Claimed, Place
from queast_runtime.engine.admission import granted
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState, RetryAt
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Transaction

# For so long an inferred link may not carry personal data, unless a person confirms it (D3.4).
UNTRUSTED: Final = timedelta(hours=24)
# A link may be confirmed meanwhile; it is looked at again this often.
LOOK_AGAIN: Final = timedelta(minutes=10)
HELD: Final = "creates:"


def waits_for_trust(leaves: Mapping[str, Leave], claimed: Claimed, link: Link, now: datetime) -> RetryAt | None:
    """Return until when a delivery that may tell of a person waits because its record was only inferred, None where it
    need not. Without a grant nothing of a person is left in it."""
    if link.standing != "inferred" or not _tells_of_a_person(claimed):
        return None
    leave = leaves.get(claimed.taken.delivery.mapping)
    if leave is None or not granted(leave.plan, now):
        return None
    trusted_at = link.created_at + UNTRUSTED
    return None if now >= trusted_at else RetryAt(min(trusted_at, now + LOOK_AGAIN), own_fault=False)


def waits_for_tomorrow(
    tx: Transaction, place: Place, leaves: Mapping[str, Leave], claimed: Claimed, now: datetime
) -> RetryAt | None:
    """Return until when a creation waits because its mapping made as many today as it may, None where it need not.

    What is held is shown with the connection until a day passes without.
    """
    row = claimed.taken.delivery
    leave = leaves.get(row.mapping)
    most = None if leave is None else leave.plan.creates_per_day
    if most is None:
        return None
    zone = ZoneInfo(place.connection.time_zone or "UTC")
    today = now.astimezone(zone).date()
    made = tx.counters(place.tenant, place.name, today).get(HELD + row.mapping, 0)
    if made + _under_way(tx, place, claimed) < most:
        return None
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    fact = {"mapping": row.mapping, "limit": most, "day": today.isoformat(), "until": tomorrow.isoformat()}
    if tx.facts(place.tenant, place.name).get(HELD + row.mapping) != fact:
        tx.put_fact(place.tenant, place.name, HELD + row.mapping, fact)
    return RetryAt(tomorrow.astimezone(now.tzinfo), own_fault=False)


def count_created(tx: Transaction, place: Place, mapping: str, now: datetime) -> None:
    """Count a record that was made today, in the account's own time."""
    zone = ZoneInfo(place.connection.time_zone or "UTC")
    tx.count(place.tenant, place.name, now.astimezone(zone).date(), HELD + mapping)


def release_held(tx: Transaction, tenant: str, connection: str, now: datetime) -> None:
    """Try again what a limit holds: a new release may have another one."""
    held = [name for name in tx.facts(tenant, connection) if name.startswith(HELD)]
    for name in held:
        tx.put_fact(tenant, connection, name, None)
    if held:
        tx.make_due(tenant, connection, now)


def _tells_of_a_person(claimed: Claimed) -> bool:
    """Whether it may: a signal's texts name whom they please, with an id or without."""
    payload = claimed.payload
    return payload.strictness is not None or any(entity == "person" for entity, _ in payload.people)


def _under_way(tx: Transaction, place: Place, claimed: Claimed) -> int:
    """How many others of the mapping may be creating right now: their outcome is not counted yet."""
    row = claimed.taken.delivery
    states = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
    others = tx.deliveries(place.tenant, DeliveryFilter(connection=place.name, states=states), limit=1_000)
    return sum(
        one.id != row.id
        and one.mapping == row.mapping
        and one.kind == "upsert"
        and one.position < row.position
        and tx.link(place.tenant, place.account, one.object, one.queast_id) is None
        for one in others
    )

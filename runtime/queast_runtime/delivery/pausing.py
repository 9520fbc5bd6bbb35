"""Stops a connection for a reason of its own, and says when it may try again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from queast_runtime.delivery.retry import LONGEST_WAIT_S
from queast_runtime.delivery.steps import Place
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import ErrorClass
from queast_runtime.ports.rows import ConnectionState
from queast_runtime.ports.store import Transaction

FACT: Final = "paused"
_MINUTE_S: Final = 60.0


def pause(tx: Transaction, place: Place, until: datetime | None, error: ErrorClass, reason: str, now: datetime) -> None:
    """Stop the connection until a moment, or (None) until what stopped it is mended."""
    before = tx.connection_state(place.tenant, place.name)
    tx.pause(place.tenant, place.name, until, reason)
    tx.count(place.tenant, place.name, now.date(), f"paused:{error.value}")
    if until is None:
        tx.put_fact(place.tenant, place.name, FACT, {"class": error.value, "since": now.isoformat()})
    if not before.paused or before.paused_reason != reason:
        # Whatever was in flight comes back with the same answer: once is enough.
        warn("connection paused", tenant=place.tenant, connection=place.name, error=error.value)


def resume_after_start(tx: Transaction, tenant: str, connection: str, *, new_release: bool) -> bool:
    """Try again what an earlier process gave up on; return whether it was paused by us.

    A start is when secrets and settings change, so `auth` and `config` are tried again. `blocked` (a 410, a firewall's
    page) is the destination's own wish, and stands until the tenant publishes again. A person's pause stays.
    """
    state = tx.connection_state(tenant, connection)
    fact = tx.facts(tenant, connection).get(FACT)
    if fact is None:
        return False
    if state.paused and fact.get("class") == ErrorClass.BLOCKED.value and not new_release:
        return False
    tx.put_fact(tenant, connection, FACT, None)
    if state.paused and state.paused_until is None:
        tx.resume(tenant, connection)
        note("connection tried again", tenant=tenant, connection=connection)
        return True
    return False


def still_paused(state: ConnectionState, now: datetime) -> bool:
    """No pause of ours is longer than a day: an end further off was set by a clock that went back since."""
    if not state.paused:
        return False
    until = state.paused_until
    return until is None or now < until <= now + timedelta(seconds=LONGEST_WAIT_S + _MINUTE_S)

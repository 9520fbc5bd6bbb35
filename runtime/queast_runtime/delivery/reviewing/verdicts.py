"""What people said of the engine's own links, by connection, and whether it may go on making them (D3.4).

A link made by name counts as judged where a person answered the blind sample about it, took it down by hand, or
decided a case that was opened only because linking by name is paused: by those last it comes back to health.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from queast_runtime.delivery.reviewing.outcomes import linked_by_engine
from queast_runtime.matching.health import REVIEWED, Health, Healthy, Tripped, health
from queast_runtime.ports.matches import Review, ReviewKind
from queast_runtime.ports.store import Snapshot, Transaction

FACT: Final = "auto_link"
_DAY: Final = timedelta(hours=24)
_KINDS: Final[tuple[ReviewKind, ...]] = ("sample", "match")


def verdict(review: Review) -> bool | None:
    """Whether a person found the engine's link right; None where the case says nothing about that."""
    engine, answer = linked_by_engine(review), review.answer
    if engine is None or answer is None or answer.choice not in ("link", "reject", "create"):
        return None
    return answer.choice == "link" and answer.partner_id == engine


def renew_verdicts(tx: Transaction, tenant: str, connection: str) -> None:
    """Count the last verdicts anew, in the transaction that gave or took back one."""
    answered = [
        review
        for kind in _KINDS
        for review in tx.answered_reviews(tenant, connection=connection, kind=kind, limit=REVIEWED)
    ]
    answered.sort(key=lambda review: review.answer.at.timestamp() if review.answer else 0.0, reverse=True)
    found = [right for right in map(verdict, answered) if right is not None][:REVIEWED]
    fact = tx.facts(tenant, connection).get(FACT, {})
    counts = {"judged": len(found), "rejected": sum(not right for right in found)}
    if any(fact.get(name) != count for name, count in counts.items()):
        tx.put_fact(tenant, connection, FACT, {**fact, **counts})


def auto_link_health(tx: Transaction, tenant: str, connection: str, now: datetime) -> Health:
    """Say whether the engine may link by name now; to be asked right before it does.

    The answer is kept as the fact `auto_link` of the connection: `{"judged", "rejected", "tripped": REASON|null,
    "since"}`, so that people see why linking is paused and since when.
    """
    fact = tx.facts(tenant, connection).get(FACT, {})
    found = look_at_health(tx, tenant, connection, now)
    reason = found.reason if isinstance(found, Tripped) else None
    was = fact.get("tripped")
    if (was is None) != (reason is None):
        tx.put_fact(tenant, connection, FACT, {**fact, "tripped": reason, "since": now.isoformat()})
    elif reason is not None and was != reason:
        tx.put_fact(tenant, connection, FACT, {**fact, "tripped": reason})
    return found


def look_at_health(tx: Snapshot, tenant: str, connection: str, now: datetime) -> Healthy | Tripped:
    """The same without keeping it."""
    fact = tx.facts(tenant, connection).get(FACT, {})
    changed = tx.count_link_changes(tenant, connection, now - _DAY)
    links = tx.count_links(tenant, connection)
    return health(int(fact.get("judged", 0)), int(fact.get("rejected", 0)), changed, links)

"""Whether an unanswered write happened, found out by our own reference at the destination."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from queast_runtime.connectors.body import Scope
from queast_runtime.connectors.exchange import Exchange
from queast_runtime.connectors.reads import Reads
from queast_runtime.ports import (
    LookupFailed,
    Reconciled,
    ReconciledAbsent,
    ReconciledThere,
    ReconcileLater,
    RemoteRecord,
    WriteItem,
)

JsonObject = dict[str, Any]
# Clocks differ: records changed a little before the attempt are looked at too.
CLOCK_SKEW = timedelta(minutes=5)
RETRY_S = 5.0


async def reconcile(
    exchange: Exchange, reads: Reads, operation: JsonObject, item: WriteItem, scope: Scope, attempted_at: datetime
) -> Reconciled:
    """Look for what `item` would have made. "Absent" is said only once the destination must have been done with it."""
    declared: JsonObject = operation["reconcile"]
    tuned = exchange.tuning.settle_s
    settle_s = float(declared["settle_s"]) if tuned is None else tuned
    since = attempted_at - CLOCK_SKEW
    # The look begins after the moment of settling, or a write that lands in between would be called absent.
    missing_s = settle_s - (exchange.clock.now() - attempted_at).total_seconds()
    found = await _look(exchange, reads, declared["looks"], item, scope, since)
    match found:
        case ReconciledAbsent() if missing_s > 0:
            return ReconcileLater(missing_s, f"not there yet; asked again {settle_s:g} s after the attempt")
        case _:
            return found


async def find_existing(
    exchange: Exchange, reads: Reads, operation: JsonObject, item: WriteItem, scope: Scope
) -> Reconciled:
    """The same look without a moment of attempt: has a write of unknown history been made before?"""
    declared: JsonObject = operation["reconcile"]
    looks: Sequence[JsonObject] = declared["existing"] if "existing" in declared else declared["looks"]
    return await _look(exchange, reads, looks, item, scope, None)


async def _look(
    exchange: Exchange, reads: Reads, looks: Sequence[JsonObject], item: WriteItem, scope: Scope, since: datetime | None
) -> Reconciled:
    external_id: str | None = exchange.object(item.object)["external_id"]
    for look in looks:
        property = external_id if look["property"] == "external_id" else look["property"]
        if property is None:
            return ReconcileLater(RETRY_S, f"`{item.object}` has no property for our id in this account")
        changed = None if since is None or not look.get("since") else _rfc3339(since)
        asked = scope.with_values(property=property, value=item.reference, since=changed)
        found = await reads.records(item.object, look["op"], asked, look.get("pages"))
        if isinstance(found, LookupFailed):
            return ReconcileLater(found.wait_s or RETRY_S, found.message, found)
        ours = sorted(each.partner_id for each in found if _is_ours(each, property, look["holds"], item.reference))
        if ours:
            return ReconciledThere(ours[0])
    return ReconciledAbsent()


def _is_ours(record: RemoteRecord, property: str, holds: str, reference: str) -> bool:
    value = record.properties.get(property)
    if holds == "equals":
        return value == reference
    return isinstance(value, str) and holds_reference(value, reference)


def holds_reference(text: str, reference: str) -> bool:
    """Say whether a text holds the reference as a word of its own, not as a part of a longer one."""
    start = text.find(reference)
    while start != -1:
        before, after = text[start - 1 : start], text[start + len(reference) : start + len(reference) + 1]
        if not _joins(before) and not _joins(after):
            return True
        start = text.find(reference, start + 1)
    return False


def _joins(char: str) -> bool:
    return char.isalnum() or char in ("-", "_") if char else False


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

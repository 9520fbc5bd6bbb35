"""One batch over the network: look where a look is due, write, and return what came of each item."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, assert_never

from queast_runtime.delivery.mirror import mirror_record
from queast_runtime.delivery.steps import (
    Ambiguous,
    Answered,
    Came,
    CheckThenWrite,
    Found,
    Look,
    LookedUp,
    NoLookup,
    ReadThenWrite,
    SearchThenWrite,
    Step,
    Write,
)
from queast_runtime.matching.shared_domains import is_shared
from queast_runtime.observability.faults import reach, writing
from queast_runtime.ports import (
    Driver,
    ErrorClass,
    ItemResult,
    LookupFailed,
    Phase,
    ReconciledAbsent,
    ReconcileLater,
    Refused,
    RemoteRecord,
    Unanswered,
    WriteItem,
)

BROKEN_WAIT_S: Final = 60.0
# Given back, so that the next turn ends it with its reason.
_DENIED: Final = Refused(ErrorClass.REJECT, "may no longer leave", None, Phase.NOTHING_SENT, 0.0, held=True)
# What needs no read any more. A write that does becomes one of these once its record was read.
Ready = Write | SearchThenWrite | CheckThenWrite | Look
# Names those of the steps that may no longer leave, by the id of their delivery.
Denied = Callable[[Sequence[Ready]], Awaitable[frozenset[str]]]


def batches(steps: Sequence[Ready], driver: Driver) -> tuple[tuple[Ready, ...], ...]:
    """Group by object and operation up to the driver's batch size, in order. Looks go one by one."""
    grouped: dict[tuple[str, str], list[Ready]] = {}
    ready: list[tuple[Ready, ...]] = []
    for step in steps:
        if isinstance(step, Look):
            ready.append((step,))
            continue
        key = (step.item.object, step.item.op)
        waiting = grouped.setdefault(key, [])
        waiting.append(step)
        if len(waiting) >= driver.batch_size(*key):
            ready.append(tuple(grouped.pop(key)))
    ready.extend(tuple(rest) for rest in grouped.values())
    return tuple(ready)


def broke(step: Step, error: Exception) -> Came:
    """What came of a step that ended in a fault of ours: nobody knows whether it was sent."""
    message = f"internal fault: {type(error).__name__}"
    if isinstance(step, ReadThenWrite):
        return NoLookup(step, LookupFailed(ErrorClass.UNKNOWN, message))
    if isinstance(step, Look):
        failed = LookupFailed(ErrorClass.UNKNOWN, message)
        return LookedUp(step, ReconcileLater(BROKEN_WAIT_S, message, failed))
    return Answered(step, Unanswered(message, Phase.SOME_SENT))


def closes(came: Came) -> bool:
    """Whether the destination turned the whole connection away, not one record."""
    match came:
        case Answered(result=Refused(whole_connection=whole, held=False)):
            return whole
        case NoLookup(failed=LookupFailed(whole_connection=whole, held=False)):
            return whole
        case _:
            return False


def given_back(step: Write | SearchThenWrite | CheckThenWrite) -> Came:
    """What came of a step that is not sent now: the next turn prepares it anew, or ends it with its reason."""
    return Answered(step, _DENIED)


async def run_batch(driver: Driver, steps: Sequence[Ready], denied: Denied) -> list[Came]:
    """Carry out one batch. Never raises for what the destination does; one result for each step.

    `denied` is asked after all looks, right before the write.
    """
    came: list[Came] = []
    to_write: list[Write | SearchThenWrite | CheckThenWrite] = []
    looked = await asyncio.gather(*(look_first(driver, step) for step in steps))
    for step, before in zip(steps, looked, strict=True):
        if before is not None:
            came.append(before)
        elif not isinstance(step, Look):
            to_write.append(step)
    stopped = await denied(to_write) if to_write else frozenset()
    came.extend(given_back(step) for step in to_write if step.claimed.id in stopped)
    going = [step for step in to_write if step.claimed.id not in stopped]
    if going:
        came.extend(await _write(driver, going))
    return came


async def look_first(driver: Driver, step: Ready) -> Came | None:
    """Look where a look is due; return what came of it where nothing is to be written after it."""
    match step:
        case Write():
            return None
        case Look():
            since = step.claimed.taken.delivery.unanswered_since
            if since is None:
                return LookedUp(step, await driver.find_existing(step.item))
            return LookedUp(step, await driver.reconcile(step.item, since))
        case CheckThenWrite():
            there = await driver.find_existing(step.item)
            return None if isinstance(there, ReconciledAbsent) else LookedUp(step, there)
        case SearchThenWrite():
            return await _search(driver, step)
        case _:
            assert_never(step)


async def _search(driver: Driver, step: SearchThenWrite) -> Came | None:
    """Ask the destination itself, once, right before a create: the mirror may be older than a record made by hand.

    The search lags behind writes too, so it is no guard against our own repeats; links and reconciliation are.
    """
    match, keys = step.match, step.subject.keys
    asks: list[tuple[str, str, str]] = []
    if match.external_id is not None:
        asks.append(("external_id", match.external_id, keys.external_id))
    if "domain" in match.order and keys.domain is not None and match.domain_to:
        asks.append(("domain", match.domain_to[0], keys.domain))
    for rule, property_, value in asks:
        answer = await driver.search(match.object, property_, value)
        if isinstance(answer, LookupFailed):
            return NoLookup(step, answer)
        holding = [record for record in answer if _holds(step, rule, record, value)]
        records = [record for record in holding if record.partner_id not in step.rejected]
        if rule == "external_id" and holding and not records:
            disowned = tuple(record.partner_id for record in holding)
            return Ambiguous(step, disowned, "a record that was rejected for this entity still carries our id")
        if not records:
            continue
        candidates = tuple(record.partner_id for record in records)
        if rule == "domain" and is_shared(value):
            return Ambiguous(step, candidates, "the domain is shared by unrelated companies")
        if len(records) > 1:
            return Ambiguous(step, candidates, "several records share the key")
        theirs = mirror_record(match, records[0]).keys.get("external_id", ())
        if theirs and keys.external_id not in theirs:
            return Ambiguous(step, candidates, "the record carries another entity's id")
        return Found(step, records[0], rule, value)
    return None


def _holds(step: SearchThenWrite, rule: str, record: RemoteRecord, value: str) -> bool:
    """A search may answer loosely (by token, by part), so only a key that came back and is equal counts: neither an
    unreadable property nor one that the answer leaves out says that the record is the one."""
    return value in mirror_record(step.match, record).keys.get(rule, ())


async def _write(driver: Driver, steps: Sequence[Write | SearchThenWrite | CheckThenWrite]) -> list[Came]:
    items = [step.item for step in steps]
    results = await _send(driver, items)
    return [Answered(step, result) for step, result in zip(steps, results, strict=True)]


async def _send(driver: Driver, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
    reach("before-send")
    with writing():
        results = await driver.write(items)
    reach("answer-no-commit")
    return results

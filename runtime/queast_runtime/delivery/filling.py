"""Reads a destination's records page by page until the mirror is complete; a restart goes on at the stored cursor.

A page that does not come is asked for again after a delay that is kept in the store, so that people can see it and a
restart does not forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.mirror import lost_place, next_cursor, page_record
from queast_runtime.delivery.our_words import without_our_words
from queast_runtime.delivery.pausing import pause, still_paused
from queast_runtime.delivery.retry import (
    History,
    MatchAgain,
    PauseConnection,
    TryAgain,
    after_failure,
    delays,
    jittered,
)
from queast_runtime.delivery.steps import Bound, Place
from queast_runtime.delivery.turnstile import Turnstile, keep_spent
from queast_runtime.observability.faults import reach
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, Driver, LookupFailed, Page, Phase, Refused, Tuning
from queast_runtime.ports.store import Snapshot, Transaction

TROUBLE: Final = "mirror:"
# A mirror is filled anew when it was complete that long ago.
MIRROR_AGE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Filler:
    """What filling one connection's mirrors takes. `stopped` says that nothing more is to be read; `read` is told how
    many records each page had."""

    place: Place
    driver: Driver
    desk: Desk
    clock: Clock
    tuning: Tuning
    turnstile: Turnstile
    stopped: Callable[[], bool]
    read: Callable[[int], None] | None = None


async def fill(filler: Filler, match: MatchPlan) -> None:
    """Fill one object's mirror and wake what waits for it.

    Returns early when the lane stops, the connection is paused or a page does not come; the lane comes back here.
    """
    place = filler.place
    while not filler.stopped():
        here = await filler.desk.do(partial(_where_to_read, place, match, filler.clock.now()))
        if here is None:
            return
        page = await filler.driver.list_page(match.object, here.cursor)
        now = filler.clock.now()
        if isinstance(page, LookupFailed):
            await filler.desk.do(partial(_put_off, filler, match, page, here.cursor, now))
            return
        reach("mid-mirror-page")
        spent = filler.turnstile.unsaved()
        await filler.desk.do(partial(_kept, filler, match, page, spent, now))
        filler.turnstile.saved(spent)
        if filler.read is not None:
            filler.read(len(page.records))
        note("mirror page", tenant=place.tenant, connection=place.name, object=match.object, records=len(page.records))


def mirrors(
    tx: Transaction, bounds: Sequence[Bound], known: frozenset[tuple[str, str]], now: datetime
) -> tuple[frozenset[tuple[str, str]], tuple[tuple[Bound, str], ...], datetime | None]:
    """Return the objects whose mirror is complete, by account, those to fill now because something waits for them, and
    when the next one put off is due. `bounds` are plans of one connection, today's first; those `known` to be complete
    are not asked for."""
    wanted = {(each.place.account, match.object): each for each in bounds for match in each.place.connection.match}
    for known_one in known & wanted.keys():
        del wanted[known_one]
    if not wanted:
        return frozenset(), (), None
    needs = tx.needs(bounds[0].place.tenant, bounds[0].place.name)
    done: set[tuple[str, str]] = set()
    missing: list[tuple[Bound, str]] = []
    due: datetime | None = None
    for (account, object_), bound in sorted(wanted.items(), key=lambda item: item[0]):
        need = f"mirror:{object_}"
        state = tx.mirror_state(bound.place.tenant, account, object_)
        if state is not None and state.complete:
            done.add((account, object_))
            if need in needs:
                tx.wake(bound.place.tenant, bound.place.name, need, now)
        elif need in needs:
            later = put_off_until(tx, bound.place, object_)
            if later is None or later <= now:
                missing.append((bound, object_))
            elif due is None or later < due:
                due = later
    return frozenset(done), tuple(missing), due


def put_off_until(tx: Snapshot, place: Place, object_: str) -> datetime | None:
    """When the page that did not come is asked for again; None where nothing went wrong."""
    fact = tx.facts(place.tenant, place.name).get(f"{TROUBLE}{object_}")
    return None if fact is None else datetime.fromisoformat(fact["due"])


def to_renew(tx: Transaction, place: Place, objects: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Begin to fill those complete mirrors anew that are a day old; return which are to be read on now, whoever asked
    for it. Matching goes on with what is known."""
    wanted: list[str] = []
    for object_ in sorted(objects):
        state = tx.mirror_state(place.tenant, place.account, object_)
        if state is None:
            continue
        if not state.filling and (state.synced_at is None or now - state.synced_at >= MIRROR_AGE):
            tx.start_mirror(place.tenant, place.account, object_, now)
        elif not state.filling:
            continue
        later = put_off_until(tx, place, object_)
        if later is None or later <= now:
            wanted.append(object_)
    return tuple(wanted)


@dataclass(frozen=True, slots=True)
class _Here:
    cursor: str | None


def _where_to_read(place: Place, match: MatchPlan, now: datetime, tx: Transaction) -> _Here | None:
    if still_paused(tx.connection_state(place.tenant, place.name), now):
        return None
    complete, cursor = next_cursor(tx, place.tenant, place.account, match, now)
    if complete:
        tx.put_fact(place.tenant, place.name, f"{TROUBLE}{match.object}", None)
        tx.wake(place.tenant, place.name, f"mirror:{match.object}", now)
        return None
    return _Here(cursor)


def _kept(
    filler: Filler,
    match: MatchPlan,
    page: Page,
    spent: dict[str, float],
    now: datetime,
    tx: Transaction,
) -> None:
    place, name = filler.place, f"{TROUBLE}{match.object}"
    read = (without_our_words(tx, place, filler.driver.form, record) for record in page.records)
    records = [page_record(match, place, record) for record in read]
    tx.put_mirror_page(place.tenant, place.account, match.object, records, page.cursor, now)
    keep_spent(tx, place.tenant, place.name, spent, now)
    fact = tx.facts(place.tenant, place.name).get(name)
    if fact is not None:
        # Beginnings count until the mirror is complete: a cursor that is lost at every page must not loop for ever.
        tx.put_fact(place.tenant, place.name, name, {**fact, "failures": 0, "due": now.isoformat()})


def _put_off(
    filler: Filler, match: MatchPlan, failed: LookupFailed, cursor: str | None, now: datetime, tx: Transaction
) -> None:
    place, name = filler.place, f"{TROUBLE}{match.object}"
    before = tx.facts(place.tenant, place.name).get(name, {})
    failures, beginnings = int(before.get("failures", 0)), int(before.get("beginnings", 0))
    if failed.held:
        due = now + timedelta(seconds=failed.wait_s or 0.0)
    elif cursor is not None and lost_place(failed):
        beginnings += 1
        tx.start_mirror(place.tenant, place.account, match.object, now)
        due = now if beginnings == 1 else now + timedelta(seconds=_delay_s(filler, match, beginnings))
    else:
        failures += 1
        reason = f"list {match.object}: {failed.message}"
        refused = Refused(failed.error, reason, None, Phase.BODY, failed.wait_s, None, failed.whole_connection)
        # A mirror has no dead letter: however long it fails, the last delay repeats.
        history = History(min(failures, len(delays(filler.tuning)) - 1), None, False, f"{place.name}/{match.object}")
        match after_failure(refused, history, now, filler.tuning):
            case PauseConnection(until=until):
                pause(tx, place, until, failed.error, reason, now)
                due = until or now
            case TryAgain(at=at) | MatchAgain(at=at):
                due = at
            case _:
                due = now + timedelta(seconds=_delay_s(filler, match, failures))
        warn("mirror page failed", tenant=place.tenant, connection=place.name, object=match.object, failures=failures)
    fact = {"failures": failures, "beginnings": beginnings, "due": due.isoformat(), "reason": failed.message}
    tx.put_fact(place.tenant, place.name, name, fact)


def _delay_s(filler: Filler, match: MatchPlan, count: int) -> float:
    table = delays(filler.tuning)
    return jittered(table[min(count, len(table) - 1)], f"{filler.place.name}/{match.object}", count)

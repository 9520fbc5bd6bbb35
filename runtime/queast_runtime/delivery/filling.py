"""Reads a destination's records page by page until the mirror is complete; a restart goes on at the stored cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.mirror import lost_place, next_cursor, store_page
from queast_runtime.delivery.retry import DELAYS_S, History, PauseConnection, TryAgain, after_failure, delays
from queast_runtime.delivery.steps import Place
from queast_runtime.observability.faults import reach
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, Driver, LookupFailed, Phase, Refused, Tuning
from queast_runtime.ports.store import Transaction

Gate = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Filler:
    """What filling one connection's mirrors takes. `nap` waits that many seconds or until the lane stops."""

    place: Place
    driver: Driver
    desk: Desk
    clock: Clock
    tuning: Tuning
    gate: Gate
    nap: Callable[[float], Awaitable[None]]
    stopped: Callable[[], bool]


async def fill(filler: Filler, match: MatchPlan) -> None:
    """Fill one object's mirror and wake what waits for it.

    Returns early when the lane stops or the connection is paused; the next turn comes back here.
    """
    place, failures = filler.place, 0
    while not filler.stopped():
        now = filler.clock.now()
        complete, cursor = await filler.desk.do(partial(_where_to_read, place, match, now))
        if complete:
            return
        await filler.gate(f"{match.object}.list")
        page = await filler.driver.list_page(match.object, cursor)
        now = filler.clock.now()
        if isinstance(page, LookupFailed):
            failures += 1
            if not await _after(filler, match, page, failures, restart=cursor is not None and lost_place(page)):
                return
            continue
        failures = 0
        reach("mid-mirror-page")
        keep = store_page(match, place.tenant, place.account, page, now)
        await filler.desk.do(keep)
        note("mirror page", tenant=place.tenant, connection=place.name, object=match.object, records=len(page.records))


async def _after(filler: Filler, match: MatchPlan, failed: LookupFailed, failures: int, *, restart: bool) -> bool:
    """Wait or pause after a page that did not come; return whether to go on."""
    place, now = filler.place, filler.clock.now()
    if restart and failures == 1:
        await filler.desk.do(lambda tx: tx.start_mirror(place.tenant, place.account, match.object, now))
        return True
    refused = Refused(
        failed.error, f"list {match.object}: {failed.message}", None, Phase.BODY, failed.wait_s, None, False
    )
    table = delays(filler.tuning)
    # A mirror has no dead letter: however long it fails, the last delay repeats.
    history = History(min(failures, len(table) - 1), None, False, f"{place.name}/{match.object}")
    next_ = after_failure(refused, history, now, filler.tuning)
    if isinstance(next_, TryAgain):
        await filler.nap((next_.at - now).total_seconds())
        return True
    until = next_.until if isinstance(next_, PauseConnection) else now + timedelta(seconds=DELAYS_S[2])
    warn("connection paused", tenant=place.tenant, connection=place.name, error=failed.error.value)

    def pause(tx: Transaction) -> None:
        tx.pause(place.tenant, place.name, until, refused.message)

    await filler.desk.do(pause)
    return False


def _where_to_read(place: Place, match: MatchPlan, now: datetime, tx: Transaction) -> tuple[bool, str | None]:
    complete, cursor = next_cursor(tx, place.tenant, place.account, match, now)
    if complete:
        tx.wake(place.tenant, place.name, f"mirror:{match.object}", now)
    return complete, cursor

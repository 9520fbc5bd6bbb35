"""Fills mirrors by themselves: what `mirror sync` runs, by itself or by the process that drains the tenant already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.filling import TROUBLE, Filler, fill
from queast_runtime.delivery.lane import Lane
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.ports.store import Transaction
from queast_runtime.worker.loop import Worker

# How many pages may fail one after the other before the command leaves it to a later one.
TRIES: Final = 3
# How long a process that was asked to fill a mirror may read no page before the command leaves it to itself.
PATIENCE_S: Final = 60.0
_ASK_EVERY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Mirror:
    tenant: str
    connection: str
    account: str
    object: str


@dataclass(frozen=True, slots=True)
class Filled:
    """`records` is how many the mirror holds. `reason` says why it is not complete, None where it is."""

    connection: str
    object: str
    records: int
    reason: str | None


async def fill_mirrors(
    worker: Worker,
    tenant: str,
    names: Collection[str],
    stop: asyncio.Event,
    seen: Callable[[str, str, int], None],
    *,
    anew: bool,
) -> tuple[Filled, ...]:
    """Fill the mirrors of these connections, or of all without `names`, and return how each stands.

    A filling that was cut off goes on where it stopped; `anew` begins another where none is under way. `seen` is told
    (connection, object, records read so far) after each page. While another process drains the tenant, that one is
    asked to fill them, and waited for.
    """
    done: list[Filled] = []
    try:
        async with worker.draining() as lanes:
            for lane in lanes:
                if lane.place.tenant != tenant or (names and lane.place.name not in names):
                    continue
                for match in lane.place.connection.match:
                    done.append(await _fill(lane, match, stop, seen, anew=anew))
    except StoreBusy:
        return await _ask(worker, tenant, names, stop, seen, anew=anew)
    return tuple(done)


async def _ask(
    worker: Worker,
    tenant: str,
    names: Collection[str],
    stop: asyncio.Event,
    seen: Callable[[str, str, int], None],
    *,
    anew: bool,
) -> tuple[Filled, ...]:
    """Have the process that drains the tenant fill the mirrors: it reads on whatever is being filled."""
    desk, asked = Desk(worker.store), []
    for name, plan in worker.releases[tenant].connections.items():
        if not names or name in names:
            asked += [_Mirror(tenant, name, plan.account, match.object) for match in plan.match]
    if anew:
        for mirror in asked:
            await desk.do(partial(_begin, mirror, worker.clock.now()))
    return tuple([await _waited_for(desk, mirror, stop, seen) for mirror in asked])


async def _waited_for(
    desk: Desk, mirror: _Mirror, stop: asyncio.Event, seen: Callable[[str, str, int], None]
) -> Filled:
    time = asyncio.get_running_loop().time
    before: tuple[str | None, int] | None = None
    moved_at_s = time()
    while True:
        here, trouble = await desk.do(partial(_progress, mirror)), await desk.do(partial(_missing, mirror))
        records = here[1]
        if trouble is None:
            return Filled(mirror.connection, mirror.object, records, None)
        if here != before:
            before, moved_at_s = here, time()
            seen(mirror.connection, mirror.object, records)
        if stop.is_set() or time() - moved_at_s > PATIENCE_S:
            why = "stopped" if stop.is_set() else f"no page came for {PATIENCE_S:.0f} s: {trouble}"
            return Filled(
                mirror.connection, mirror.object, records, f"{why}; whoever drains the tenant goes on with it"
            )
        await asyncio.sleep(_ASK_EVERY_S)


async def _fill(
    lane: Lane, match: MatchPlan, stop: asyncio.Event, seen: Callable[[str, str, int], None], *, anew: bool
) -> Filled:
    place, desk = lane.place, lane.desk
    mirror = _Mirror(place.tenant, place.name, place.account, match.object)
    if anew:
        await desk.do(partial(_begin, mirror, lane.clock.now()))
    reason: str | None = None
    for _ in range(TRIES):
        await _filling(lane, match, desk, stop, seen)
        reason = await desk.do(partial(_missing, mirror))
        if reason is None or stop.is_set():
            break
    if reason is not None and stop.is_set():
        reason = "stopped; it goes on where it is"
    records = await desk.do(lambda tx: tx.mirror_size(place.tenant, place.account, match.object))
    return Filled(place.name, match.object, records, reason)


async def _filling(
    lane: Lane, match: MatchPlan, desk: Desk, stop: asyncio.Event, seen: Callable[[str, str, int], None]
) -> None:
    place = lane.place
    read = 0

    def page(records: int) -> None:
        nonlocal read
        read += records
        seen(place.name, match.object, read)

    lane.turnstile.open(stop)
    filler = Filler(place, lane.driver, desk, lane.clock, lane.tuning, lane.turnstile, stop.is_set, page)
    await fill(filler, match)


def _begin(mirror: _Mirror, now: datetime, tx: Transaction) -> None:
    state = tx.mirror_state(mirror.tenant, mirror.account, mirror.object)
    if state is None or not state.filling:
        tx.start_mirror(mirror.tenant, mirror.account, mirror.object, now)


def _progress(mirror: _Mirror, tx: Transaction) -> tuple[str | None, int]:
    """Return the place that a filling has come to, and how many records the mirror holds."""
    state = tx.mirror_state(mirror.tenant, mirror.account, mirror.object)
    size = tx.mirror_size(mirror.tenant, mirror.account, mirror.object)
    return (None if state is None else state.cursor, size)


def _missing(mirror: _Mirror, tx: Transaction) -> str | None:
    """Return why a mirror is not up to date, None where it is."""
    state = tx.mirror_state(mirror.tenant, mirror.account, mirror.object)
    if state is not None and state.complete and not state.filling:
        return None
    known = tx.connection_state(mirror.tenant, mirror.connection)
    if known.paused and known.paused_reason is not None:
        return known.paused_reason
    trouble = tx.facts(mirror.tenant, mirror.connection).get(f"{TROUBLE}{mirror.object}")
    return "not every page was read" if trouble is None else str(trouble["reason"])

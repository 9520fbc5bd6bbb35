"""Fills mirrors by themselves: what `mirror sync` runs. Everything else waits until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.filling import TROUBLE, Filler, fill
from queast_runtime.delivery.lane import Lane
from queast_runtime.ports.store import Transaction
from queast_runtime.worker.loop import Worker

# How many pages may fail one after the other before the command leaves it to a later one.
TRIES = 3


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
    (connection, object, records read so far) after each page. Raises StoreBusy while another process drains the tenant.
    """
    done: list[Filled] = []
    async with worker.draining() as lanes:
        for lane in lanes:
            if lane.place.tenant != tenant or (names and lane.place.name not in names):
                continue
            for match in lane.place.connection.match:
                done.append(await _fill(lane, match, stop, seen, anew=anew))
    return tuple(done)


async def _fill(
    lane: Lane, match: MatchPlan, stop: asyncio.Event, seen: Callable[[str, str, int], None], *, anew: bool
) -> Filled:
    place, desk = lane.place, lane.desk
    if anew:
        await desk.do(partial(_begin, lane, match))
    reason: str | None = None
    for _ in range(TRIES):
        await _filling(lane, match, desk, stop, seen)
        reason = await desk.do(partial(_missing, lane, match))
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


def _begin(lane: Lane, match: MatchPlan, tx: Transaction) -> None:
    place = lane.place
    state = tx.mirror_state(place.tenant, place.account, match.object)
    if state is None or not state.filling:
        tx.start_mirror(place.tenant, place.account, match.object, lane.clock.now())


def _missing(lane: Lane, match: MatchPlan, tx: Transaction) -> str | None:
    """Return why a mirror is not up to date, None where it is."""
    place = lane.place
    state = tx.mirror_state(place.tenant, place.account, match.object)
    if state is not None and state.complete and not state.filling:
        return None
    known = tx.connection_state(place.tenant, place.name)
    if known.paused and known.paused_reason is not None:
        return known.paused_reason
    trouble = tx.facts(place.tenant, place.name).get(f"{TROUBLE}{match.object}")
    return "not every page was read" if trouble is None else str(trouble["reason"])

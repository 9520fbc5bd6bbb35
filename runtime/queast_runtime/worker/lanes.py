"""A worker's lanes: one for each connection of the releases that run, and one for each that left them while something
is on its way to it.

A connection that left is drained by the plans that its deliveries were made by and held to what today's release lets
leave; nothing is read there beyond what they need. Its lane ends when nothing is on its way any more, and comes back
when somebody redrives what it gave up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.bindings import wake_for_plans
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.lane import Lane
from queast_runtime.delivery.turnstile import resting
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, Tuning
from queast_runtime.ports.store import Snapshot
from queast_runtime.worker.connections import Connections
from queast_runtime.worker.shelf import Release, Shelf

LANE_AGAIN_S: Final = 30.0
# How often a lane that works by older plans too is asked which of them it needs no more: it walks what is open.
TIDY_S: Final = 30.0
Key = tuple[str, str]


@dataclass(slots=True)
class Lanes:
    """The lanes by (tenant, connection). `grown` is set whenever one was added."""

    connections: Connections
    clock: Clock
    tuning: Tuning
    nap: Callable[[float], Awaitable[None]]
    shelf: Shelf | None
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: dict[Key, Lane] = field(default_factory=dict)
    _missed: set[Key] = field(default_factory=set)
    _tidy_at_s: dict[str, float] = field(default_factory=dict)

    def all(self) -> tuple[Lane, ...]:
        return tuple(self._lanes.values())

    def get(self, tenant: str, connection: str) -> Lane | None:
        return self._lanes.get((tenant, connection))

    def clear(self) -> None:
        self._lanes.clear()

    async def set(self, release: Release, epoch: int, desk: Desk) -> None:
        """Let every connection of a release, and every one that left it with something on its way, go by it."""
        for connection in release.connections.values():
            await self._go_by(release, connection, epoch, desk, in_release=True)
        await self._look(release, epoch, desk, anew=True)

    async def look(self, release: Release, epoch: int, desk: Desk) -> None:
        """See which connections that left the release have something on their way by now, and which no more."""
        await self._look(release, epoch, desk, anew=False)

    async def _look(self, release: Release, epoch: int, desk: Desk, *, anew: bool) -> None:
        tenant = release.tenant
        if self.shelf is None:
            return
        names = await desk.look(lambda view: view.connections_with_work(tenant))
        left = [name for name in names if name not in release.connections]
        for name in left:
            lane = self._lanes.get((tenant, name))
            if lane is None or anew:
                await self._keep(release, name, lane, epoch, desk)
            else:
                lane.stay()
        for (whose, name), lane in self._lanes.items():
            if whose == tenant and name not in release.connections and name not in left:
                lane.leave()
        now_s = self.clock.monotonic()
        if anew or now_s >= self._tidy_at_s.get(tenant, now_s):
            self._tidy_at_s[tenant] = now_s + TIDY_S
            await self._tidy(tenant, desk, anew=anew)

    async def _keep(self, release: Release, name: str, lane: Lane | None, epoch: int, desk: Desk) -> None:
        """Let a connection that left the release have its lane: by the newest plan there is of those that something on
        its way was made by."""
        tenant = release.tenant
        made_by = await self._made_by(tenant, name, desk)
        plans = (self.connections.plan_of(tenant, name, digest) for digest in made_by)
        plan = next((each for each in plans if each is not None), None if lane is None else lane.place.connection)
        if plan is not None:
            self._missed.discard((tenant, name))
            await self._go_by(release, plan, epoch, desk, in_release=False)
        elif made_by and (tenant, name) not in self._missed:
            self._missed.add((tenant, name))
            warn("plan missing", tenant=tenant, connection=name, plan=made_by[0])

    async def _go_by(
        self, release: Release, connection: ConnectionPlan, epoch: int, desk: Desk, *, in_release: bool
    ) -> None:
        tenant, name = release.tenant, connection.connection
        bindings = self.connections.bindings(release, connection, epoch)
        lane = self._lanes.get((tenant, name))
        if lane is None:
            turnstile = await self.connections.started(tenant, connection, desk)
            self._lanes[tenant, name] = Lane(bindings, desk, self.clock, self.tuning, turnstile, self.nap)
            if not in_release:
                note("lane of a connection that left", tenant=tenant, connection=name)
            self.grown.set()
        else:
            lane.adopt(bindings)
        shelf = self.shelf
        if shelf is not None:
            there = partial(_is_there, shelf, tenant)
            await desk.do(lambda tx: wake_for_plans(tx, tenant, name, there, self.clock.now()))

    async def _tidy(self, tenant: str, desk: Desk, *, anew: bool) -> None:
        """Let the lanes of a tenant know which older plans they still need; all others are dropped."""
        for (whose, name), lane in tuple(self._lanes.items()):
            if whose == tenant and (anew or lane.holds_older):
                await asyncio.to_thread(lane.know, await self._made_by(tenant, name, desk))

    @staticmethod
    async def _made_by(tenant: str, name: str, desk: Desk) -> tuple[str, ...]:
        def read(view: Snapshot) -> tuple[str, ...]:
            return view.plans_with_work(tenant, name)

        return await desk.look(read)

    def abandon(self, tenant: str) -> None:
        """Let the lanes of a tenant end: it is not drained here."""
        for (whose, _), lane in self._lanes.items():
            if whose == tenant:
                lane.leave()

    def drop_left(self) -> None:
        """Forget the lanes that have nothing on their way any more; call it when they have ended."""
        for key, lane in tuple(self._lanes.items()):
            if lane.left:
                self._drop(key)

    def _drop(self, key: Key) -> None:
        tenant, name = key
        del self._lanes[key]
        self.connections.close(tenant, name)
        note("lane ended", tenant=tenant, connection=name)

    async def drain_to_idle(
        self, stop: asyncio.Event, patience_s: float | None, look: Callable[[], Awaitable[None]]
    ) -> None:
        """Run the lanes until each is idle. `look` is called before it counts: something may have come for a
        connection that has no lane."""
        while True:
            self.grown.clear()
            runs = [lane.run(stop, until_idle=True, patience_s=patience_s) for lane in self.all()]
            # One lane's fault must not leave the others undrained: it is told when they are done.
            _raise_first(await asyncio.gather(*runs, return_exceptions=True))
            self.drop_left()
            if stop.is_set():
                return
            await look()
            self.drop_left()
            # Events that came for a lane which had gone idle while another still worked, or a lane that came.
            if not (self.grown.is_set() or any(lane.wake.is_set() for lane in self.all())):
                return

    async def drain_for_ever(self, stop: asyncio.Event) -> None:
        """Run every lane until `stop`, those too that a later release brings."""
        running: dict[Key, asyncio.Task[None]] = {}
        ended: list[asyncio.Task[None]] = []
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self.grown.clear()
                for key, lane in self._lanes.items():
                    if key not in running:
                        running[key] = asyncio.create_task(self._keep_running(lane, stop))
                more = asyncio.create_task(self.grown.wait())
                await asyncio.wait({more, stopped, *running.values()}, return_when=asyncio.FIRST_COMPLETED)
                more.cancel()
                for key in [key for key, task in running.items() if task.done()]:
                    ended.append(running.pop(key))
                    if key in self._lanes and self._lanes[key].left:
                        self._drop(key)
                    ended = [task for task in ended if task.cancelled() or task.exception() is not None]
            await asyncio.gather(*running.values(), return_exceptions=True)
            _raise_first(each.exception() for each in (*ended, *running.values()))
        finally:
            stopped.cancel()
            for each in running.values():
                each.cancel()

    async def _keep_running(self, lane: Lane, stop: asyncio.Event) -> None:
        while True:
            try:
                await lane.run(stop, until_idle=False)
                return
            except Exception as error:
                # A full disk passes, and other lanes may be well: try again, and say so until somebody looks.
                place = lane.place
                warn("lane failed", tenant=place.tenant, connection=place.name, error=type(error).__name__)
                if stop.is_set():
                    raise
                await resting(self.nap, LANE_AGAIN_S, stop)


def _is_there(shelf: Shelf, tenant: str, mapping: str) -> bool:
    return shelf.connection_of(tenant, mapping) is not None


def _raise_first(ended: Iterable[BaseException | None]) -> None:
    for fault in ended:
        if fault is not None:
            raise fault

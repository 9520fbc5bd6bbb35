"""Takes events in and drains connections: what `run` and the demo embed, and what a worker process starts.

One process drains a tenant at a time (the store refuses a second). Everything that must survive is in the store before
`submit` returns and before a byte leaves; the worker itself holds nothing that a kill could lose.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.admit import Rules, Taken, take_in
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.lane import Lane
from queast_runtime.delivery.pausing import resume_after_start
from queast_runtime.delivery.rails import release_held
from queast_runtime.delivery.released import rules_of_release
from queast_runtime.delivery.steps import Place
from queast_runtime.delivery.turnstile import keep_spent, resting
from queast_runtime.engine.event import read_event
from queast_runtime.observability.faults import reach
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, Driver, Gate, Tuning
from queast_runtime.ports.store import Store, Transaction
from queast_runtime.worker.connections import Connections
from queast_runtime.worker.lanes import LANE_AGAIN_S, Lanes
from queast_runtime.worker.shelf import Release, Shelf

RawEvent = bytes | str | Mapping[str, Any]
# Enough events to share one commit's fsync, few enough that other writers are not kept waiting.
BATCH: Final = 200
# How soon a newer release is noticed, and what comes for a connection that left; a look costs one `stat` a tenant, and
# where the tenant is drained a step along an index for each connection with work.
FOLLOW_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the submitted events; it exists only once they are durable. `taken` is in their order."""

    taken: tuple[Taken, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Events by decision."""
        return dict(Counter(one.decision.value for one in self.taken))

    @property
    def reasons(self) -> dict[str, int]:
        """Events that made no delivery, by reason."""
        return dict(Counter(one.reason for one in self.taken if one.reason is not None))

    @property
    def deliveries(self) -> int:
        return sum(one.deliveries for one in self.taken)


@dataclass(slots=True)
class Worker:
    """Wires store, releases and drivers. `releases` by tenant; `open_driver` makes the driver of one connection,
    whose every request must pass the gate it is given. With a `shelf` newer releases are taken up while it runs;
    without one it stays with those it began with, and every delivery goes by their plans. With `every` that goes for
    tenants too whose first release comes while it runs.

    `hash_key` (32 bytes, kept over restarts) keys projection hashes: with another key every next update is sent once
    more, and nothing worse. `nap` waits seconds; tests with a clock of their own let it jump.
    """

    store: Store
    releases: Mapping[str, Release]
    open_driver: Callable[[ConnectionPlan, Gate], Driver]
    clock: Clock
    tuning: Tuning = field(default_factory=Tuning)
    hash_key: bytes = b""
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    shelf: Shelf | None = None
    every: bool = False
    _running: dict[str, Release] = field(default_factory=dict)
    _heard: list[Callable[[Release], None]] = field(default_factory=list)
    _again_at_s: dict[str, float] = field(default_factory=dict)
    _taking_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_draining: bool = False
    _held: list[str] = field(default_factory=list)
    _epochs: dict[str, int] = field(default_factory=dict)
    _lanes: Lanes = field(init=False)
    _open: Connections = field(init=False)

    def __post_init__(self) -> None:
        # Whoever asks for the releases of a worker sees those that it runs now.
        self._running.update(self.releases)
        self.releases = self._running
        self._open = Connections(
            lambda plan, gate: self.open_driver(plan, gate),
            self.clock,
            self.tuning,
            self.hash_key,
            self.nap,
            self.shelf,
        )
        self._lanes = Lanes(self._open, self.clock, self.tuning, lambda seconds: self.nap(seconds), self.shelf)

    def on_release(self, hear: Callable[[Release], None]) -> None:
        """Have `hear` called with every release that is taken up from now on."""
        self._heard.append(hear)

    async def submit(self, events: Iterable[RawEvent], tenant: str | None = None) -> Receipt:
        """Admit events (objects, or JSON texts of one line each) and return after their commit.

        The tenant is the caller's word, never the event's; it may be left out where there is one release only. Raises
        LookupError for a tenant without a release. A line that is no event is recorded as refused, with the line.
        """
        rules = self.rules(tenant)
        desk = Desk(self.store)
        taken: list[Taken] = []
        source = iter(events)
        while batch := list(islice(source, BATCH)):
            if await self.take_up(rules.tenant):
                rules = self.rules(rules.tenant)
            taken.extend(await desk.do(partial(self._admit, rules, batch)))
            reach("after-admit-commit")
        touched = {name for one in taken for name in one.connections}
        for name in touched:
            lane = self._lanes.get(rules.tenant, name)
            if lane is not None:
                lane.wake.set()
        return Receipt(tuple(taken))

    async def run_until_idle(self, stop: asyncio.Event | None = None, *, patience_s: float | None = None) -> None:
        """Drain until only people (or new events) can bring more; waits for retries and for pauses that end.

        `stop` ends it early, with what is in flight taken down. A wait longer than `patience_s` seconds counts as
        idle, so that a command need not sit through a day's quota.
        """
        stop = stop or asyncio.Event()
        async with self.draining():
            await self._drain(stop, until_idle=True, patience_s=patience_s)

    async def run(self, stop: asyncio.Event) -> None:
        """Drain until `stop` is set, then let what is in flight end and take it down."""
        async with self.draining():
            await self._drain(stop, until_idle=False, patience_s=None)

    async def take_up(self, only: str | None = None) -> bool:
        """Run newer releases (of one tenant alone) from now on; return whether there were any. One refused is logged.

        What was put in the ledger before goes out by the plans it was made by.
        """
        shelf = self.shelf
        if shelf is None:
            return False
        known = tuple(self._running) if only is None else (only,)
        new = shelf.others(known) if self.every and only is None else ()
        if not any(map(self._is_due, (*known, *new))):
            return False
        taken = False
        async with self._taking_up:
            for tenant in filter(self._is_due, (*known, *new)):
                try:
                    newer = await asyncio.to_thread(self._newer, shelf, tenant)
                    if newer is not None:
                        await self._change_to(newer)
                        taken = True
                except Exception as error:  # noqa: BLE001 - the old release runs on; a later look may fare better
                    warn("release not taken up", tenant=tenant, error=type(error).__name__)
                    shelf.again(tenant)
                    self._again_at_s[tenant] = self.clock.monotonic() + LANE_AGAIN_S
        return taken

    def _is_due(self, tenant: str) -> bool:
        shelf = self.shelf
        if shelf is None or self.clock.monotonic() < self._again_at_s.get(tenant, -math.inf):
            return False
        return shelf.has_changed(tenant)

    def _newer(self, shelf: Shelf, tenant: str) -> Release | None:
        running = self._running.get(tenant)
        if running is not None:
            return shelf.newer(tenant, running)
        with self.store.read() as view:
            accepted = view.accepted_release(tenant)
        return shelf.begin(tenant, 0 if accepted is None else accepted.sequence)

    async def follow_releases(self, stop: asyncio.Event) -> None:
        """Take newer releases up until `stop`, and see to the connections that left theirs."""
        while not stop.is_set():
            await self.take_up()
            await self._look()
            await resting(asyncio.sleep, FOLLOW_S, stop)

    async def _look(self) -> None:
        async with self._taking_up:
            for tenant in tuple(self._held):
                try:
                    await self._lanes.look(self._running[tenant], self._epochs[tenant], Desk(self.store))
                except Exception as error:  # noqa: BLE001 - a store that is busy is asked again at the next look
                    warn("look failed", tenant=tenant, error=type(error).__name__)

    async def _change_to(self, release: Release) -> None:
        tenant, desk = release.tenant, Desk(self.store)
        # Before it counts as the one that runs: a plan that cannot be opened keeps the old one running.
        if self._is_draining:
            for connection in release.connections.values():
                self._open.driver(tenant, connection)
        if tenant in self._held:
            await desk.do(partial(self._accept, release, resume=True))
            self._open.retune(release)
            await self._lanes.set(release, self._epochs[tenant], desk)
        elif self._is_draining:
            await self._begin(release, desk)
        self._running[tenant] = release
        for hear in self._heard:
            hear(release)
        note("release taken up", tenant=tenant, release=release.sequence)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that are drained now."""
        return self._lanes.all()

    def preview(self, tenant: str, connection: str) -> Driver:
        """Return the connection's driver, for `trace` to ask for a request that is not sent."""
        return self._open.driver(tenant, self.releases[tenant].connections[connection])

    @asynccontextmanager
    async def operating(self, tenant: str, connection: str) -> AsyncIterator[tuple[Driver, Place]]:
        """Give a person's command the connection's driver beside (or without) a drain, charged to its budgets."""
        release, desk = self.releases[tenant], Desk(self.store)
        plan = release.connections[connection]
        turnstile = await self._open.started(tenant, plan, desk)
        try:
            place = Place(tenant, plan, self._epochs.get(tenant, 0), release.digest, self.hash_key)
            yield self._open.driver(tenant, plan), place
        finally:
            spent, now = turnstile.unsaved(), self.clock.now()
            # A drain of this process saves it with its own next turn.
            if spent and self._lanes.get(tenant, connection) is None:
                await desk.do(lambda tx: keep_spent(tx, tenant, connection, spent, now))
                turnstile.saved(spent)

    def _admit(self, rules: Rules, batch: Sequence[RawEvent], tx: Transaction) -> list[Taken]:
        now = self.clock.now()
        taken = [take_in(tx, rules, read_event(raw), now) for raw in batch]
        reach("before-admit-commit")
        return taken

    def rules(self, tenant: str | None) -> Rules:
        """Return a tenant's release as admission reads it. Raises LookupError for a tenant without one."""
        if tenant is None:
            if len(self.releases) != 1:
                raise LookupError("name the tenant: this worker holds releases of several")
            tenant = next(iter(self.releases))
        release = self.releases.get(tenant)
        if release is None:
            raise LookupError(f"tenant {tenant} has no release here; publish one first")
        return rules_of_release(tenant, release.connections, release.mappings, self.hash_key)

    @asynccontextmanager
    async def draining(self) -> AsyncIterator[tuple[Lane, ...]]:
        """Become the drainer of every tenant here, and give their lanes.

        What an earlier process left in flight becomes unknown first.
        """
        desk = Desk(self.store)
        try:
            # No release may be taken up between a tenant's lanes and the next one's.
            async with self._taking_up:
                self._is_draining = True
                for release in tuple(self.releases.values()):
                    await self._begin(release, desk)
            yield self._lanes.all()
        finally:
            self._is_draining = False
            self._lanes.clear()
            while self._held:
                self.store.stop_draining(self._held.pop())

    async def _begin(self, release: Release, desk: Desk) -> None:
        """Become the drainer of a tenant."""
        tenant = release.tenant
        first = tenant not in self._epochs
        epoch = await asyncio.to_thread(self.store.new_epoch, tenant, f"{socket.gethostname()}:{os.getpid()}")
        try:
            left = await desk.do(partial(self._take_over, release, epoch, first))
            self._epochs[tenant] = epoch
            note("draining", tenant=tenant, release=release.sequence, unknown=left)
            await self._lanes.set(release, epoch, desk)
        except BaseException:
            self._lanes.abandon(tenant)
            self.store.stop_draining(tenant)
            raise
        self._held.append(tenant)

    def _take_over(self, release: Release, epoch: int, first: bool, tx: Transaction) -> int:
        self._accept(release, tx, resume=first)
        return len(tx.recover(release.tenant, self.clock.now(), epoch))

    def _accept(self, release: Release, tx: Transaction, *, resume: bool) -> None:
        now = self.clock.now()
        new = tx.accept_release(release.tenant, release.sequence, release.digest, now)
        for name in release.connections if resume else ():
            resume_after_start(tx, release.tenant, name, new_release=new)
            if new:
                release_held(tx, release.tenant, name, now)

    async def _drain(self, stop: asyncio.Event, *, until_idle: bool, patience_s: float | None) -> None:
        drained = asyncio.Event()
        following = None if self.shelf is None else asyncio.create_task(self.follow_releases(drained))
        try:
            if until_idle:
                await self._lanes.drain_to_idle(stop, patience_s, self._look)
            else:
                await self._lanes.drain_for_ever(stop)
        finally:
            # Not cut off: what it has begun to take up it ends.
            drained.set()
            if following is not None:
                await following


@contextmanager
def stopping_on_signals(stop: asyncio.Event, *signals: signal.Signals) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT (or `signals`) while the block runs; call it inside the running loop."""
    loop = asyncio.get_running_loop()
    chosen = signals or (signal.SIGTERM, signal.SIGINT)
    for one in chosen:
        loop.add_signal_handler(one, stop.set)
    try:
        yield
    finally:
        for one in chosen:
            loop.remove_signal_handler(one)

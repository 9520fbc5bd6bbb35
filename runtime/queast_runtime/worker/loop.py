"""Takes events in and drains connections: what `run` and the demo embed, and what a worker process starts.

One process drains a tenant at a time (the store refuses a second). Everything that must survive is in the store before
`submit` returns and before a byte leaves; the worker itself holds nothing that a kill could lose.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.admit import Rules, Taken, take_in
from queast_runtime.delivery.budget import Budget, Meter, Tariff, read_tariff
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.lane import Lane
from queast_runtime.delivery.leaving import leaves
from queast_runtime.delivery.pausing import resume_after_start
from queast_runtime.delivery.rails import release_held
from queast_runtime.delivery.released import rules_of_release
from queast_runtime.delivery.steps import Place
from queast_runtime.delivery.turnstile import Turnstile, keep_spent, resting
from queast_runtime.engine.event import read_event
from queast_runtime.engine.loaded import MappingCode
from queast_runtime.observability.faults import reach
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, Driver, Gate, Tuning
from queast_runtime.ports.store import Store, Transaction

RawEvent = bytes | str | Mapping[str, Any]
# Enough events to share one commit's fsync, few enough that other writers are not kept waiting.
BATCH: Final = 200
LANE_AGAIN_S: Final = 30.0


class Release(Protocol):
    """A verified release, as `queast_runtime.security.releases.load_release` returns it."""

    @property
    def tenant(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def connections(self) -> Mapping[str, ConnectionPlan]: ...
    @property
    def mappings(self) -> Sequence[MappingCode]: ...


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
    whose every request must pass the gate it is given.

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
    _lanes: dict[tuple[str, str], Lane] = field(default_factory=dict)
    _drivers: dict[tuple[str, str], Driver] = field(default_factory=dict)
    _turnstiles: dict[tuple[str, str], Turnstile] = field(default_factory=dict)
    _meters: dict[tuple[str, ...], Meter] = field(default_factory=dict)
    _epochs: dict[str, int] = field(default_factory=dict)

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
            taken.extend(await desk.do(partial(self._admit, rules, batch)))
            reach("after-admit-commit")
        touched = {name for one in taken for name in one.connections}
        for name in touched:
            lane = self._lanes.get((rules.tenant, name))
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

    def preview(self, tenant: str, connection: str) -> Driver:
        """Return the connection's driver, for `trace` to ask for a request that is not sent."""
        return self._driver(tenant, self.releases[tenant].connections[connection])

    @asynccontextmanager
    async def operating(self, tenant: str, connection: str) -> AsyncIterator[tuple[Driver, Place]]:
        """Give a person's command the connection's driver beside (or without) a drain, charged to its budgets."""
        release, desk = self.releases[tenant], Desk(self.store)
        plan = release.connections[connection]
        turnstile = await self._started(tenant, plan, desk)
        try:
            place = Place(tenant, plan, self._epochs.get(tenant, 0), release.digest, self.hash_key)
            yield self._driver(tenant, plan), place
        finally:
            spent, now = turnstile.unsaved(), self.clock.now()
            # A drain of this process saves it with its own next turn.
            if spent and (tenant, connection) not in self._lanes:
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
        owner = f"{socket.gethostname()}:{os.getpid()}"
        desk = Desk(self.store)
        held: list[str] = []
        try:
            for tenant, release in self.releases.items():
                first = tenant not in self._epochs
                epoch = await asyncio.to_thread(self.store.new_epoch, tenant, owner)
                held.append(tenant)
                self._epochs[tenant] = epoch
                left = await desk.do(partial(self._take_over, release, epoch, first))
                note("draining", tenant=tenant, release=release.sequence, unknown=left)
                for connection in release.connections.values():
                    self._lanes[tenant, connection.connection] = await self._lane(release, connection, desk)
            yield tuple(self._lanes.values())
        finally:
            self._lanes.clear()
            for tenant in held:
                self.store.stop_draining(tenant)

    def _take_over(self, release: Release, epoch: int, first: bool, tx: Transaction) -> int:
        now = self.clock.now()
        new = tx.accept_release(release.tenant, release.sequence, release.digest, now)
        if first:
            for name in release.connections:
                resume_after_start(tx, release.tenant, name, new_release=new)
                if new:
                    release_held(tx, release.tenant, name, now)
        return len(tx.recover(release.tenant, now, epoch))

    async def _lane(self, release: Release, connection: ConnectionPlan, desk: Desk) -> Lane:
        tenant = release.tenant
        turnstile = await self._started(tenant, connection, desk)
        return Lane(
            place=Place(tenant, connection, self._epochs[tenant], release.digest, self.hash_key),
            driver=self._driver(tenant, connection),
            desk=desk,
            clock=self.clock,
            tuning=self.tuning,
            leaves=leaves(mapping.plan for mapping in release.mappings),
            turnstile=turnstile,
            nap=self.nap,
        )

    async def _started(self, tenant: str, connection: ConnectionPlan, desk: Desk) -> Turnstile:
        """The connection's gate, with what was spent of its budgets by earlier processes."""
        name, turnstile = connection.connection, self._turnstile(tenant, connection)
        if not turnstile.started:
            now = self.clock.now()
            days = [datetime.combine(now.date() - timedelta(days=n), time(), UTC) for n in (0, 1)]
            spent = await desk.do(lambda tx: {day: tx.counters(tenant, name, day.date()) for day in days})
            state = await desk.do(lambda tx: tx.connection_state(tenant, name))
            turnstile.start(state.last_success is not None, now, spent)
        return turnstile

    def _driver(self, tenant: str, connection: ConnectionPlan) -> Driver:
        key = (tenant, connection.connection)
        if key not in self._drivers:
            self._drivers[key] = self.open_driver(connection, self._turnstile(tenant, connection))
        return self._drivers[key]

    def _turnstile(self, tenant: str, connection: ConnectionPlan) -> Turnstile:
        key = (tenant, connection.connection)
        if key not in self._turnstiles:
            tariff = read_tariff(connection.manifest, connection.connector, self.tuning)
            budget = Budget(tariff, self._shared_meters(tenant, connection, tariff))
            self._turnstiles[key] = Turnstile(budget, self.clock, connection.time_zone, self.nap)
        return self._turnstiles[key]

    def _shared_meters(self, tenant: str, connection: ConnectionPlan, tariff: Tariff) -> dict[str, Meter]:
        """One meter for all connections of a tenant that the destination counts together."""
        secrets = tuple(sorted(secret for _, secret in connection.secrets))
        sharers = {
            "connection": (connection.connection,),
            "credential": (connection.connector, *secrets),
            "account": (connection.connector, connection.account),
        }
        return {
            window.name: self._meters.setdefault((tenant, window.name, window.scope, *sharers[window.scope]), Meter())
            for window in tariff.windows
        }

    async def _drain(self, stop: asyncio.Event, *, until_idle: bool, patience_s: float | None) -> None:
        lanes = tuple(self._lanes.values())
        while True:
            if until_idle:
                runs = [lane.run(stop, until_idle=True, patience_s=patience_s) for lane in lanes]
            else:
                runs = [self._keep_running(lane, stop) for lane in lanes]
            # One lane's fault must not leave the others undrained: it is told when they are done.
            ended = await asyncio.gather(*runs, return_exceptions=True)
            for fault in ended:
                if isinstance(fault, BaseException):
                    raise fault
            # Events that came for a lane which had gone idle while another still worked.
            if stop.is_set() or not any(lane.wake.is_set() for lane in lanes):
                return

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

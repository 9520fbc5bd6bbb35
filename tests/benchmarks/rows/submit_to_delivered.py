"""Events from `submit` to delivered over HTTP: a webhook and HubSpot, both the sandbox's doubles in another process.

No faults are injected. The doubles check every request and share the machine, so events a second say what both
processes do together, and CPU an event what ours does.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.example_release import companies, environment, publish, signals
from tests.benchmarks.row import Row
from tests.kill_harness import doubles

from queast_runtime.ports.ledger import DeliveryState
from queast_runtime.security.sealing import open_sealer
from queast_runtime.settings import load_settings
from queast_runtime.store.open import SqlStore, open_store
from queast_runtime.worker import Worker
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.opening import opened_worker

ROUNDS = 5
WEBHOOK_EVENTS = 500
HUBSPOT_EVENTS = 300
# Neither budget nor patience may be what is measured.
_UNBOUND = {"QMAP_RATES": "hubspot=100000,webhook=100000", "QMAP_TIMEOUT": "30"}


@dataclass
class Series:
    """Rounds of one kind of work: seconds of our CPU, and of the wall clock, for one event."""

    name: str
    cpu_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        yield Row(f"delivered.{self.name}", round(1 / statistics.median(self.wall_s)), "events/s")
        yield Row(f"delivered.{self.name}.cpu", round(statistics.median(self.cpu_s) * 1e6), "us CPU/event")


def run() -> Iterator[Row]:
    """Yield events a second and our CPU an event for each kind of work."""
    with environment({}), tempfile.TemporaryDirectory() as folder, doubles(Path(folder) / "doubles") as running:
        state = Path(folder) / "runtime"
        state.mkdir(mode=0o700)
        with environment({**running.environment, **_UNBOUND, "QMAP_STATE": str(state)}):
            for series in asyncio.run(_measure(state)):
                yield from series.rows()


async def _measure(state: Path) -> list[Series]:
    settings = load_settings()
    store = open_store(settings.store_url, open_sealer(state, SystemClock()))
    tenants = {"webhook": "fjordbank", "hubspot": "acme"}
    for tenant in tenants.values():
        publish(state, tenant)
    sent, created, updated, noted = (
        Series("webhook"),
        Series("hubspot_creates"),
        Series("hubspot_updates"),
        Series("hubspot_notes"),
    )
    try:
        # One worker a destination, so that neither lane's idling is counted as the other's work.
        async with opened_worker(settings, state, store, [tenants["webhook"]]) as worker:
            stage = Stage(worker, store, tenants["webhook"])
            for turn in range(ROUNDS):
                await stage.run(sent, companies(WEBHOOK_EVENTS, start=turn * WEBHOOK_EVENTS))
        async with opened_worker(settings, state, store, [tenants["hubspot"]]) as worker:
            stage = Stage(worker, store, tenants["hubspot"])
            # Fills the mirror, which happens once in a connection's life.
            await stage.run(Series(""), companies(1, start=900_000))
            for turn in range(ROUNDS):
                await stage.run(created, companies(HUBSPOT_EVENTS, start=turn * HUBSPOT_EVENTS))
                await stage.run(noted, signals(HUBSPOT_EVENTS, kind=turn))
                await stage.run(updated, companies(HUBSPOT_EVENTS, sequence=turn + 2))
    finally:
        store.close()
    return [sent, created, updated, noted]


@dataclass(frozen=True)
class Stage:
    """One tenant's worker and its store."""

    worker: Worker
    store: SqlStore
    tenant: str

    async def run(self, series: Series, lines: list[bytes]) -> None:
        """Submit the lines, drain, and hold that each of them was delivered."""
        before = self._delivered()
        gc.collect()
        start, began = time.process_time(), time.perf_counter()
        receipt = await self.worker.submit(lines, self.tenant)
        await self.worker.run_until_idle()
        series.cpu_s.append((time.process_time() - start) / len(lines))
        series.wall_s.append((time.perf_counter() - began) / len(lines))
        assert self._delivered() - before == receipt.deliveries == len(lines), (receipt.reasons, series.name)

    def _delivered(self) -> int:
        with self.store.read() as snapshot:
            counts = snapshot.delivery_counts(self.tenant)
        return sum(each.count for each in counts if each.state is DeliveryState.DELIVERED)

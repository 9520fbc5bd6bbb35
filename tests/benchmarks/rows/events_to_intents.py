"""Events to intents without a network: admitted, matched by a stored link, mapped and durable, under a signed release.

CPU of the whole process, so of the writer's thread too; every batch is committed with an fsync.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.example_release import companies, environment, publish
from tests.benchmarks.row import Row, at_least

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.ports.rows import Link
from queast_runtime.security.sealing import open_sealer
from queast_runtime.settings import load_settings
from queast_runtime.store.open import SqlStore, open_store
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.opening import opened_worker

TENANT = "acme"
COMPANIES = 1000
ROUNDS = 5


def run() -> Iterator[Row]:
    """Yield the CPU of one event and what that makes a second, then what the clock on the wall says."""
    with tempfile.TemporaryDirectory() as folder, environment({"QMAP_STATE": folder}):
        cpu_s, wall_s = asyncio.run(_rounds(Path(folder)))
    yield Row("intents.cpu", round(cpu_s * 1e6, 1), "us CPU/event")
    yield at_least("intents.per_core", 1 / cpu_s, "events/s per core", 3000)
    yield Row("intents.durable", round(1 / wall_s), "events/s")


async def _rounds(state: Path) -> tuple[float, float]:
    """Return the median seconds of CPU and of the wall clock for one event."""
    connection = publish(state, TENANT)
    settings = load_settings()
    store = open_store(settings.store_url, open_sealer(state, SystemClock()))
    cpu: list[float] = []
    wall: list[float] = []
    try:
        async with opened_worker(settings, state, store, [TENANT]) as worker:
            _link_all(store, connection)
            for sequence in range(1, ROUNDS + 2):
                lines = companies(COMPANIES, sequence=sequence)
                gc.collect()
                start, began = time.process_time(), time.perf_counter()
                receipt = await worker.submit(lines, TENANT)
                cpu.append((time.process_time() - start) / COMPANIES)
                wall.append((time.perf_counter() - began) / COMPANIES)
                assert receipt.deliveries == COMPANIES, receipt.reasons
    finally:
        store.close()
    # The first round finds an empty store; the others supersede what waits, as a stream of changes does.
    return statistics.median(cpu[1:]), statistics.median(wall[1:])


def _link_all(store: SqlStore, connection: ConnectionPlan) -> None:
    (match,) = (match for match in connection.match if match.entity == "company")
    now = datetime.now(UTC)
    with store.transaction() as tx:
        for n in range(COMPANIES):
            link = Link(
                account=connection.account,
                object=match.object,
                queast_id=f"c-{n:06}",
                partner_id=str(10_000 + n),
                connection=connection.connection,
                rule="domain",
                standing="established",
                evidence={},
                score=None,
                plan_digest="",
                actor="engine",
                created_at=now,
                created_record=False,
            )
            tx.put_link(TENANT, link)

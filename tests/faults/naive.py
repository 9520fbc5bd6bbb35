"""A naive engine for the harness to catch: it remembers nothing over a restart, and sends again without looking.

Admission, matching, mapping, order, pacing and requests are the real ones. Two things are missing: its ledger is thrown
away with each process, and a write without an answer is repeated blindly instead of looked up.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.ports import (
    Driver,
    Form,
    Gate,
    HttpRequest,
    ItemResult,
    LookupFailed,
    Page,
    Reconciled,
    ReconciledAbsent,
    RemoteRecord,
    WriteItem,
)
from queast_runtime.security.sealing import open_sealer
from queast_runtime.settings import load_settings, open_state
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.opening import opened_worker


class Blind:
    """A driver that says every write may be repeated, and that never finds an earlier one."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def batch_size(self, object: str, op: str) -> int:
        return self._driver.batch_size(object, op)

    def is_idempotent(self, object: str, op: str) -> bool:
        return True

    def form(self, object: str, property: str) -> Form:
        return self._driver.form(object, property)

    def claimed(self, object: str, op: str) -> str | None:
        return self._driver.claimed(object, op)

    def read_size(self, object: str) -> int:
        return self._driver.read_size(object)

    async def read(
        self, object: str, partner_ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord] | LookupFailed:
        return await self._driver.read(object, partner_ids, properties)

    async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        return await self._driver.write(items)

    def preview(self, item: WriteItem) -> HttpRequest:
        return self._driver.preview(item)

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...] | LookupFailed:
        return await self._driver.search(object, property, value)

    async def list_page(self, object: str, cursor: str | None) -> Page | LookupFailed:
        return await self._driver.list_page(object, cursor)

    async def reconcile(self, item: WriteItem, attempted_at: datetime) -> Reconciled:
        return ReconciledAbsent()

    async def find_existing(self, item: WriteItem) -> Reconciled:
        return ReconciledAbsent()


async def main(tenant: str, files: Sequence[Path]) -> None:
    settings = load_settings()
    state = open_state(settings)
    with tempfile.TemporaryDirectory() as forgotten:
        store = open_store(f"sqlite:///{forgotten}/queast.db", open_sealer(state, SystemClock()))
        try:
            async with opened_worker(settings, state, store, [tenant]) as worker:
                open_real = worker.open_driver

                def blind(plan: ConnectionPlan, gate: Gate) -> Driver:
                    return Blind(open_real(plan, gate))

                worker.open_driver = blind
                lines = [line for file in files for line in file.read_bytes().splitlines() if line.strip()]
                await worker.submit(lines, tenant)
                await worker.run_until_idle()
        finally:
            store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [Path(name) for name in sys.argv[2:]]))

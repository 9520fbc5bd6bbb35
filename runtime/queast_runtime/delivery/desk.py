"""The store off the event loop: a coroutine hands over work and gets its result after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from queast_runtime.ports.store import Snapshot, Store, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """Small works of many callers share a transaction (and its fsync); each stands or falls alone."""

    store: Store

    async def do(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction; return once it is durable."""
        return await asyncio.wrap_future(self.store.submit(work))

    async def look(self, work: Callable[[Snapshot], T]) -> T:
        """Run `work` over the store as it stands, beside whoever writes."""
        return await asyncio.to_thread(self._look, work)

    def _look(self, work: Callable[[Snapshot], T]) -> T:
        with self.store.read() as view:
            return work(view)

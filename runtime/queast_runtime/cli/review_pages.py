"""Wires the review pages of `qmap serve`: the store's desks, today's rules, restoring, bookmarks, the key of tokens."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute

from queast_runtime.delivery.bookmarking import ends_in_bookmarks
from queast_runtime.delivery.reverting import Reverted, revert_link
from queast_runtime.ports import SecretMissing
from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.ports.rows import Link
from queast_runtime.security.keys import KeyUnusable, token_key
from queast_runtime.store.bookmarks import StoreBookmarks
from queast_runtime.web.asking import not_there
from queast_runtime.web.desk import ReviewDesk
from queast_runtime.web.released import RunningRules
from queast_runtime.web.review import review_routes, review_services
from queast_runtime.web.store_desk import StoreDesks
from queast_runtime.worker import Worker
from queast_runtime.worker.opening import WorkerRefused

_REVERT_DEADLINE_S: Final = 60.0


def review_group(
    worker: Worker, state: Path, loop: asyncio.AbstractEventLoop, bookmarks: Bookmarks | None = None
) -> list[BaseRoute]:
    """Return the routes of the review pages for the worker's tenants; a token of another tenant opens nothing.

    Raises WorkerRefused where the key of tokens cannot be used.
    """
    kept = StoreBookmarks() if bookmarks is None else bookmarks
    try:
        key = token_key(state)
    except (KeyUnusable, OSError) as error:
        raise WorkerRefused(str(error)) from error

    def reverting(tenant: str, link: Link, actor: str) -> str:
        return put_back(worker, loop, tenant, link, actor)

    desks = StoreDesks(
        worker.store, worker.clock, RunningRules(worker.releases, state), reverting, ends_in_bookmarks(kept)
    )

    def served(tenant: str) -> ReviewDesk:
        if tenant not in worker.releases:
            raise not_there()
        return desks(tenant)

    return [*review_routes(review_services(served, key, worker.clock))]


def put_back(worker: Worker, loop: asyncio.AbstractEventLoop, tenant: str, link: Link, actor: str) -> str:
    """Restore a record through the worker's own loop, gate and budgets; called from a page's thread.

    The link is down by then, so whatever keeps it from restoring is told and not raised.
    """
    release = worker.releases[tenant]
    connection = release.connections.get(link.connection)
    if connection is None or connection.account != link.account:
        return f"nothing is restored: the release has no connection {link.connection} to that account any more"

    async def restore() -> Reverted:
        # Charged to the connection's budgets as a drain's own requests are, whether or not one runs in this process.
        async with worker.operating(tenant, connection.connection) as (driver, place):
            return await revert_link(worker.store, driver, place, link, actor, worker.clock.now())

    doing = asyncio.run_coroutine_threadsafe(restore(), loop)
    try:
        return _told(link, doing.result(_REVERT_DEADLINE_S))
    except SecretMissing as error:
        return f"nothing is restored: {error}"
    except TimeoutError:
        doing.cancel()
        return "nothing is known of what was restored: the destination took longer than a minute"


def _told(link: Link, done: Reverted) -> str:
    """`3 fields of companies h1 are restored (city, name, phone)`; names of fields, never their values."""
    record = f"{link.object} {link.partner_id}"
    parts: list[str] = []
    if done.restored:
        count = len(done.restored)
        fields = "1 field" if count == 1 else f"{count} fields"
        parts.append(f"{fields} of {record} {'is' if count == 1 else 'are'} restored ({', '.join(done.restored)})")
    parts += [f"{name} is left alone: {reason}" for name, reason in done.reasons.items()]
    return "; ".join(parts) or f"{record} holds nothing that our writes replaced"

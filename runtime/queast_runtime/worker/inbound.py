"""Opens the door that senders post to: which connections have one, and what their live mappings receive."""

from __future__ import annotations

from collections.abc import Callable

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.inbound.door import Door
from queast_runtime.inbound.naming import scored_name
from queast_runtime.inbound.released import terms_of
from queast_runtime.inbound.taking import NameRule, Terms
from queast_runtime.ports import Secrets
from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.store.bookmarks import StoreBookmarks
from queast_runtime.worker.loop import Worker
from queast_runtime.worker.shelf import Release


def open_door(
    worker: Worker,
    secrets: Secrets,
    bookmarks: Bookmarks | None = None,
    by_name: Callable[[ConnectionPlan], NameRule] = scored_name,
) -> Door:
    """Return the door of a worker's releases. Without `bookmarks` they are kept in the worker's own store; `by_name`
    gives what finds companies of ours by their name, where no key decides."""
    kept = StoreBookmarks() if bookmarks is None else bookmarks
    connections: dict[tuple[str, str], Terms] = {}

    def take_up(release: Release) -> None:
        tenant = release.tenant
        for key in [each for each in connections if each[0] == tenant]:
            del connections[key]
        found = terms_of(tenant, release.connections, release.mappings, kept, by_name)
        connections.update({(tenant, name): terms for name, terms in found.items()})

    for each in worker.releases.values():
        take_up(each)
    worker.on_release(take_up)
    return Door(worker.store, worker.clock, secrets, connections, worker.hash_key)

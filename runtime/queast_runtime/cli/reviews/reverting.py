"""`--revert`: puts back what our writes replaced through a link that went, where nobody changed it since."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.broken import PUBLISH_FIRST
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import table
from queast_runtime.cli.reviews.asking import Opened, now, operator
from queast_runtime.delivery.reverting import EDITED, GONE
from queast_runtime.ports.rows import Link


@dataclass(frozen=True, slots=True)
class Put:
    """Properties that hold what they held before us, and those left alone with the reason."""

    record: str
    restored: tuple[str, ...]
    left: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {"record": self.record, "restored": list(self.restored), "left": dict(self.left)}

    def as_text(self) -> str:
        if not self.restored and not self.left:
            return visible(f"{self.record} holds nothing that our writes replaced") + "\n"
        rows = [(name, "put back") for name in self.restored]
        rows += [(name, f"left alone: {reason}") for name, reason in self.left.items()]
        return table(rows)


def revert(at: Opened, link: Link) -> Put:
    """Restore the record of a link. Values are never printed.

    Raises CommandError where the release, its settings or the connection cannot be used: the link is down by then, and
    `qmap links unlink ID --revert` once more restores.
    """
    put = asyncio.run(_revert(at, link))
    failed = next((why for why in put.left.values() if why not in (EDITED, GONE)), None)
    if failed is not None:
        raise CommandError(
            Exit.ENVIRONMENT,
            f"the link to {put.record} is down, and nothing of it was put back: {failed}",
            "mend that, then run the same command again",
        )
    return put


async def _revert(at: Opened, link: Link) -> Put:
    from queast_runtime.delivery.reverting import revert_link
    from queast_runtime.ports import SecretMissing
    from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

    try:
        async with opened_worker(at.settings, at.home, at.store, [at.tenant]) as worker:
            release = worker.releases[at.tenant]
            connection = release.connections.get(link.connection)
            if connection is None or connection.account != link.account:
                raise CommandError(
                    Exit.REFUSED,
                    f"the release has no connection {link.connection} to account {link.account} any more",
                    "publish one that has, then revert again",
                )
            async with worker.operating(at.tenant, connection.connection) as (driver, place):
                done = await revert_link(at.store, driver, place, link, operator().actor, now())
    except (SettingUnusable, SecretMissing) as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    except WorkerRefused as error:
        raise CommandError(Exit.REFUSED, str(error), PUBLISH_FIRST) from error
    return Put(f"{link.object} {link.partner_id}", done.restored, done.reasons)

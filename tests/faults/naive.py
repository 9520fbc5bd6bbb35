"""A naive engine for the harness to catch: no ledger, no look-ups, everything sent again from the top.

It runs under the same plans and over the same HTTP door. It remembers links in memory only, sends each event as it
comes, and after a lost answer sends again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_runtime.connectors import open_driver
from queast_runtime.connectors.http import HttpSender
from queast_runtime.ports import Unanswered, WriteItem, Written
from queast_runtime.security.keys import trusted_keys
from queast_runtime.security.releases import load_release
from queast_runtime.security.secrets import EnvironmentSecrets
from queast_runtime.settings import load_settings
from queast_runtime.worker.clock import SystemClock


async def main(tenant: str, files: list[Path]) -> None:
    settings = load_settings()
    release = load_release(settings.state, tenant, trusted=trusted_keys(settings.state), last_sequence=0)
    sender, links = HttpSender(), dict[str, str]()
    now = datetime.now(UTC)
    for mapping in release.mappings:
        plan = release.connections[mapping.plan.connection]
        driver = open_driver(plan, sender, EnvironmentSecrets(), SystemClock(), settings.tuning)
        for event in _events(files):
            for route in mapping.routes:
                entity, _, kind = event["type"].removeprefix("queast.").partition(".")
                if route.plan.entity != entity or kind not in route.plan.events:
                    continue
                body = event["data"][entity]
                company = body["id"] if entity == "company" else body.get("company", {}).get("id", "")
                op = {"upsert": "update" if body["id"] in links else "create", "create": "create", "send": "send"}
                item = WriteItem(
                    delivery_id="none",
                    op=op[route.plan.action],
                    object=route.plan.object,
                    partner_id=links.get(body["id"]),
                    reference=body["id"],
                    idempotency_key=f"msg_{secrets.token_hex(8)}",
                    values=route.evaluate(event["data"], now).values,
                    links=tuple((a.object, links[company]) for a in route.plan.attach_to if company in links),
                    body=event if route.plan.action == "send" else None,
                )
                for _ in range(3):
                    (result,) = await driver.write([item])
                    if not isinstance(result, Unanswered):
                        break
                if isinstance(result, Written) and entity == "company" and result.partner_id is not None:
                    links[body["id"]] = result.partner_id
    await sender.close()


def _events(files: list[Path]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in files:
        for line in file.read_bytes().splitlines():
            try:
                event = json.loads(line)
                if event["data"][event["type"].split(".")[1]]["id"]:
                    found.append(event)
            except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                continue
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [Path(name) for name in sys.argv[2:]]))

"""`qmap mirror`: fill what is known of a CRM's records, and show how much and how old it is."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.broken import PUBLISH_FIRST
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, Voice, complain, data, data_json, say, table
from queast_runtime.cli.status import check_released, released_tenants
from queast_runtime.delivery.filling import TROUBLE
from queast_runtime.observability.log import log_to
from queast_runtime.ports.store import Snapshot, Store
from queast_runtime.settings import Settings
from queast_runtime.worker import stopping_on_signals
from queast_runtime.worker.mirroring import Filled, fill_mirrors
from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker


def sync(tenant: str, names: Sequence[str], store_url: str | None, format: Format) -> None:
    """Fill the mirrors of a tenant's connections. Exits: 5 a mirror that is not complete, 6 a refused release."""
    log_to(level=logging.INFO if Voice.verbose else logging.ERROR)
    with opened_store(store_url) as (settings, state, store):
        check_released(state, tenant)
        try:
            done = asyncio.run(_fill(settings, state, store, tenant, names))
        except SettingUnusable as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
        except WorkerRefused as error:
            raise CommandError(Exit.REFUSED, str(error), PUBLISH_FIRST) from error
    if format is Format.JSON:
        data_json({"tenant": tenant, "mirrors": [_as_json(each) for each in done]})
    else:
        rows = [(f"{tenant}/{each.connection}", each.object, each.records, each.reason or "complete") for each in done]
        data(table(rows, header=("CONNECTION", "OBJECT", "RECORDS", "STATE")))
        if not done:
            say("no connection of it has records that could be matched")
    for each in done:
        if each.reason is not None:
            complain(f"the mirror of {each.object} in {tenant}/{each.connection} is not complete: {each.reason}")
    if any(each.reason is not None for each in done):
        raise SystemExit(Exit.ENVIRONMENT)


def status(tenant: str | None, store_url: str | None, format: Format) -> None:
    """Print the state of every mirror of the tenants that have a release here."""
    with opened_store(store_url) as (settings, state, store):
        if tenant is not None:
            check_released(state, tenant)
        tenants = [tenant] if tenant is not None else released_tenants(state)
        try:
            rows = asyncio.run(_rows(settings, state, store, tenants))
        except SettingUnusable as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
        except WorkerRefused as error:
            raise CommandError(Exit.REFUSED, str(error), PUBLISH_FIRST) from error
    if format is Format.JSON:
        data_json({"mirrors": rows})
        return
    data(
        table(
            [
                (
                    f"{row['tenant']}/{row['connection']}",
                    row["object"],
                    row["state"],
                    row["records"],
                    row["synced_at"] or "never",
                    row["reason"] or "",
                )
                for row in rows
            ],
            header=("CONNECTION", "OBJECT", "STATE", "RECORDS", "COMPLETE SINCE", "WHY"),
        )
    )
    if not rows:
        say("no connection here has records that could be matched")


async def _fill(
    settings: Settings, state: Path, store: Store, tenant: str, names: Collection[str]
) -> tuple[Filled, ...]:
    stop = asyncio.Event()
    async with opened_worker(settings, state, store, [tenant]) as worker:
        known = worker.releases[tenant].connections
        for name in names:
            if name not in known:
                raise CommandError(
                    Exit.USAGE,
                    f"tenant {tenant} has no connection {name}",
                    did_you_mean(name, known) or f"see which there are: qmap status --tenant {tenant}",
                )
        with stopping_on_signals(stop):
            done = await fill_mirrors(worker, tenant, names, stop, _Progress(), anew=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return done


class _Progress:
    """A line that is written over on a terminal, and nothing elsewhere."""

    def __call__(self, connection: str, object: str, records: int) -> None:
        if sys.stderr.isatty() and not Voice.quiet:
            print(
                f"\r{visible(f'{connection} {object}')}: {records:,} records read", end="", file=sys.stderr, flush=True
            )


async def _rows(settings: Settings, state: Path, store: Store, tenants: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    async with opened_worker(settings, state, store, tenants) as worker:
        with store.read() as view:
            for tenant in tenants:
                for name, plan in sorted(worker.releases[tenant].connections.items()):
                    rows += [_row(view, tenant, name, plan.account, match.object) for match in plan.match]
    return rows


def _row(view: Snapshot, tenant: str, connection: str, account: str, object_: str) -> dict[str, Any]:
    known = view.mirror_state(tenant, account, object_)
    trouble = view.facts(tenant, connection).get(f"{TROUBLE}{object_}")
    state = "not begun" if known is None else "complete" if known.complete else "filling"
    if known is not None and known.complete and known.filling:
        state = "complete, filled anew"
    return {
        "tenant": tenant,
        "connection": connection,
        "object": object_,
        "state": state,
        "records": view.mirror_size(tenant, account, object_),
        "synced_at": None if known is None else _time(known.synced_at),
        "reason": None if trouble is None else trouble["reason"],
    }


def _as_json(each: Filled) -> dict[str, Any]:
    return {
        "connection": each.connection,
        "object": each.object,
        "records": each.records,
        "complete": each.reason is None,
        "reason": each.reason,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")

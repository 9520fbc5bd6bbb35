"""`qmap serve`: listen for what senders post, and deliver, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, Voice, complain, data, data_json, say
from queast_runtime.cli.review_pages import review_group
from queast_runtime.cli.status import check_released, released_tenants
from queast_runtime.inbound.door import Door, inbound_keys
from queast_runtime.observability.log import log_to, warn
from queast_runtime.ports import SecretMissing, Secrets
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.ports.store import Store
from queast_runtime.security.releases import has_release
from queast_runtime.security.secrets import EnvironmentSecrets
from queast_runtime.security.signatures import SigningKeyInvalid
from queast_runtime.settings import Settings
from queast_runtime.web.app import build_app, health_routes
from queast_runtime.web.inbound import inbound_routes
from queast_runtime.web.listening import AddressInUse, listen
from queast_runtime.web.listening import serve as serve_app
from queast_runtime.worker import Worker, stopping_on_signals
from queast_runtime.worker.inbound import open_door
from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

_FORGET_EVERY_S: Final = 3600.0
_LOOPBACK: Final = re.compile(r"127\.\d+\.\d+\.\d+|::1|localhost")


def run(host: str, port: int, tenants: Sequence[str], engine: bool, store_url: str | None, format: Format) -> None:
    """Serve under the newest release of each tenant, until SIGTERM or SIGINT.

    Exits: 2 a tenant without a release, 5 the address is taken, or state, settings or database cannot be used, or
    another process drains a tenant, 6 a release that is refused.
    """
    log_to(level=logging.INFO if Voice.verbose else logging.WARNING)
    with opened_store(store_url) as (settings, state, store):
        for each in tenants:
            check_released(state, each)
        # A first release that waits for a second person is none yet.
        chosen = list(dict.fromkeys(tenants)) or [each for each in released_tenants(state) if has_release(state, each)]
        if not chosen:
            raise CommandError(
                Exit.ENVIRONMENT, "no release has been published here", "first: qmap compile, then qmap publish"
            )
        try:
            bound = listen(host, port)
        except AddressInUse as error:
            raise CommandError(Exit.ENVIRONMENT, str(error), "choose another: --port, --host") from error
        with bound:
            try:
                asyncio.run(_work(settings, state, store, chosen, bound, engine, format, every=not tenants))
            except SettingUnusable as error:
                raise CommandError(Exit.ENVIRONMENT, str(error)) from error
            except WorkerRefused as error:
                raise CommandError(
                    Exit.REFUSED, str(error), "publish again: qmap compile, then qmap publish"
                ) from error
            except StoreBusy as error:
                help = "stop that process, or leave the delivering to it: --no-engine"
                raise CommandError(Exit.ENVIRONMENT, str(error), help) from error


async def _work(
    settings: Settings,
    state: Path,
    store: Store,
    tenants: Sequence[str],
    bound: socket.socket,
    engine: bool,
    format: Format,
    *,
    every: bool,
) -> None:
    stop = asyncio.Event()
    secrets = EnvironmentSecrets()
    async with opened_worker(settings, state, store, tenants, every=every) as worker:
        door = open_door(worker, secrets)
        with stopping_on_signals(stop):
            draining = asyncio.create_task(worker.run(stop)) if engine else None
            if draining is not None:
                # Without a drainer nothing would be delivered: then nothing is to be served either.
                draining.add_done_callback(lambda _: stop.set())
                await asyncio.sleep(0)
            following = None if engine else asyncio.create_task(worker.follow_releases(stop))
            forgetting = asyncio.create_task(_forget(door, stop))
            app = build_app(route_groups(worker, state, door, draining))
            try:
                await _announce(door, secrets, bound, draining, format)
                await serve_app(app, bound, stop)
            finally:
                stop.set()
                with suppress(asyncio.CancelledError):
                    await forgetting
                if following is not None:
                    await following
                if draining is not None:
                    await draining


def route_groups(worker: Worker, state: Path, door: Door, draining: asyncio.Task[None] | None) -> list[list[BaseRoute]]:
    """Return everything that is served, group by group. Raises WorkerRefused where no token could be verified."""
    return [
        health_routes(lambda: draining is None or not draining.done()),
        inbound_routes(door),
        review_group(worker, state, asyncio.get_running_loop()),
    ]


async def _forget(door: Door, stop: asyncio.Event) -> None:
    """Forget receipts past the memory of ids, now and once an hour."""
    while not stop.is_set():
        try:
            await door.forget()
        except Exception as error:  # noqa: BLE001 - the next hour comes; nothing depends on this one
            warn("receipts not forgotten", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _FORGET_EVERY_S)


async def _announce(
    door: Door, secrets: Secrets, bound: socket.socket, draining: asyncio.Task[None] | None, format: Format
) -> None:
    """Say where it listens, once the engine has had the time to be refused."""
    if draining is not None:
        await asyncio.wait((draining,), timeout=0.2)
        if draining.done():
            return
    host, port = bound.getsockname()[:2]
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    doors = [f"{base}/v1/inbound/{tenant}/{name}" for tenant, name in sorted(door.connections)]
    if format is Format.JSON:
        data_json({"address": base, "review": f"{base}/review", "inbound": doors, "engine": draining is not None})
    else:
        data(f"{base}\n")
        say(f"people decide matches at {base}/review; a token: qmap tokens mint --tenant T --subject NAME")
        for each in doors:
            say(f"senders post to {each}")
        say("delivering too; stop with Ctrl-C" if draining is not None else "not delivering; stop with Ctrl-C")
    for tenant, name in sorted(door.connections):
        _check_secret(door, secrets, tenant, name)
    if _LOOPBACK.fullmatch(host) is None:
        complain(
            f"{host} is reached from other machines, and this listens without TLS",
            "put a proxy with TLS in front of it, or listen on 127.0.0.1",
        )


def _check_secret(door: Door, secrets: Secrets, tenant: str, name: str) -> None:
    inbound = door.connections[tenant, name].connection.inbound
    if inbound is None:
        return
    try:
        inbound_keys(secrets.resolve(tenant, inbound.secret))
    except (SecretMissing, SigningKeyInvalid) as error:
        complain(f"nothing is accepted for {tenant}/{name}: {error}", "set it; it is read at each message")

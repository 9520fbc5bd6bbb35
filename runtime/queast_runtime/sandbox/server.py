"""The sandbox as a whole: one loopback server for each seat and one for control."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from aiohttp import web

from queast_runtime.sandbox.contract import Contract, open_contract
from queast_runtime.sandbox.control import Control, snapshot
from queast_runtime.sandbox.exchange import Double, JsonObject
from queast_runtime.sandbox.faults import FaultSchedule
from queast_runtime.sandbox.front import Front
from queast_runtime.sandbox.hubspot import HubSpotDouble
from queast_runtime.sandbox.pipedrive import PipedriveDouble
from queast_runtime.sandbox.records import put_records
from queast_runtime.sandbox.secret_files import secrets_of
from queast_runtime.sandbox.settings import SandboxAddresses, SandboxSettings, Seat
from queast_runtime.sandbox.state import State
from queast_runtime.sandbox.webhook import WebhookReceiver

_HOST = "127.0.0.1"

# Operator settings for a runtime that talks to loopback: short waits, rates far above the vendors' own.
_TUNING = (
    ("QMAP_RETRY_DELAYS", "0,.1,.2,.5,1"),
    ("QMAP_TIMEOUT", "1"),
    ("QMAP_SETTLE", "3"),
    ("QMAP_RATES", "hubspot=400,pipedrive=400,webhook=800"),
)


class Sandbox:
    """Doubles of the destinations of `settings.seats`. Use from one event loop, or through `running`."""

    def __init__(
        self,
        settings: SandboxSettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._now = now
        self._monotonic = monotonic
        self._runners: list[web.AppRunner] = []
        self._fronts: list[Front] = []
        self._contract: Contract | None = None
        self._state: State | None = None

    async def start(self) -> SandboxAddresses:
        """Listen on loopback and return where. Raises VendorDocumentsUnreadable, SeedRecordsUnusable, OSError.

        A start that fails leaves nothing open.
        """
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> SandboxAddresses:
        settings = self._settings
        contract = self._contract = open_contract(settings.vendor_specs)
        state = self._state = State(settings.state)
        secrets = secrets_of(settings.seats, settings.state)
        schedules: dict[str, FaultSchedule] = {
            seat.kind: FaultSchedule(seat.kind, settings.seed, settings.faults, settings.retry_after_s)
            for seat in settings.seats
        }
        ports: list[tuple[str, int]] = []
        rebuild: list[Callable[[], None]] = []
        for number, seat in enumerate(settings.seats):
            front = Front(
                self._double(seat, secrets[seat.variable]),
                schedules[seat.kind],
                contract,
                state,
                now=self._now,
                late_s=settings.late_s,
                hang_s=settings.hang_s,
            )
            self._fronts.append(front)
            wanted = settings.ports[number] if number < len(settings.ports) else 0
            ports.append((seat.origin, await self._listen(front.application(), wanted)))
            rebuild.append(self._renewal(front, seat, secrets[seat.variable]))

        def reset() -> None:
            state.reset()
            for renew in rebuild:
                renew()

        control = Control(state, contract, schedules, reset)
        control_port = await self._listen(control.application(), settings.control_port)
        origins = ",".join(f"{origin}={port}" for origin, port in ports)
        env = (("QMAP_SANDBOX_ORIGINS", origins), *_TUNING, *secrets.items())
        return SandboxAddresses(origins, tuple(ports), f"http://{_HOST}:{control_port}", env, contract.against)

    async def stop(self) -> None:
        """Let late writes take effect, close the servers and write the journal's end."""
        for front in self._fronts:
            await front.settle()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        self._fronts.clear()
        if self._state is not None:
            self._state.close()

    def snapshot(self) -> JsonObject:
        """Return what `GET /state` returns. Raises RuntimeError before the start."""
        if self._state is None or self._contract is None:
            raise RuntimeError("the sandbox was not started")
        return snapshot(self._state, self._contract)

    def _renewal(self, front: Front, seat: Seat, secret: str) -> Callable[[], None]:
        return lambda: front.replace(self._double(seat, secret))

    def _double(self, seat: Seat, secret: str) -> Double:
        settings, state = self._settings, self._state
        if state is None:
            raise RuntimeError("the sandbox was not started")
        double: HubSpotDouble | PipedriveDouble
        match seat.kind:
            case "hubspot":
                double = HubSpotDouble(
                    state, account=seat.account, token=secret, lag_s=settings.lag_s, monotonic=self._monotonic
                )
            case "pipedrive":
                double = PipedriveDouble(
                    state, account=seat.account, token=secret, lag_s=settings.lag_s, monotonic=self._monotonic
                )
            case "webhook":
                return WebhookReceiver(state, secret=secret)
        if seat.records is not None and state.get("seeded", seat.kind) is None:
            state.put("seeded", seat.kind, {"records": put_records(double, seat.records)})
        return double

    async def _listen(self, app: web.Application, port: int) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, _HOST, port)
        await site.start()
        self._runners.append(runner)
        return int(runner.addresses[0][1])


@contextmanager
def running(settings: SandboxSettings) -> Iterator[tuple[Sandbox, SandboxAddresses]]:
    """Run a sandbox in a thread of its own for the length of a `with` block. Raises what `start` raises."""
    sandbox = Sandbox(settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        addresses = asyncio.run_coroutine_threadsafe(sandbox.start(), loop).result(timeout=60)
        try:
            yield sandbox, addresses
        finally:
            asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(timeout=60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()

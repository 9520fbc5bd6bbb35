"""The HTTP side of a double: reads a request, lets the fault schedule have its way, sends the answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from aiohttp import web

from queast_runtime.sandbox.contract import Contract
from queast_runtime.sandbox.exchange import Call, Double, Reply, Twist
from queast_runtime.sandbox.faults import Fault, FaultSchedule
from queast_runtime.sandbox.state import State

_MAX_BODY = 8 * 1024 * 1024


class Front:
    """Serves one double. Calls are answered one at a time, in the order in which their bodies were read."""

    def __init__(
        self,
        double: Double,
        schedule: FaultSchedule,
        contract: Contract,
        state: State,
        *,
        now: Callable[[], datetime],
        late_s: float,
        hang_s: float,
    ) -> None:
        self._double = double
        self._schedule = schedule
        self._contract = contract
        self._state = state
        self._now = now
        self._late_s = late_s
        self._hang_s = hang_s
        self._late: set[asyncio.Task[None]] = set()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def replace(self, double: Double) -> None:
        """Serve another double of the same kind from now on."""
        self._double = double

    async def settle(self) -> None:
        """Let every late call take effect."""
        while self._late:
            await asyncio.gather(*self._late)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        call = await self._read(request)
        self._check(call)
        fault, seed = self._schedule.draw(batch=self._double.is_batch_write(call))
        if fault is not None:
            self._state.counters[f"{self._double.name}.faults.{fault}"] += 1
        match fault:
            case None:
                return _response(self._double.answer(call))
            case "rate_limited" | "quota_exhausted":
                wait_s = self._schedule.retry_after_s
                return _response(self._double.throttled(wait_s, daily=fault == "quota_exhausted"))
            case "server_error":
                return _response(self._double.broken(500))
            case "unavailable":
                return _response(self._double.broken(503))
            case "items" | "unaccounted":
                return _response(self._double.answer(_twisted(call, fault, seed)))
            case "hang_before" | "hang_after" | "late" | "reset_before" | "reset_after":
                return await self._without_answer(request, call, fault)

    async def _read(self, request: web.Request) -> Call:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        query = tuple((name, value) for name, value in request.query.items())
        return Call(request.method, request.path, query, headers, body, self._now())

    def _check(self, call: Call) -> None:
        self._state.counters[f"{self._double.name}.requests"] += 1
        self._state.counters["contract_requests_checked"] += 1
        complaint = self._contract.complaint(self._double.name, call)
        if complaint is not None:
            self._state.violation(self._double.name, "vendor_description", call, complaint)

    async def _without_answer(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        if fault == "late" and self._double.is_plain_create(call):
            task = asyncio.create_task(self._answer_late(call))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        elif fault in ("hang_after", "late", "reset_after"):
            self._double.answer(call)
        if fault in ("hang_before", "hang_after", "late"):
            await asyncio.sleep(self._hang_s)
        _reset(request)
        return web.Response(status=500)

    async def _answer_late(self, call: Call) -> None:
        await asyncio.sleep(self._late_s)
        self._double.answer(call)


def _twisted(call: Call, kind: Literal["items", "unaccounted"], seed: int) -> Call:
    return Call(call.method, call.path, call.query, call.headers, call.body, call.at, Twist(kind, seed))


def _reset(request: web.Request) -> None:
    # Linger 0 turns the close into a TCP reset, which is what a crashed or overloaded peer looks like.
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    transport.abort()


def _response(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.payload())
    if reply.body is not None:
        response.content_type = "application/json"
    for name, value in reply.headers:
        response.headers[name] = value
    return response

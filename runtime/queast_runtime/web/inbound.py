"""`POST /v1/inbound/{tenant}/{connection}`: what senders post. The path only says whose key is asked."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from queast_runtime.inbound.door import MAX_BODY_BYTES, Door
from queast_runtime.observability.log import note, warn

BODY_DEADLINE_S: Final = 10.0
# One answer of each kind, the same bytes whatever the reason: who forges learns nothing from it.
_ACCEPTED: Final = b'{"received":true}'
_REFUSED: Final = b'{"error":"not accepted"}'
_LATER: Final = b'{"error":"try again later"}'


def inbound_routes(door: Door, *, deadline_s: float = BODY_DEADLINE_S) -> list[BaseRoute]:
    """Return the routes of the door. A body has `deadline_s` seconds to come in."""

    async def receive(request: Request) -> Response:
        body = await _body(request, deadline_s)
        if body is None:
            # The rest of it may be on its way still; nothing more is read from this connection.
            return _answer(401, _REFUSED, close=True)
        path = request.path_params
        try:
            outcome = await door.take(path["tenant"], path["connection"], request.scope["headers"], body)
        except Exception as error:  # noqa: BLE001 - the sender keeps the message and comes again
            warn("inbound failed", error=type(error).__name__)
            return _answer(503, _LATER)
        return _answer(200, _ACCEPTED) if outcome == "accepted" else _answer(401, _REFUSED)

    return [Route("/v1/inbound/{tenant}/{connection}", receive, methods=["POST"])]


async def _body(request: Request, deadline_s: float) -> bytes | None:
    """Return the body; None for one that is too large, too slow or cut off."""
    taken = bytearray()
    try:
        async with asyncio.timeout(deadline_s):
            async for chunk in request.stream():
                taken += chunk
                if len(taken) > MAX_BODY_BYTES:
                    note("inbound refused", reason="too large")
                    return None
    except (TimeoutError, ClientDisconnect):
        note("inbound refused", reason="too slow or cut off")
        return None
    return bytes(taken)


def _answer(status: int, body: bytes, *, close: bool = False) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if close:
        headers["connection"] = "close"
    return Response(body, status, headers, "application/json")

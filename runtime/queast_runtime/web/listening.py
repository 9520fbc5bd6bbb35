"""Listening: a socket, limits on what a client may take of us, and an end that lets what is in flight finish."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import h11
from starlette.applications import Starlette
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_DEADLINE_S: Final = 10.0
MAX_HEADER_BYTES: Final = 16 * 1024
_MAX_CONNECTIONS: Final = 512
_KEEP_ALIVE_S: Final = 15
_LAST_REQUESTS_S: Final = 10
_BACKLOG: Final = 128


class AddressInUse(OSError):
    """Nothing can listen at the address; the message says where and why."""


class Impatient(H11Protocol):
    """HTTP/1.1 with a deadline for the head of a request: whoever sends it a byte a minute is let go."""

    deadline_s: float = HEADERS_DEADLINE_S
    _too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A server of streams is given no other kind.
        super().connection_made(cast(asyncio.Transport, transport))
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        """Start the clock where a head is being waited for, and stop it where one came."""
        if self.conn.their_state is not h11.IDLE:
            self._expect_nothing()
        elif self._too_late is None:
            self._too_late = self.loop.call_later(self.deadline_s, self._let_go)

    def _expect_nothing(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_nothing()

    def _let_go(self) -> None:
        self._too_late = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


class _Quiet(Server):
    """A server that leaves signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound; port 0 is any that is free. Raises AddressInUse."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "is no address"
        raise AddressInUse(f"cannot listen at {host}: {reason.lower()}") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        reason = (error.strerror or "refused").lower()
        raise AddressInUse(f"cannot listen at {host}:{port}: {reason}") from error
    return bound


async def serve(app: Starlette, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then no connection is taken any more, and what is in flight has ten seconds."""
    _silence()
    server = _Quiet(
        Config(
            app,
            http=Impatient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MAX_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_LAST_REQUESTS_S,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        )
    )
    serving = asyncio.create_task(server.serve([bound]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()


def _silence() -> None:
    """The server's own log quotes what clients send; ours says what happened and is enough."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        log: Any = logging.getLogger(name)
        log.handlers[:] = [logging.NullHandler()]
        log.propagate = False

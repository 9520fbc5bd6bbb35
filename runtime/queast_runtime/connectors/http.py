"""The one HTTP door: aiohttp under our `Sender`, with the egress guard below it and the phase each request reached.

No redirects, no proxy from the environment, no cookies, no unpacking of answers, one deadline over everything.
Rejected: httpx's own pool (30 times the CPU at 64 connections), and httpx over aiohttp (hides the phase).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from queast_runtime.observability.faults import bytes_leave
from queast_runtime.ports import HttpOutcome, HttpRequest, Phase
from queast_runtime.security.egress import (
    AddressForbidden,
    Forbidden,
    Loopback,
    Resolve,
    Target,
    checked,
    judge,
    sandbox_origins,
    system_resolve,
)

CONNECT_TIMEOUT_S = 5.0
Dial = Callable[[str, int], tuple[str, int]]
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "accept-encoding", "connection"})


@dataclass(slots=True)
class _Progress:
    phase: Phase = Phase.RESOLVE


class _JudgingResolver(AbstractResolver):
    """Hands aiohttp only addresses that were judged. `dial` may lead tests to a server of their own after that."""

    def __init__(self, resolve: Resolve, dial: Dial) -> None:
        self._resolve = resolve
        self._dial = dial

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 (aiohttp names it)
    ) -> list[ResolveResult]:
        addresses = checked(host, await self._resolve(host))
        if not addresses:
            raise OSError(f"{host} has no address")
        return [self._result(host, address, port) for address in addresses]

    def _result(self, host: str, address: str, port: int) -> ResolveResult:
        to_address, to_port = self._dial(address, port)
        family = socket.AF_INET6 if ":" in to_address else socket.AF_INET
        return ResolveResult(
            hostname=host, host=to_address, port=to_port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )

    async def close(self) -> None:
        return None


def _dial_as_judged(address: str, port: int) -> tuple[str, int]:
    return address, port


class HttpSender:
    """`Sender` for all destinations of a process. Belongs to one event loop; `close` it there.

    `origins` are the sandbox's (default: the operator's setting); where there are any, nothing else is reached.
    """

    def __init__(
        self,
        *,
        origins: Mapping[str, int] | None = None,
        resolve: Resolve = system_resolve,
        dial: Dial = _dial_as_judged,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._origins = dict(sandbox_origins() if origins is None else origins)
        self._resolver = _JudgingResolver(resolve, dial)
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 16_384) -> HttpOutcome:
        """Send one request. `timeout_s` covers everything from the name to the last byte that is read.

        Never raises for anything the network or the destination does: the outcome's `error` says it.
        """
        place = judge(request.url, self._origins)
        match place:
            case Forbidden(reason):
                return HttpOutcome(None, {}, b"", Phase.RESOLVE, f"destination refused: {reason}", forbidden=True)
            case Target():
                url, host = request.url, None
            case Loopback(host, port):
                rest = request.url[len("https://") + len(urlsplit(request.url).netloc) :]
                url = f"http://127.0.0.1:{port}{rest if rest.startswith('/') else '/' + rest}"
        progress = _Progress()
        deadline = asyncio.get_running_loop().time() + timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._session_here().request(
                    request.method,
                    URL(url, encoded=True),
                    headers=_headers(request, host),
                    data=request.body or None,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(timeout_s, CONNECT_TIMEOUT_S)),
                    trace_request_ctx=progress,
                )
        except TimeoutError:
            return HttpOutcome(None, {}, b"", progress.phase, f"no answer within {timeout_s:g} s")
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            return HttpOutcome(None, {}, b"", Phase.TLS, f"TLS: {_said(error)}")
        except aiohttp.ClientConnectorError as error:
            return _not_connected(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return HttpOutcome(None, {}, b"", progress.phase, _said(error))
        return await _read(response, deadline, max_body)

    def _session_here(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0, resolver=self._resolver, use_dns_cache=False, ssl=self._tls if self._tls is not None else True
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers=("Accept", "User-Agent", "Content-Type"),
                trace_configs=[_phase_trace()],
            )
        return self._session

    async def close(self) -> None:
        """Close all connections. The sender may be used again afterwards."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            # TLS transports end one turn of the loop after their session.
            await asyncio.sleep(0)


async def _read(response: aiohttp.ClientResponse, deadline: float, max_body: int) -> HttpOutcome:
    """Read at most `max_body` bytes. A status that came is told even where the body breaks off."""
    phase = Phase.HEADERS
    body = bytearray()
    error: str | None = None
    try:
        async with asyncio.timeout_at(deadline):
            async for chunk in response.content.iter_any():
                phase = Phase.BODY
                body += chunk
                if len(body) > max_body:
                    break
            else:
                phase = Phase.BODY
    except TimeoutError:
        error = "answer did not end in time"
    except (aiohttp.ClientError, OSError) as caught:
        error = f"answer broke off: {_said(caught)}"
    finally:
        # An unread rest must not be drained: the destination decides how long it is.
        response.close() if len(body) > max_body or error is not None else response.release()
    headers = {name.lower(): value for name, value in response.headers.items()}
    truncated = len(body) > max_body or error is not None
    return HttpOutcome(response.status, headers, bytes(body[:max_body]), phase, error, truncated)


def _headers(request: HttpRequest, host: str | None) -> list[tuple[str, str]]:
    """Return the request's headers and our own. Raises ValueError for one that could not be written safely."""
    headers = [("Accept-Encoding", "identity")]
    if host is not None:
        headers.append(("Host", host))
    for name, value in request.headers:
        if name.lower() in _OWN_HEADERS or not name.isascii() or any(char in "\r\n\0" for char in name + value):
            raise _HeaderUnsendable(f"header {name!r} cannot be sent")
        headers.append((name, value))
    return headers


def _not_connected(error: aiohttp.ClientConnectorError) -> HttpOutcome:
    cause = error.os_error
    if isinstance(cause, AddressForbidden):
        return HttpOutcome(None, {}, b"", Phase.RESOLVE, f"destination refused: {cause}", forbidden=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return HttpOutcome(None, {}, b"", Phase.RESOLVE, f"name not resolved: {_said(cause)}")
    return HttpOutcome(None, {}, b"", Phase.CONNECT, f"not connected: {_said(cause)}")


class _HeaderUnsendable(ValueError):
    """A header of ours that cannot be written safely. The message names it and holds no value."""


def _said(error: BaseException) -> str:
    """Return a failure in words of this machine's libraries. No text that may quote an answer or a URL."""
    match error:
        case _HeaderUnsendable():
            return str(error)
        case TimeoutError():
            return "timed out"
        case aiohttp.ClientConnectorCertificateError():
            return _said(error.certificate_error)
        case aiohttp.ClientConnectorError():
            return _said(error.os_error)
        case ssl.SSLCertVerificationError():
            return " ".join(error.verify_message.split())[:200]
        case ssl.SSLError():
            return str(error.reason or "failed")
        case OSError() if error.strerror:
            return error.strerror[:200]
        case _:
            return type(error).__name__


def _phase_trace() -> aiohttp.TraceConfig:
    """Return the trace that keeps `_Progress` true.

    Bytes count as sent from just before aiohttp writes the first of them: the phase may say more than happened,
    never less.
    """
    trace = aiohttp.TraceConfig()

    async def connecting(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        _advance(context, Phase.CONNECT)

    async def connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        _advance(context, Phase.NOTHING_SENT)

    async def sending(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        _advance(context, Phase.SOME_SENT)
        bytes_leave()

    trace.on_dns_resolvehost_end.append(connecting)
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    trace.on_request_headers_sent.append(sending)
    return trace


def _advance(context: SimpleNamespace, phase: Phase) -> None:
    progress: _Progress = context.trace_request_ctx
    progress.phase = phase

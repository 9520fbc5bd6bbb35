"""The HTTP door against destinations that misbehave: phases are told truthfully, nothing is waited for in vain."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from queast_runtime.connectors.http import HttpSender
from queast_runtime.ports import HttpOutcome, HttpRequest, Phase

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ORIGIN = "https://api.vendor.example"
POST = HttpRequest("POST", f"{ORIGIN}/things?x=1", (("content-type", "application/json"),), b'{"a":1}')


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def exchange(
    behave: Behaviour, request: HttpRequest = POST, timeout_s: float = 0.4, **options: int
) -> HttpOutcome:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await behave(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sender = HttpSender(origins={ORIGIN: server.sockets[0].getsockname()[1]})
    try:
        return await sender.send(request, timeout_s=timeout_s, **options)
    finally:
        await sender.close()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send_once(sender: HttpSender, request: HttpRequest = POST) -> HttpOutcome:
    try:
        return await sender.send(request, timeout_s=1)
    finally:
        await sender.close()


def outcome_of(behave: Behaviour, **options: int) -> HttpOutcome:
    return asyncio.run(exchange(behave, **options))


def test_a_plain_answer_comes_whole_and_the_request_went_out_as_given() -> None:
    seen: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 201 Created\r\nX-Left: 3\r\nContent-Length: 2\r\n\r\nok")

    outcome = outcome_of(behave)
    assert outcome == HttpOutcome(201, {"x-left": "3", "content-length": "2"}, b"ok", Phase.BODY)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /things?x=1 HTTP/1.1",
        b"Host: api.vendor.example",
        b"Accept-Encoding: identity",
        b"content-type: application/json",
        b"Content-Length: 7",
    ]
    assert body == POST.body


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (ORIGIN, b"GET / HTTP/1.1"),
        (f"{ORIGIN}?a=1", b"GET /?a=1 HTTP/1.1"),
        (f"{ORIGIN}/a%2Fb?c=%20d", b"GET /a%2Fb?c=%20d HTTP/1.1"),
    ],
)
def test_the_sandbox_is_asked_for_the_same_path_and_query(url: str, line: bytes) -> None:
    seen: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    assert asyncio.run(exchange(behave, HttpRequest("GET", url, (), b""))).status == 204
    assert seen[0].partition(b"\r\n")[0] == line


def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sender = HttpSender(origins={ORIGIN: port})
    outcome = asyncio.run(send_once(sender))
    assert (outcome.status, outcome.phase) == (None, Phase.CONNECT)


def test_a_request_cut_off_after_it_was_read_may_have_been_acted_upon() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        reset(writer)

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.phase) == (None, Phase.SOME_SENT)
    assert outcome.error


def test_a_connection_closed_on_arrival_counts_as_sent() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.phase) == (None, Phase.SOME_SENT)


def test_silence_after_the_request_ends_at_the_deadline() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(30)

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.phase, outcome.error) == (None, Phase.SOME_SENT, "no answer within 0.4 s")


def test_half_a_status_line_is_no_answer() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 20")
        await asyncio.sleep(30)

    assert outcome_of(behave).status is None


def test_a_status_that_came_is_told_though_the_body_hangs() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await asyncio.sleep(30)

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.body, outcome.truncated) == (200, b"abc", True)
    assert outcome.error == "answer did not end in time"


def test_a_body_that_breaks_off_is_marked() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await writer.drain()

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.truncated) == (200, True)
    assert str(outcome.error).startswith("answer broke off")


def test_a_dripping_answer_ends_at_the_deadline() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.phase) == (200, Phase.BODY)
    assert 0 < len(outcome.body) < 100


def test_dripping_headers_end_at_the_deadline() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    assert outcome_of(behave).status is None


def test_an_endless_body_is_read_to_the_bound_and_no_further() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    outcome = outcome_of(behave, timeout_s=5, max_body=50_000)
    assert (outcome.status, len(outcome.body), outcome.truncated, outcome.error) == (200, 50_000, True, None)


def test_huge_headers_are_no_answer() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000)
        await writer.drain()
        await asyncio.sleep(30)

    outcome = outcome_of(behave)
    assert (outcome.status, outcome.phase) == (None, Phase.SOME_SENT)


@pytest.mark.parametrize(
    "junk", [b"\0" * 100, b"SSH-2.0-x\r\n", b"HTTP/9.9 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nA b\r\n\r\n"]
)
def test_what_is_not_http_is_no_answer(junk: bytes) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(junk)
        await writer.drain()

    assert outcome_of(behave).status is None


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    hits: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hits.append(await read_request(reader))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/admin\r\nContent-Length: 0\r\n\r\n")

    assert outcome_of(behave).status == 302
    assert len(hits) == 1


def test_a_packed_answer_is_not_unpacked() -> None:
    packed = b"\x1f\x8b" + b"z" * 20

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        writer.write(head.encode() + packed)

    assert outcome_of(behave).body == packed


def test_cookies_are_forgotten() -> None:
    seen: list[bytes] = []

    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError):
                while True:
                    seen.append(await read_request(reader))
                    writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        sender = HttpSender(origins={ORIGIN: server.sockets[0].getsockname()[1]})
        for _ in range(2):
            assert (await sender.send(POST, timeout_s=1)).status == 200
        await sender.close()
        server.close()
        await server.wait_closed()

    asyncio.run(main())
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


@pytest.mark.parametrize(
    "header", [("x", "a\r\nb: c"), ("x\r\n", "a"), ("Host", "evil.example"), ("Content-Length", "1")]
)
def test_a_header_that_would_split_or_steer_the_request_is_not_sent(header: tuple[str, str]) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("nothing may arrive")

    outcome = asyncio.run(exchange(behave, HttpRequest("POST", POST.url, (header,), b"{}")))
    assert (outcome.status, outcome.phase) == (None, Phase.RESOLVE)


def test_an_origin_beyond_the_sandbox_is_refused() -> None:
    sender = HttpSender(origins={ORIGIN: 9})
    outcome = asyncio.run(send_once(sender, HttpRequest("GET", "https://other.example/x", (), b"")))
    assert outcome.forbidden
    assert outcome.phase is Phase.RESOLVE


def test_a_name_that_does_not_resolve_reached_the_first_phase_only() -> None:
    async def nowhere(host: str) -> tuple[str, ...]:
        raise OSError("no such name")

    outcome = asyncio.run(send_once(HttpSender(origins={}, resolve=nowhere)))
    assert (outcome.phase, outcome.forbidden) == (Phase.RESOLVE, False)

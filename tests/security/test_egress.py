"""What may be dialled: every forbidden row of the corpus leads to no dial, every permitted one is delivered."""

from __future__ import annotations

import asyncio
import json
import os
import random
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from queast_runtime.connectors.http import HttpSender
from queast_runtime.ports import HttpOutcome, HttpRequest, Phase
from queast_runtime.security.addresses import ALLOWED_V6, DENIED_V4, DENIED_V6, refusal
from queast_runtime.security.egress import (
    Forbidden,
    Loopback,
    SandboxOriginsInvalid,
    Target,
    judge,
    sandbox_origins,
)

PUBLIC = "93.184.215.14"


def corpus(expect: str) -> list[dict[str, Any]]:
    folder = os.environ.get("QMAP_BADINPUT")
    if not folder:
        pytest.skip("QMAP_BADINPUT names no folder of hostile input")
    lines = (Path(folder) / "dev" / "ssrf" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["expect"] == expect]


class Network:
    """Names and dials of a test: what was dialled is kept, and led to `port` on loopback."""

    def __init__(self, port: int = 9) -> None:
        self.port = port
        self.names: dict[str, tuple[str, ...]] = {}
        self.dialled: list[str] = []

    async def resolve(self, host: str) -> tuple[str, ...]:
        return self.names.get(host, (PUBLIC,))

    def dial(self, address: str, port: int) -> tuple[str, int]:
        self.dialled.append(address)
        return "127.0.0.1", self.port


def server_context(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "pair.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair.pem")
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def post(sender: HttpSender, url: str) -> HttpOutcome:
    return await sender.send(HttpRequest("POST", url, (), b"{}"), timeout_s=5)


def test_no_forbidden_row_is_dialled() -> None:
    rows = corpus("block")
    network = Network()

    async def main() -> list[HttpOutcome]:
        sender = HttpSender(origins={}, resolve=network.resolve, dial=network.dial)
        outcomes = []
        for row in rows:
            network.names = {}
            target = judge(row["url"], {})
            if isinstance(target, Target):
                network.names[target.host] = tuple(row["resolves_to"])
            outcomes.append(await post(sender, row["url"]))
        await sender.close()
        return outcomes

    outcomes = asyncio.run(main())
    assert len(outcomes) > 300
    assert network.dialled == []
    assert all(each.forbidden and each.phase is Phase.RESOLVE for each in outcomes)


def test_every_permitted_row_is_delivered_to_the_judged_address(tmp_path: Path) -> None:
    rows = corpus("allow")
    hosts: list[str] = []

    async def main() -> Network:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            hosts.append(next(line[6:].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"host:")))
            await reader.readexactly(2)
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(tmp_path))
        network = Network(server.sockets[0].getsockname()[1])
        sender = HttpSender(origins={}, resolve=network.resolve, dial=network.dial, tls=client_context())
        for row in rows:
            host = row["url"].split("/")[2]
            network.names = {host: tuple(row["resolves_to"])}
            assert (await post(sender, row["url"])).status == 200, row
        await sender.close()
        server.close()
        await server.wait_closed()
        return network

    network = asyncio.run(main())
    assert network.dialled == [row["resolves_to"][0] for row in rows]
    assert hosts == [row["url"].split("/")[2] for row in rows]


def test_a_certificate_that_does_not_fit_ends_before_anything_is_sent(tmp_path: Path) -> None:
    async def main() -> HttpOutcome:
        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(tmp_path))
        network = Network(server.sockets[0].getsockname()[1])
        sender = HttpSender(origins={}, resolve=network.resolve, dial=network.dial)
        outcome = await post(sender, "https://hooks.acme.example/in")
        await sender.close()
        server.close()
        await server.wait_closed()
        return outcome

    outcome = asyncio.run(main())
    assert (outcome.status, outcome.phase) == (None, Phase.TLS)


def test_a_name_that_changes_its_answers_leads_nowhere_private() -> None:
    rng = random.Random(7)
    private = ("127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "fe80::1", "64:ff9b::a00:1")
    network = Network()

    async def main() -> int:
        refused = 0
        sender = HttpSender(origins={}, resolve=network.resolve, dial=network.dial)
        for _ in range(1000):
            answers = [rng.choice((PUBLIC, "1.1.1.1", *private)) for _ in range(rng.randint(1, 4))]
            network.names = {"rebind.acme.example": tuple(answers)}
            refused += (await post(sender, "https://rebind.acme.example/in")).forbidden
        await sender.close()
        return refused

    assert 500 < asyncio.run(main()) < 1000
    assert set(network.dialled) == {PUBLIC, "1.1.1.1"}


@pytest.mark.parametrize("dropped", [*DENIED_V4, *DENIED_V6], ids=str)
def test_each_rule_of_the_table_holds_something_back(dropped: Any) -> None:
    samples = {str(dropped[0]), str(dropped[-1])}
    v4 = tuple(net for net in DENIED_V4 if net is not dropped)
    v6 = tuple(net for net in DENIED_V6 if net is not dropped)
    for sample in samples:
        assert refusal(sample) is not None
        assert refusal(sample, v4, ALLOWED_V6, v6) is None


def test_outside_global_unicast_no_v6_address_is_public() -> None:
    rng = random.Random(11)
    for _ in range(2000):
        address = ip_address(rng.getrandbits(128))
        if address not in ALLOWED_V6[0]:
            assert refusal(str(address)) is not None
    assert refusal("2606:4700:4700::1111") is None


@pytest.mark.parametrize(
    "text", ["", "1", "127.1", "0x7f.1", "１２７.0.0.1", "fe80::1%eth0", "2606:4700::1%1", "a.example"]
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert refusal(text) is not None


def test_the_sandbox_reaches_its_origins_and_nothing_else() -> None:
    origins = sandbox_origins({"QMAP_SANDBOX_ORIGINS": "https://api.hubapi.com=8101, https://Hooks.acme.example=8102"})
    assert origins == {"https://api.hubapi.com": 8101, "https://hooks.acme.example": 8102}
    assert judge("https://api.hubapi.com/crm?x=1", origins) == Loopback("api.hubapi.com", 8101)
    assert judge("https://API.hubapi.com/crm", origins) == Loopback("api.hubapi.com", 8101)
    for url in ("https://api.hubapi.com.evil.example/", "https://api.hubapi.com:444/", "http://api.hubapi.com/"):
        assert isinstance(judge(url, origins), Forbidden), url


def test_without_the_setting_there_is_no_sandbox() -> None:
    assert sandbox_origins({}) == {}
    assert judge("https://api.hubapi.com/crm", {}) == Target("api.hubapi.com", 443)


@pytest.mark.parametrize(
    "text", ["api.hubapi.com=1", "http://a.example=1", "https://a.example", "https://a.example=0", "https://a.example=70000",
             "https://a.example/x=1", ",", "https://a.example=8x"]
)  # fmt: skip
def test_a_setting_that_cannot_be_read_opens_nothing(text: str) -> None:
    with pytest.raises(SandboxOriginsInvalid, match="QMAP_SANDBOX_ORIGINS"):
        sandbox_origins({"QMAP_SANDBOX_ORIGINS": text})

"""Two tenants whose warehouses send highlights, over a store of their own and a clock that stands still."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from queast_compiler.codegen import LoadedMapping, load_mapping
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.delivery.admit import Rules, take_in
from queast_runtime.delivery.naming import name_tokens
from queast_runtime.engine.event import read_event
from queast_runtime.inbound.door import Door
from queast_runtime.inbound.naming import scored_name
from queast_runtime.inbound.released import terms_of
from queast_runtime.inbound.taking import NameRule
from queast_runtime.ports import SecretMissing
from queast_runtime.ports.matches import EnsuredBookmark, InboundReceipt, Review
from queast_runtime.security.sealing import open_sealer
from queast_runtime.security.signatures import sign, signing_key
from queast_runtime.store.bookmarks import StoreBookmarks
from queast_runtime.store.open import SqlStore
from queast_runtime.web.app import build_app, health_routes
from queast_runtime.web.inbound import inbound_routes
from schema_copy import open_copy

TENANTS = ("north", "south")
NOW = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)  # 1760000000, the time of the vectors
CONNECTIONS = """\
version: 1
connections:
  warehouse:
    connector: webhook
    account: warehouse
    url: https://hooks.{tenant}.example/queast
    auth: {{signing_secret: secret://warehouse}}
    inbound: {{verify: standard_webhooks, secret: secret://warehouse-in}}
  archive:
    connector: webhook
    account: archive
    url: https://archive.{tenant}.example/queast
    auth: {{signing_secret: secret://archive}}
    inbound: {{verify: standard_webhooks, secret: secret://archive-in}}
  silent:
    connector: webhook
    account: silent
    url: https://silent.{tenant}.example/queast
    auth: {{signing_secret: secret://silent}}
"""
MAPPING = """\
version: 1
description: Bookmark what people star
connection: {connection}
receive:
  starred:
    when: {{event: company.interest_highlighted}}
    entity: company
    on_none: {on_none}
    then:
      ensure_bookmark:
        owner: {{team: {tenant}-sales}}
        note: highlight.note
"""


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Given:
    """Secrets by tenant and name."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def resolve(self, tenant: str, name: str) -> str:
        if (tenant, name) not in self.values:
            raise SecretMissing(f"secret `{name}` is not set")
        return self.values[tenant, name]


@dataclass(frozen=True)
class Release:
    tenant: str
    sequence: int
    digest: str
    connections: Mapping[str, ConnectionPlan]
    mappings: Sequence[LoadedMapping]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


REFUSED = Answer(
    401,
    (
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"24"),
        (b"content-type", b"application/json"),
    ),
    b'{"error":"not accepted"}',
)


def secret_of(tenant: str, connection: str) -> str:
    key = (f"{tenant}/{connection}".encode() * 32)[:32]
    return "whsec_" + base64.b64encode(key).decode()


@cache
def releases(on_none: str) -> Mapping[str, Release]:
    """Both tenants' mappings, compiled once for all tests."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        for tenant in TENANTS:
            (root / tenant).mkdir(parents=True)
            (root / tenant / "connections.yaml").write_text(CONNECTIONS.format(tenant=tenant))
            for connection in ("warehouse", "archive"):
                text = MAPPING.format(tenant=tenant, connection=connection, on_none=on_none)
                (root / tenant / f"{connection}-stars.yaml").write_text(text)
        return {tenant: release_of(root, tenant) for tenant in TENANTS}


def release_of(root: Path, tenant: str) -> Release:
    found = Diagnostics()
    documents = load_tenant(root, tenant, found)
    compiled = compile_tenant(documents, found, today=date(2025, 10, 9), connectors=lambda n: load_connector(n, found))
    assert [each.code for each in found if each.code != "QM450"] == []
    connections = {plan.connection: plan for plan in compiled.connections}
    return Release(tenant, 1, "sha256:" + "0" * 64, connections, [load_mapping(each) for each in compiled.mappings])


@dataclass
class Place:
    store: SqlStore
    clock: Clock
    secrets: Given
    releases: Mapping[str, Release]
    by_name: Callable[[ConnectionPlan], NameRule] = scored_name

    @property
    def door(self) -> Door:
        kept = StoreBookmarks()
        terms = {
            (tenant, name): each
            for tenant, release in self.releases.items()
            for name, each in terms_of(tenant, release.connections, release.mappings, kept, self.by_name).items()
        }
        return Door(self.store, self.clock, self.secrets, terms, b"h" * 32)

    @property
    def app(self) -> Any:
        return build_app([health_routes(lambda: True), inbound_routes(self.door)])

    def know(self, tenant: str, **company: Any) -> None:
        """Take a company of Queast's in, as admission does."""
        state = {"sequence": 1, **company}
        event = {
            "specversion": "1.0",
            "id": f"evt-{tenant}-{company['id']}-{state['sequence']}",
            "source": "queast",
            "type": f"queast.company.{state.pop('kind', 'updated')}",
            "time": "2025-10-01T00:00:00Z",
            "data": {"company": state},
        }
        rules = Rules(tenant, (), {}, b"h" * 32, name_tokens)
        with self.store.transaction() as tx:
            taken = take_in(tx, rules, read_event(json.dumps(event)), self.clock.now())
        assert taken.reason in (None, "no_route"), taken

    def signed(
        self, body: bytes, message_id: str, tenant: str = "north", connection: str = "warehouse", *, age_s: int = 0
    ) -> list[tuple[bytes, bytes]]:
        at = int(self.clock.now().timestamp()) - age_s
        key = signing_key(secret_of(tenant, connection))
        return [
            (b"content-type", b"application/json"),
            (b"webhook-id", message_id.encode()),
            (b"webhook-timestamp", str(at).encode()),
            (b"webhook-signature", sign(key, message_id, at, body).encode()),
        ]

    def post(
        self,
        body: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        tenant: str = "north",
        connection: str = "warehouse",
    ) -> Answer:
        return asyncio.run(called(self.app, f"/v1/inbound/{tenant}/{connection}", headers, [body]))

    def send(
        self, body: bytes, message_id: str, tenant: str = "north", connection: str = "warehouse", **how: Any
    ) -> Answer:
        return self.post(body, self.signed(body, message_id, tenant, connection, **how), tenant, connection)

    def bookmarks(self, tenant: str = "north") -> tuple[EnsuredBookmark, ...]:
        with self.store.read() as view:
            return view.ensured_bookmarks(tenant)

    def receipt(self, message_id: str, tenant: str = "north", connection: str = "warehouse") -> InboundReceipt | None:
        with self.store.read() as view:
            return view.inbound_receipt(tenant, connection, message_id)

    def reviews(self, tenant: str = "north") -> tuple[Review, ...]:
        with self.store.read() as view:
            return view.reviews(tenant, still_open=True)

    def later(self, **time: float) -> None:
        self.clock.at += timedelta(**time)


def highlight(name: str, number: object = 1, *, note: str | None = None, **company: Any) -> bytes:
    value = {
        "id": f"hl_{number}",
        "type": "company.interest_highlighted",
        "occurred_at": "2025-10-09T08:00:00Z",
        "company": {"name": name, **company},
    }
    return json.dumps(value if note is None else {**value, "note": note}).encode()


@contextmanager
def opened(folder: Path, *, on_none: str = "review") -> Iterator[Place]:
    clock = Clock()
    secrets = Given(
        {(t, f"{c}-in"): secret_of(t, c) for t in TENANTS for c in ("warehouse", "archive")},
    )
    store = open_copy(folder / "queast.db", open_sealer(folder, clock))
    try:
        yield Place(store, clock, secrets, releases(on_none))
    finally:
        store.close()


async def called(
    app: Any, path: str, headers: Sequence[tuple[bytes, bytes]], chunks: Sequence[bytes], method: str = "POST"
) -> Answer:
    """Call an application with exactly these bytes, which no client would let through."""
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": n + 1 < len(chunks)} for n, chunk in enumerate(chunks)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    await app(scope, receive, send)
    start, *rest = sent
    return Answer(start["status"], tuple(start["headers"]), b"".join(each.get("body", b"") for each in rest))

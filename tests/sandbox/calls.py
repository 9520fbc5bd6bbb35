"""Calls to the doubles for tests: a clock that stands still, tokens, and short ways to say what is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from queast_runtime.sandbox.exchange import Call, Reply, Twist
from queast_runtime.sandbox.hubspot import HubSpotDouble
from queast_runtime.sandbox.pipedrive import PipedriveDouble
from queast_runtime.sandbox.state import State

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKEN = "a-token"
HUBSPOT = "/crm/objects/2026-03"


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


def call(
    method: str,
    target: str,
    body: Any = None,
    *,
    headers: dict[str, str] | None = None,
    raw: bytes | None = None,
    twist: Twist | None = None,
    at: datetime = NOW,
) -> Call:
    path, _, query = target.partition("?")
    content = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
    given = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"} | (headers or {})
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return Call(method, path, pairs, given, content, at, twist or Twist())


class HubSpot:
    """A HubSpot double with its own state and clock."""

    def __init__(self, lag_s: float = 0.0) -> None:
        self.state = State(None)
        self.seconds = Seconds()
        self.double = HubSpotDouble(self.state, account="24512345", token=TOKEN, lag_s=lag_s, monotonic=self.seconds)

    def ask(self, method: str, target: str, body: Any = None, **more: Any) -> Reply:
        return self.double.answer(call(method, target, body, **more))

    def rules(self) -> list[str]:
        return [row["rule"] for row in self.state.violations("hubspot")]

    def company(self, **properties: str) -> str:
        reply = self.ask("POST", f"{HUBSPOT}/companies", {"properties": {"name": "Acme", **properties}})
        assert reply.status == 201
        assert reply.body is not None
        return str(reply.body["id"])


class Pipedrive:
    """A Pipedrive double with its own state and clock."""

    def __init__(self, lag_s: float = 0.0) -> None:
        self.state = State(None)
        self.seconds = Seconds()
        self.double = PipedriveDouble(self.state, account="7712345", token=TOKEN, lag_s=lag_s, monotonic=self.seconds)

    def ask(self, method: str, target: str, body: Any = None, **more: Any) -> Reply:
        headers = {"x-api-token": TOKEN, "authorization": ""} | more.pop("headers", {})
        return self.double.answer(call(method, target, body, headers=headers, **more))

    def rules(self) -> list[str]:
        return [row["rule"] for row in self.state.violations("pipedrive")]

    def organization(self, **fields: Any) -> int:
        reply = self.ask("POST", "/api/v2/organizations", {"name": "Acme", **fields})
        assert reply.status == 200
        assert reply.body is not None
        return int(reply.body["data"]["id"])


def note(company_id: str | None, *, trace: str | None = None, type_id: int = 190, **properties: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "properties": {"hs_timestamp": "2026-03-01T10:00:00Z", "hs_note_body": "hello", **properties},
        "associations": [],
    }
    if company_id is not None:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        entry["associations"] = [{"to": {"id": company_id}, "types": [kind]}]
    if trace is not None:
        entry["objectWriteTraceId"] = trace
    return entry


def upsert(queast_id: str, *, trace: str | None = None, **properties: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": queast_id,
        "idProperty": "queast_company_id",
        "properties": {"name": "Acme", **properties},
    }
    if trace is not None:
        entry["objectWriteTraceId"] = trace
    return entry

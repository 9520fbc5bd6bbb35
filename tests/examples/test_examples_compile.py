"""The example mappings compile, and what they make of the example events is what the destinations take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from examples.generate import MAPPINGS
from queast_compiler.codegen import LoadedRoute, load_mapping
from queast_compiler.pipeline import CompiledTenant, compile_tenant
from queast_compiler.plan.mapping import RoutePlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.connectors import open_driver
from queast_runtime.ports import Driver, HttpOutcome, HttpRequest, Phase, Tuning, WriteItem
from queast_runtime.sandbox.exchange import Call, Reply
from queast_runtime.sandbox.hubspot import HubSpotDouble
from queast_runtime.sandbox.pipedrive import PipedriveDouble
from queast_runtime.sandbox.state import State

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TENANTS = ("acme", "nordlys", "fjordbank")
ROUTES = {
    "acme": {"companies": "companies", "signal-notes": "notes"},
    "nordlys": {"organizations": "organizations", "signal-notes": "notes"},
    "fjordbank": {"companies": "event", "signals": "event", "job-ads": "event"},
}
# Mappings that send nothing: they say what becomes of what is received.
RECEIVING: dict[str, list[tuple[str, tuple[RoutePlan, ...]]]] = {"fjordbank": [("warehouse-stars", ())]}


def compiled(tenant: str) -> CompiledTenant:
    diagnostics = Diagnostics()
    documents = load_tenant(MAPPINGS, tenant, diagnostics)
    result = compile_tenant(
        documents,
        diagnostics,
        today=date(2026, 3, 1),
        connectors=lambda name: load_connector(name, diagnostics),
    )
    assert [f"{finding.code} {finding.message}" for finding in diagnostics] == []
    return result


def events(tenant: str) -> Iterator[dict[str, Any]]:
    lines = (MAPPINGS / tenant / "events" / "stream.jsonl").read_text(encoding="utf-8").splitlines()
    return (json.loads(line) for line in lines[:-9])


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_example_has_no_finding_and_the_routes_that_the_readme_tells(tenant: str) -> None:
    mapping, *receiving = compiled(tenant).mappings
    assert {route.name: route.object for route in mapping.routes} == ROUTES[tenant]
    assert [(each.mapping, each.routes) for each in receiving] == RECEIVING.get(tenant, [])


class Clock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Tokens:
    def resolve(self, tenant: str, name: str) -> str:
        return f"{tenant}/{name}"


class ToDouble:
    """A `Sender` that hands each request to a double, without a network between."""

    def __init__(self, double: HubSpotDouble | PipedriveDouble) -> None:
        self._double = double

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 16_384) -> HttpOutcome:
        url = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers}
        query = tuple(parse_qsl(url.query, keep_blank_values=True))
        reply: Reply = self._double.answer(Call(request.method, url.path, query, headers, request.body, NOW))
        headers = {name.lower(): value for name, value in reply.headers} | {"content-type": "application/json"}
        return HttpOutcome(reply.status, headers, reply.payload()[:max_body], Phase.BODY)

    async def close(self) -> None:
        return None


def write(driver: Driver, route: LoadedRoute, entity: dict[str, Any], values: Any, home: str = "") -> str:
    key, object = entity["id"], route.plan.object
    links = tuple((parent.object, home) for parent in route.plan.attach_to)
    item = WriteItem(key, "create", object, None, key, f"msg_{key}", values, links)
    (result,) = asyncio.run(driver.write([item]))
    partner_id = getattr(result, "partner_id", None)
    assert partner_id is not None, result
    return str(partner_id)


def doubled(tenant: str, state: State) -> HubSpotDouble | PipedriveDouble:
    if tenant == "acme":
        return HubSpotDouble(state, account="24512345", token="acme/hubspot-main", lag_s=0, monotonic=lambda: 0.0)
    return PipedriveDouble(state, account="7712345", token="nordlys/pipedrive-main", lag_s=0, monotonic=lambda: 0.0)


@pytest.mark.parametrize("tenant", ["acme", "nordlys"])
def test_every_mapped_company_and_signal_is_taken_without_a_breach(tenant: str) -> None:
    result = compiled(tenant)
    (mapping,) = (load_mapping(plan) for plan in result.mappings)
    state = State(None)
    sender = ToDouble(doubled(tenant, state))
    driver = open_driver(result.connections[0], sender, Tokens(), Clock(), Tuning())
    routes: dict[str, LoadedRoute] = {route.plan.entity: route for route in mapping.routes}
    homes: dict[str, str] = {}
    notes = 0
    for event in events(tenant):
        kind = event["type"]
        if kind == "queast.company.created":
            company = event["data"]["company"]
            record = routes["company"].evaluate(event["data"], NOW)
            assert (record.refused, record.failures) == (None, ())
            homes[company["id"]] = write(driver, routes["company"], company, dict(record.values))
        elif kind == "queast.signal.created":
            signal = event["data"]["signal"]
            record = routes["signal"].evaluate(event["data"], NOW)
            assert (record.refused, record.failures) == (None, ())
            write(driver, routes["signal"], signal, dict(record.values), homes[signal["company"]["id"]])
            notes += 1
    assert (len(homes) >= 100, notes >= 100) == (True, True)
    assert state.violations() == []


def test_every_body_for_the_warehouse_can_be_written_as_json() -> None:
    mapping = load_mapping(compiled("fjordbank").mappings[0])
    routes = {route.plan.entity: route for route in mapping.routes}
    written = 0
    for event in events("fjordbank"):
        _, entity, kind = event["type"].split(".")
        # A route without a body sends the event itself.
        if kind == "created" and entity in routes and routes[entity].plan.body is not None:
            body = routes[entity].body(event["data"], NOW)
            assert json.loads(json.dumps(body))["id"] == event["data"][entity]["id"]
            written += 1
    assert written > 100

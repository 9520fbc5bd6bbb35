"""A worker over the real store whose requests go straight to a double, on a clock that jumps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from delivery.conftest import Scene
from kill_harness import ROOT
from memory_destination import Jumping
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.connectors import open_driver
from queast_runtime.delivery.steps import Place
from queast_runtime.ports import Driver, Gate, HttpOutcome, HttpRequest, Phase, Tuning
from queast_runtime.sandbox.exchange import Call
from queast_runtime.sandbox.hubspot import HubSpotDouble
from queast_runtime.sandbox.pipedrive import PipedriveDouble
from queast_runtime.sandbox.pipedrive_schema import custom_key
from queast_runtime.sandbox.state import State

Kind = Literal["hubspot", "pipedrive"]
ACCOUNT = {"hubspot": "24512345", "pipedrive": "7712345"}
OBJECT = {"hubspot": "companies", "pipedrive": "organizations"}
FOLDER = {"hubspot": "acme", "pipedrive": "nordlys"}
HEAD = """\
version: 1
connection: {kind}-main
mode: live
routes:
  companies:
    entity: company
    events: [created, updated]
    to: {object}
    fields:
"""
# Every property without `write` is written unless somebody edited it.
FIELDS = {
    "hubspot": (
        "name: company.name",
        "domain: company.domain",
        "city: company.city",
        "numberofemployees: company.employee_count",
        "queast_founded_on: company.founded_on",
        "country: {from: company.country, write: if_empty}",
        "phone: {from: company.phone, write: always}",
    ),
    "pipedrive": (
        "name: company.name",
        "queast_domain: company.domain",
        "address: company.city",
        "employee_count: company.employee_count",
        "queast_founded_on: company.founded_on",
        "queast_country: {from: company.country, write: if_empty}",
        "linkedin: {from: company.linkedin_url, write: always}",
    ),
}


def tenant_plans(kind: Kind, folder: Path, fields: tuple[str, ...] = ()) -> tuple[ConnectionPlan, MappingPlan]:
    """Compile one mapping over the account of an example tenant, as tenant `acme`."""
    there, here = ROOT / "mappings" / FOLDER[kind], folder / "acme"
    (here / "accounts").mkdir(parents=True)
    (folder / "policy.yaml").write_text("version: 1\n")
    shutil.copy(there / "connections.yaml", here)
    shutil.copy(there / "accounts" / f"{kind}-main.json", here / "accounts")
    text = HEAD.format(kind=kind, object=OBJECT[kind])
    text += "".join(f"      {each}\n" for each in fields or FIELDS[kind])
    (here / "main.yaml").write_text(text)
    diagnostics = Diagnostics()
    compiled = compile_tenant(
        load_tenant(folder, "acme", diagnostics),
        diagnostics,
        today=date(2026, 6, 1),
        connectors=lambda name: load_connector(name, diagnostics),
    )
    assert compiled.mappings, render(diagnostics)
    return compiled.connections[0], compiled.mappings[0]


@dataclass
class Straight:
    """The double behind the `Sender` port. `lose` says of a request whether its answer is lost after it had effect."""

    double: HubSpotDouble | PipedriveDouble
    clock: Jumping
    lose: Callable[[HttpRequest], bool] = lambda request: False
    dead: bool = False
    sent: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 16_384) -> HttpOutcome:
        if self.dead:
            raise ConnectionError("the process has ended")
        self.sent.append(request)
        parts = urlsplit(request.url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in request.headers}
        reply = self.double.answer(Call(request.method, parts.path, query, headers, request.body, self.clock.now()))
        if self.lose(request):
            return HttpOutcome(None, {}, b"", Phase.SOME_SENT, "connection reset")
        return HttpOutcome(reply.status, {"content-type": "application/json"}, reply.payload(), Phase.BODY)

    async def close(self) -> None:
        return None

    def writes(self) -> list[HttpRequest]:
        return [one for one in self.sent if is_write(one)]

    def reads(self) -> list[str]:
        """The reads by id, as method and the end of the path."""
        paths = [(one.method, urlsplit(one.url)) for one in self.sent if not is_write(one)]
        return [method for method, url in paths if "batch/read" in url.path or "ids=" in url.query or _by_id(url.path)]


def is_write(request: HttpRequest) -> bool:
    path = urlsplit(request.url).path
    return request.method == "PATCH" or (request.method == "POST" and not path.endswith(("/read", "/search")))


def _by_id(path: str) -> bool:
    return path.rsplit("/", 1)[-1].isdigit()


class OneToken:
    def resolve(self, tenant: str, name: str) -> str:
        return "a-token"


@dataclass
class Doubled(Scene):
    """`Scene` with a real driver. `hold` and `edit` are what a person sees and does in the CRM."""

    kind: Kind = "hubspot"
    tuning: Tuning = field(default_factory=lambda: Tuning(rates={"hubspot": 10_000, "pipedrive": 10_000}, settle_s=1))

    def __post_init__(self) -> None:
        self.state = State(None)
        make = {"hubspot": HubSpotDouble, "pipedrive": PipedriveDouble}[self.kind]
        double = make(
            self.state, account=ACCOUNT[self.kind], token="a-token", lag_s=0.0, monotonic=self.clock.monotonic
        )
        self.straight = Straight(double, self.clock)
        super().__post_init__()

    def open_driver(self, plan: ConnectionPlan, gate: Gate) -> Driver:  # type: ignore[override]
        return open_driver(plan, self.straight, OneToken(), self.clock, self.tuning, gate)

    @property
    def plan(self) -> ConnectionPlan:
        return self.connections[0]

    @property
    def place(self) -> Place:
        return Place("acme", self.plan, 0, "sha256:r1", b"k" * 32)

    def driver(self) -> Driver:
        return self.worker.preview("acme", self.plan.connection)

    def key(self, name: str) -> str:
        """The account's own key of a property."""
        return custom_key(ACCOUNT["pipedrive"], name) if self.kind == "pipedrive" and name in _CUSTOM else name

    def add(self, **properties: Any) -> str:
        """Make a record by hand; return its id."""
        double = self.straight.double
        if isinstance(double, HubSpotDouble):
            return double.records.create("companies", properties, [], self.clock.now(), origin="seed")
        double.organizations.put_seed(self._body(properties), self.clock.now())
        return list(double.organizations.rows())[-1]

    def edit(self, partner_id: str, **properties: Any) -> None:
        double = self.straight.double
        if isinstance(double, HubSpotDouble):
            double.records.update("companies", partner_id, properties, self.clock.now())
            return
        body = json.dumps(self._body(properties)).encode()
        headers = {"content-type": "application/json", "x-api-token": "a-token"}
        reply = double.answer(Call("PATCH", f"/api/v2/organizations/{partner_id}", (), headers, body, self.clock.now()))
        assert reply.status == 200, reply

    def holds(self, partner_id: str | None = None) -> dict[str, Any]:
        """What a record (the only one where none is named) holds, without what the double adds and what is empty."""
        double = self.straight.double
        if isinstance(double, HubSpotDouble):
            rows = double.records.rows("companies")
            found = dict(rows[partner_id or next(iter(rows))]["properties"])
        else:
            rows = double.organizations.rows()
            row = rows[partner_id or next(iter(rows))]
            names = {custom_key(ACCOUNT["pipedrive"], each): each for each in _CUSTOM}
            custom = {names[key]: value for key, value in row["custom_fields"].items() if key in names}
            found = {**{name: row.get(name) for name in _OWN}, **custom}
            if isinstance(found["address"], dict):
                found["address"] = found["address"]["value"]
        return {name: value for name, value in found.items() if value not in (None, "", []) and name not in _ADDED}

    def _body(self, properties: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {name: value for name, value in properties.items() if name in _OWN}
        if "address" in body:
            body["address"] = {"value": body["address"] or ""}
        custom = {name: value for name, value in properties.items() if name not in _OWN}
        if custom:
            body["custom_fields"] = {custom_key(ACCOUNT["pipedrive"], name): value for name, value in custom.items()}
        return body

    def told(self) -> list[str | None]:
        """What each delivery says in words, oldest first."""
        return [row.error_message for row in self.deliveries()]


_OWN = ("name", "address", "employee_count", "website", "linkedin", "industry")
_CUSTOM = ("queast_company_id", "queast_domain", "country", "founded_on")
_ADDED = ("hs_object_id", "createdate", "hs_lastmodifieddate")

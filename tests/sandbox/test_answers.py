"""The doubles' answers keep to the vendors' descriptions too: what reads a double reads the real thing."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema_path import SchemaPath
from openapi_core import V30ResponseValidator
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers

from queast_runtime.sandbox.contract import read_description
from queast_runtime.sandbox.exchange import Reply, Twist
from sandbox.calls import HUBSPOT, HubSpot, Pipedrive, note, upsert

FOLDER = os.environ.get("QMAP_VENDOR_SPECS")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="QMAP_VENDOR_SPECS is unset: no vendor descriptions here")

COMPANIES = f"{HUBSPOT}/companies"
NOTES = f"{HUBSPOT}/notes"
ORIGINS = {"hubspot": "https://api.hubapi.com", "pipedrive": "https://api.pipedrive.com"}


@dataclass
class Asked:
    """A request in the shape that openapi-core asks for."""

    host_url: str
    path: str
    method: str
    body: bytes | None = None
    content_type: str = "application/json"
    parameters: Any = field(default_factory=RequestParameters)


@dataclass
class Answered:
    """An answer in the shape that openapi-core asks for."""

    status_code: int
    data: bytes
    content_type: str = "application/json"
    headers: Headers = field(default_factory=Headers)


@pytest.fixture(scope="module")
def validators() -> dict[str, V30ResponseValidator]:
    assert FOLDER is not None
    return {
        double: V30ResponseValidator(SchemaPath.from_dict(read_description(double, Path(FOLDER)))) for double in ORIGINS
    }


def without_nulls(value: Any) -> Any:
    # Pipedrive's description leaves out that empty fields come back as null; its answers hold them.
    if isinstance(value, dict):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [without_nulls(entry) for entry in value] if isinstance(value, list) else value


def check(validators: dict[str, V30ResponseValidator], double: str, method: str, target: str, reply: Reply) -> None:
    body = reply.body if double == "hubspot" else without_nulls(reply.body)
    asked = Asked(ORIGINS[double], target.partition("?")[0], method.lower())
    validators[double].validate(asked, Answered(reply.status, json.dumps(body).encode()))


def test_hubspots_answers(validators: dict[str, V30ResponseValidator]) -> None:
    hubspot = HubSpot()
    home = hubspot.company(domain="acme.example")
    two = [upsert("c1", trace="t1"), upsert("c2", trace="t2", industry="NONE")]
    search = {"filterGroups": [{"filters": [{"propertyName": "domain", "operator": "EQ", "value": "acme.example"}]}]}
    read = {"inputs": [{"id": home}, {"id": "1"}], "properties": ["name"], "propertiesWithHistory": []}
    calls: list[tuple[str, str, Any, Twist, int]] = [
        ("POST", f"{COMPANIES}/batch/upsert", {"inputs": two[:1]}, Twist(), 200),
        ("POST", f"{COMPANIES}/batch/upsert", {"inputs": two}, Twist(), 207),
        ("POST", f"{COMPANIES}/batch/upsert", {"inputs": two[:1]}, Twist("items", 1), 207),
        ("POST", f"{COMPANIES}/batch/update", {"inputs": [{"id": home, "properties": {"city": "Oslo"}}]}, Twist(), 200),
        ("POST", f"{COMPANIES}/batch/create", {"inputs": [{"properties": {}, "associations": []}]}, Twist(), 201),
        ("POST", f"{COMPANIES}/batch/read", read, Twist(), 207),
        ("POST", f"{COMPANIES}/search", search, Twist(), 200),
        ("POST", f"{NOTES}/batch/create", {"inputs": [note(home)]}, Twist(), 201),
        ("POST", NOTES, note(home), Twist(), 201),
        ("GET", f"{COMPANIES}?limit=1", None, Twist(), 200),
        ("GET", f"{COMPANIES}/{home}", None, Twist(), 200),
        ("PATCH", f"{COMPANIES}/{home}", {"properties": {"city": "Bergen"}}, Twist(), 200),
        ("GET", f"{COMPANIES}/{home}/associations/notes?limit=1", None, Twist(), 200),
        ("GET", "/crm/properties/2026-03/companies", None, Twist(), 200),
        ("GET", "/crm/properties/2026-03/companies/industry", None, Twist(), 200),
        ("GET", "/crm/owners/2026-03/", None, Twist(), 200),
        ("GET", f"{COMPANIES}/1", None, Twist(), 404),
        ("POST", f"{COMPANIES}/batch/upsert", {"inputs": []}, Twist(), 400),
    ]
    for method, target, body, twist, status in calls:
        reply = hubspot.ask(method, target, body, twist=twist)
        assert reply.status == status, target
        check(validators, "hubspot", method, target, reply)
    for reply in (hubspot.double.throttled(1, daily=True), hubspot.double.broken(500)):
        check(validators, "hubspot", "GET", COMPANIES, reply)


def test_pipedrives_answers(validators: dict[str, V30ResponseValidator]) -> None:
    pipedrive = Pipedrive()
    key = pipedrive.organization(employee_count=5, address={"value": "Oslo"})
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/api/v2/organizations", {"name": "A"}),
        ("PATCH", f"/api/v2/organizations/{key}", {"website": "a.example"}),
        ("GET", f"/api/v2/organizations/{key}", None),
        ("GET", "/api/v2/organizations?limit=1", None),
        ("GET", "/api/v2/organizations/search?term=acme", None),
        ("GET", "/api/v2/organizationFields", None),
        ("GET", "/api/v2/organizationFields/name", None),
        ("POST", "/v1/notes", {"content": "x", "org_id": key}),
        ("GET", f"/v1/notes?org_id={key}&limit=1", None),
        ("GET", "/v1/notes/7001", None),
        ("PUT", "/v1/notes/7001", {"content": "y"}),
        ("GET", "/v1/users/me", None),
    ]
    for method, target, body in calls:
        reply = pipedrive.ask(method, target, body)
        assert reply.status == 200, target
        check(validators, "pipedrive", method, target, reply)


@pytest.mark.parametrize("double", ["hubspot", "pipedrive"])
def test_a_wrong_answer_would_be_seen(validators: dict[str, V30ResponseValidator], double: str) -> None:
    target = {"hubspot": COMPANIES, "pipedrive": "/api/v2/organizations"}[double]
    wrong = Reply(200, {"results": [{"id": 5}], "data": [{"id": "5"}]})
    with pytest.raises(OpenAPIError):
        check(validators, double, "GET", target, wrong)

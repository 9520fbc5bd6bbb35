"""Manifests against the vendors' published descriptions: methods, paths, parameters, bodies."""

from __future__ import annotations

import asyncio
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from connectors.plans import DOMAIN_KEY, connector
from connectors.scripted import NOW, Scripted, answer, company, driver, note
from queast_runtime.ports import HttpRequest

DOCUMENTS = {
    "hubspot": "hubspot/hubspot-crm.derived.openapi.json",
    "pipedrive": "pipedrive/pipedrive-subset.openapi.yaml",
}
SAMPLES = {
    "hubspot": [
        company(1, name="ACME", numberofemployees="12"),
        company(2, "update", name="ACME", domain="acme.no"),
        note(3, hs_timestamp="2026-11-01T08:00:00.000Z", hs_note_body="<b>x</b>"),
    ],
    "pipedrive": [
        company(1, object="organizations", name="ACME", employee_count=12, address="Storgata 1", owner_id="7"),
        company(2, "update", "organizations", name="ACME", industry="3", **{DOMAIN_KEY: "acme.no"}),
        note(3, "organizations", content="<b>x</b>", add_time="2026-11-01 08:00:00", pinned_to_organization_flag=1),
    ],
}


@cache
def document(kind: str) -> Any:
    folder = os.environ.get("QMAP_VENDOR_SPECS")
    if not folder:
        pytest.skip("QMAP_VENDOR_SPECS names no folder of vendor descriptions")
    text = (Path(folder) / DOCUMENTS[kind]).read_text(encoding="utf-8")
    return json.loads(text) if DOCUMENTS[kind].endswith(".json") else yaml.load(text, yaml.CSafeLoader)


def described(kind: str, method: str, path: str) -> Any:
    """Return the description of the operation that a concrete path meets; the most literal path counts."""
    fitting = [
        (template.count("{"), template)
        for template, methods in document(kind)["paths"].items()
        if method.lower() in methods and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
    ]
    assert fitting, f"{method} {path} is not in the description"
    return document(kind)["paths"][min(fitting)[1]][method.lower()]


def check(kind: str, request: HttpRequest) -> None:
    parts = urlsplit(request.url)
    operation = described(kind, request.method, parts.path)
    admitted = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
    given = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in given:
        assert name in admitted, f"{request.method} {parts.path} takes no {name}"
        schema = admitted[name]["schema"]
        if schema.get("type") == "integer":
            assert value.isdigit(), name
        if "enum" in schema:
            assert value in schema["enum"], name
    assert {name for name, each in admitted.items() if each.get("required")} <= {name for name, _ in given}
    if not request.body:
        assert not operation.get("requestBody", {}).get("required")
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    root = Resource.from_contents({**document(kind), "$id": "urn:vendor"}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:vendor", root)
    local = json.loads(json.dumps(schema).replace('"#/', '"urn:vendor#/'))
    problems = list(Draft202012Validator(local, registry=registry).iter_errors(nullable(json.loads(request.body))))
    assert problems == [], [each.message for each in problems]


def nullable(body: Any) -> Any:
    """Leave nulls out: OpenAPI 3.0 says `nullable` where JSON Schema would list a type."""
    if isinstance(body, dict):
        return {key: nullable(value) for key, value in body.items() if value is not None}
    return [nullable(each) for each in body] if isinstance(body, list) else body


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_each_write_is_as_described(kind: str) -> None:
    opened = driver(kind, Scripted(answer(200)))
    for item in SAMPLES[kind]:
        check(kind, opened.preview(item))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_each_look_up_is_as_described(kind: str) -> None:
    def found(request: HttpRequest) -> Any:
        rows = [{"id": n, "toObjectId": str(n), "item": {"id": n}, "properties": {}} for n in (1, 2)]
        if "search" in request.url and kind == "pipedrive":
            return answer(200, {"data": {"items": rows}})
        return answer(200, {"results": rows, "data": rows})

    sender = Scripted(found)
    opened = driver(kind, sender)
    write, _, second = SAMPLES[kind]

    async def main() -> None:
        await opened.list_page(write.object, None)
        await opened.list_page(write.object, "7")
        for property in ("name", "website", "anything"):
            await opened.search(write.object, property, "acme")
        for item in (write, second):
            await opened.reconcile(item, NOW)
            await opened.find_existing(item)

    asyncio.run(main())
    assert len(sender.sent) >= 8
    for request in sender.sent:
        check(kind, request)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_operation_of_the_manifest_is_described(kind: str) -> None:
    manifest = connector(kind).runtime
    for name, spec in manifest["objects"].items():
        for op in (*spec["operations"].values(), *spec.get("reads", {}).values()):
            path = re.sub(r"\{[a-z_.]+\}", "1", op["path"].replace("{version}", manifest["api"]["version"]))
            assert described(kind, op["method"], path), (name, path)


def test_costs_are_those_of_the_description() -> None:
    manifest = connector("pipedrive").runtime
    costs = {op: each["cost"] for each in manifest["rate_limit"]["costs"] for op in each["ops"]}
    for name, spec in manifest["objects"].items():
        for op_name, op in {**spec["operations"], **spec.get("reads", {})}.items():
            path = op["path"].replace("{partner_id}", "1")
            assert costs[f"{name}.{op_name}"] == described("pipedrive", op["method"], path)["x-token-cost"]


@pytest.mark.parametrize("object", ["organizations", "notes"])
def test_declared_fields_are_described(object: str) -> None:
    spec = connector("pipedrive").runtime["objects"][object]
    create = spec["operations"]["create"]
    schema = described("pipedrive", "POST", create["path"])["requestBody"]["content"]["application/json"]["schema"]
    known = {name for part in schema.get("allOf", [schema]) for name in part["properties"]}
    assert {name for name, each in spec["fields"].items() if not each.get("read_only")} <= known

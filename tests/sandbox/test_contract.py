"""With the vendors' descriptions at hand every request is compared with them as well."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from queast_runtime.sandbox.contract import OwnRules, VendorDocuments, VendorDocumentsUnreadable, open_contract
from sandbox.calls import HUBSPOT, TOKEN, call, note, upsert

FOLDER = os.environ.get("QMAP_VENDOR_SPECS")
needs_documents = pytest.mark.skipif(FOLDER is None, reason="QMAP_VENDOR_SPECS is unset: no vendor descriptions here")


@pytest.fixture(scope="module")
def documents() -> VendorDocuments:
    assert FOLDER is not None
    return VendorDocuments(Path(FOLDER))


GOOD: tuple[tuple[str, str, str, Any], ...] = (
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/upsert", {"inputs": [upsert("c1", trace="t", city="Oslo")]}),
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/update", {"inputs": [{"id": "1", "properties": {"city": ""}}]}),
    ("hubspot", "POST", f"{HUBSPOT}/notes/batch/create", {"inputs": [note("1", trace="t")]}),
    ("hubspot", "GET", f"{HUBSPOT}/companies?limit=100&properties=name&properties=domain", None),
    ("hubspot", "GET", f"{HUBSPOT}/companies/1/associations/notes?limit=500", None),
    (
        "hubspot",
        "POST",
        f"{HUBSPOT}/companies/batch/read",
        {"inputs": [{"id": "1"}], "properties": ["name"], "propertiesWithHistory": []},
    ),
    ("pipedrive", "POST", "/api/v2/organizations", {"name": "A", "employee_count": 5, "custom_fields": {"k": "c1"}}),
    ("pipedrive", "PATCH", "/api/v2/organizations/501", {"website": None}),
    ("pipedrive", "GET", "/api/v2/organizations?limit=100&updated_since=2026-01-01T00:00:00Z", None),
    ("pipedrive", "GET", "/api/v2/organizations/search?term=acme&fields=custom_fields&exact_match=true", None),
    ("pipedrive", "POST", "/v1/notes", {"content": "x", "org_id": 501, "add_time": "2026-01-01 00:00:00"}),
    ("pipedrive", "GET", "/v1/notes?org_id=501&start=0&limit=100", None),
    ("webhook", "POST", "/queast", {"anything": True}),
)

BAD: tuple[tuple[str, str, str, Any], ...] = (
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/upsert", {"inputs": [upsert("c1", numberofemployees=12)]}),
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/upsert", {}),
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/update", {"inputs": [{"properties": {}}]}),
    ("hubspot", "POST", f"{HUBSPOT}/companies/batch/read", {"inputs": [{"id": "1"}]}),
    ("hubspot", "POST", f"{HUBSPOT}/notes/batch/create", {"inputs": [{"associations": []}]}),
    ("hubspot", "GET", f"{HUBSPOT}/companies?limit=many", None),
    ("hubspot", "PUT", f"{HUBSPOT}/companies/1", {"properties": {}}),
    ("pipedrive", "POST", "/api/v2/organizations", {"name": "A", "employee_count": "5"}),
    ("pipedrive", "POST", "/api/v2/organizations", {"website": "a.example"}),
    ("pipedrive", "PUT", "/api/v2/organizations/501", {"name": "A"}),
    ("pipedrive", "GET", "/api/v2/organizations?sort_by=name", None),
    ("pipedrive", "POST", "/v1/notes", {"org_id": 501}),
    ("pipedrive", "GET", "/v1/notes?org_id=acme", None),
)


@needs_documents
@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case[1]} {case[2]}")
def test_a_right_request_has_no_complaint(documents: VendorDocuments, case: tuple[str, str, str, Any]) -> None:
    double, method, target, body = case
    assert documents.complaint(double, call(method, target, body, headers={"x-api-token": TOKEN})) is None


@needs_documents
@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case[1]} {case[2]}")
def test_a_wrong_request_has_one(documents: VendorDocuments, case: tuple[str, str, str, Any]) -> None:
    double, method, target, body = case
    assert documents.complaint(double, call(method, target, body, headers={"x-api-token": TOKEN}))


@needs_documents
@pytest.mark.parametrize(
    ("double", "target"), [("hubspot", f"{HUBSPOT}/companies"), ("pipedrive", "/api/v2/organizations")]
)
def test_a_request_without_credentials_is_complained_about(
    documents: VendorDocuments, double: str, target: str
) -> None:
    asked = call("GET", target)
    bare = {name: value for name, value in asked.headers.items() if name != "authorization"}
    assert documents.complaint(double, call("GET", target)) is None or double == "pipedrive"
    assert documents.complaint(double, type(asked)(asked.method, asked.path, (), bare, b"", asked.at))


def test_without_documents_the_doubles_own_rules_are_the_check() -> None:
    contract = open_contract(None)
    assert isinstance(contract, OwnRules)
    assert contract.against == "own-rules"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"paths": {}}', '{"paths": {"/other": {}}, "components": {}}'])
def test_documents_that_cannot_be_used_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hubspot" / "hubspot-crm.derived.openapi.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(VendorDocumentsUnreadable, match="hubspot-crm"):
        open_contract(tmp_path)

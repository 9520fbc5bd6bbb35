"""HubSpot's double refuses, or at least counts, what HubSpot would refuse or its documents forbid."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.calls import HUBSPOT, HubSpot, note, upsert

COMPANIES = f"{HUBSPOT}/companies"
NOTES = f"{HUBSPOT}/notes"


def inputs(*entries: Any) -> dict[str, Any]:
    return {"inputs": list(entries)}


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


UPSERT = f"{COMPANIES}/batch/upsert"
CREATE_NOTES = f"{NOTES}/batch/create"
HOME = "{company}"

# what is wrong: (method, target, body, status, counted as). "{company}" stands for the id of an existing company.
WRONG: dict[str, tuple[str, str, Any, int, str]] = {
    "a number instead of a string": ("POST", UPSERT, inputs(upsert("c1", numberofemployees=12)), 400, "not_a_string"),
    "true instead of a string": ("POST", UPSERT, inputs(upsert("c1", is_public=True)), 400, "not_a_string"),
    "null instead of an empty string": ("POST", UPSERT, inputs(upsert("c1", city=None)), 400, "not_a_string"),
    "text in a number": ("POST", UPSERT, inputs(upsert("c1", numberofemployees="many")), 400, "bad_number"),
    "yes in a boolean": ("POST", UPSERT, inputs(upsert("c1", is_public="yes")), 400, "bad_boolean"),
    "an unknown property": ("POST", UPSERT, inputs(upsert("c1", emplyees="1")), 400, "unknown_property"),
    "a label instead of an option": ("POST", UPSERT, inputs(upsert("c1", industry="Banking")), 400, "bad_option"),
    "an unknown choice of several": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_regions="nordics;moon")),
        400,
        "bad_option",
    ),
    "a comma between choices": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_regions="nordics,europe")),
        400,
        "bad_option",
    ),
    "an unknown owner": ("POST", UPSERT, inputs(upsert("c1", hubspot_owner_id="7")), 400, "bad_owner"),
    "a mail address for an owner": (
        "POST",
        UPSERT,
        inputs(upsert("c1", hubspot_owner_id="anna@acme.example")),
        400,
        "bad_owner",
    ),
    "a date that is not midnight": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_founded_on="1767225600001")),
        400,
        "date_not_midnight",
    ),
    "an instant for a date": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_founded_on="2026-01-01T10:00:00Z")),
        400,
        "date_not_midnight",
    ),
    "no date at all": ("POST", UPSERT, inputs(upsert("c1", queast_founded_on="1 May")), 400, "bad_date"),
    "an instant without a zone": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_updated_at="2026-01-01T10:00:00")),
        400,
        "bad_datetime",
    ),
    "a read only property": ("POST", UPSERT, inputs(upsert("c1", hs_object_id="1")), 400, "read_only_property"),
    "a description that is too long": ("POST", UPSERT, inputs(upsert("c1", description="x" * 65_537)), 400, "too_long"),
    "an id twice in a batch": ("POST", UPSERT, inputs(upsert("c1"), upsert("c1")), 400, "duplicate_in_batch"),
    "a record twice in an update": (
        "POST",
        f"{COMPANIES}/batch/update",
        inputs({"id": HOME, "properties": {}}, {"id": HOME, "properties": {}}),
        400,
        "duplicate_in_batch",
    ),
    "our id twice in a create": (
        "POST",
        f"{COMPANIES}/batch/create",
        inputs(
            {"properties": {"queast_company_id": "c1"}, "associations": []},
            {"properties": {"queast_company_id": "c1"}, "associations": []},
        ),
        400,
        "duplicate_in_batch",
    ),
    "more than a hundred inputs": (
        "POST",
        UPSERT,
        inputs(*(upsert(f"c{number}") for number in range(101))),
        400,
        "batch_too_large",
    ),
    "no inputs": ("POST", UPSERT, {}, 400, "missing_inputs"),
    "an empty batch": ("POST", UPSERT, inputs(), 400, "missing_inputs"),
    "inputs that are no objects": ("POST", UPSERT, inputs("c1"), 400, "missing_inputs"),
    "an upsert without an id": ("POST", UPSERT, inputs(without(upsert("c1"), "id")), 400, "missing_id"),
    "a number as an id": (
        "POST",
        f"{COMPANIES}/batch/update",
        inputs({"id": 9_000_000_101, "properties": {}}),
        400,
        "missing_id",
    ),
    "an upsert by domain": (
        "POST",
        UPSERT,
        inputs({**upsert("acme.example"), "idProperty": "domain"}),
        400,
        "id_property_not_unique",
    ),
    "an upsert with associations": ("POST", UPSERT, inputs({**upsert("c1"), "associations": []}), 400, "unknown_key"),
    "an upsert whose id and property differ": (
        "POST",
        UPSERT,
        inputs(upsert("c1", queast_company_id="c2")),
        400,
        "id_property_differs",
    ),
    "a trace id twice": (
        "POST",
        UPSERT,
        inputs(upsert("c1", trace="t"), upsert("c2", trace="t")),
        400,
        "duplicate_trace_id",
    ),
    "a trace id on one of two": (
        "POST",
        UPSERT,
        inputs(upsert("c1", trace="t"), upsert("c2")),
        400,
        "missing_trace_id",
    ),
    "properties that are a list": ("POST", UPSERT, inputs({**upsert("c1"), "properties": []}), 400, "properties_shape"),
    "a note without the key associations": (
        "POST",
        CREATE_NOTES,
        inputs(without(note(HOME), "associations")),
        400,
        "missing_associations",
    ),
    "a note on nothing": ("POST", CREATE_NOTES, inputs(note(None)), 201, "orphan_note"),
    "a single note on nothing": ("POST", NOTES, note(None), 201, "orphan_note"),
    "the association of a task": ("POST", CREATE_NOTES, inputs(note(HOME, type_id=192)), 400, "association_type"),
    "an association without types": (
        "POST",
        CREATE_NOTES,
        inputs({**note(HOME), "associations": [{"to": {"id": HOME}}]}),
        400,
        "association_shape",
    ),
    "an association to a number": (
        "POST",
        CREATE_NOTES,
        inputs({**note(HOME), "associations": [{"to": {"id": 5}, "types": [{}]}]}),
        400,
        "association_shape",
    ),
    "a note without its time": (
        "POST",
        CREATE_NOTES,
        inputs({**note(HOME), "properties": {"hs_note_body": "x"}}),
        400,
        "missing_required",
    ),
    "a note that is too long": (
        "POST",
        CREATE_NOTES,
        inputs(note(HOME, hs_note_body="x" * 65_537)),
        400,
        "too_long",
    ),
    "a note with a company's property": ("POST", CREATE_NOTES, inputs(note(HOME, name="x")), 400, "unknown_property"),
    "PUT for PATCH": ("PUT", f"{COMPANIES}/{HOME}", {"properties": {}}, 405, "wrong_method"),
    "PATCH on a batch": ("PATCH", f"{COMPANIES}/batch/update", inputs(), 405, "wrong_method"),
    "GET on a search": ("GET", f"{COMPANIES}/batch/read", None, 405, "wrong_method"),
    "a path of version 3": ("GET", "/crm/v3/objects/companies", None, 404, "unknown_path"),
    "an object that the account lacks": ("GET", f"{HUBSPOT}/rockets", None, 400, "unknown_object"),
    "a page that is too large": ("GET", f"{COMPANIES}?limit=101", None, 400, "limit_out_of_range"),
    "a cursor of one's own": ("GET", f"{COMPANIES}?after=next", None, 400, "bad_cursor"),
    "reading an unknown property": ("GET", f"{COMPANIES}?properties=nmae", None, 200, "unknown_property"),
    "a search that asks for too much": ("POST", f"{COMPANIES}/search", {"limit": 201}, 400, "limit_out_of_range"),
    "a search by an unknown property": (
        "POST",
        f"{COMPANIES}/search",
        {"filterGroups": [{"filters": [{"propertyName": "nmae", "operator": "EQ", "value": "x"}]}]},
        400,
        "unknown_property",
    ),
    "a search without a value": (
        "POST",
        f"{COMPANIES}/search",
        {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "EQ"}]}]},
        400,
        "bad_search",
    ),
    "a search with an unknown operator": (
        "POST",
        f"{COMPANIES}/search",
        {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "LIKE", "value": "x"}]}]},
        400,
        "bad_search",
    ),
    "a batch read of one record twice": (
        "POST",
        f"{COMPANIES}/batch/read",
        {"inputs": [{"id": HOME}, {"id": HOME}], "properties": [], "propertiesWithHistory": []},
        400,
        "duplicate_in_batch",
    ),
    "a batch read without properties": ("POST", f"{COMPANIES}/batch/read", inputs({"id": HOME}), 200, "missing_key"),
}


def at_home(value: Any, company_id: str) -> Any:
    if isinstance(value, str):
        return value.replace(HOME, company_id)
    if isinstance(value, list):
        return [at_home(entry, company_id) for entry in value]
    if isinstance(value, dict):
        return {key: at_home(entry, company_id) for key, entry in value.items()}
    return value


def test_there_are_more_than_thirty_ways_to_be_wrong() -> None:
    assert len(WRONG) >= 30


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_request_is_answered_and_counted_as_one_breach(wrong: str) -> None:
    method, target, body, status, rule = WRONG[wrong]
    hubspot = HubSpot()
    company_id = hubspot.company()
    before = len(hubspot.double.records.rows("companies"))
    reply = hubspot.ask(method, at_home(target, company_id), at_home(body, company_id))
    assert (reply.status, set(hubspot.rules())) == (status, {rule})
    assert len(hubspot.double.records.rows("companies")) == before
    if status >= 400:
        assert reply.body is not None
        assert {"status", "category", "message", "correlationId"} <= set(reply.body)


@pytest.mark.parametrize(
    "headers", [{"authorization": ""}, {"authorization": "Bearer other"}, {"authorization": "Basic a-token"}]
)
def test_a_call_without_the_right_token_is_refused(headers: dict[str, str]) -> None:
    hubspot = HubSpot()
    reply = hubspot.ask("GET", COMPANIES, headers=headers)
    assert (reply.status, hubspot.rules()) == (401, ["unauthenticated"])


@pytest.mark.parametrize(
    ("headers", "raw", "status", "rule"),
    [
        ({"content-type": "text/plain"}, b"{}", 415, "content_type"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=1", 415, "content_type"),
        ({}, b"{", 400, "malformed_json"),
        ({}, b"[]", 400, "malformed_json"),
        ({}, b"\xff", 400, "malformed_json"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(headers: dict[str, str], raw: bytes, status: int, rule: str) -> None:
    hubspot = HubSpot()
    reply = hubspot.ask("POST", UPSERT, headers=headers, raw=raw)
    assert (reply.status, hubspot.rules()) == (status, [rule])

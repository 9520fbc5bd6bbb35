"""Pipedrive's double refuses, or at least counts, what Pipedrive would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from queast_runtime.sandbox.pipedrive_schema import custom_key
from sandbox.calls import TOKEN, Pipedrive, call

ORGANIZATIONS = "/api/v2/organizations"
ONE = f"{ORGANIZATIONS}/501"
NOTES = "/v1/notes"


def custom(name: str, value: Any) -> dict[str, Any]:
    return {"name": "Acme", "custom_fields": {custom_key("7712345", name): value}}


def attached(**more: Any) -> dict[str, Any]:
    return {"content": "hello", "org_id": 501, **more}


# what is wrong: (method, target, body, status, counted as). Organization 501 exists.
WRONG: dict[str, tuple[str, str, Any, int, str]] = {
    "text for an integer": ("POST", ORGANIZATIONS, {"name": "A", "employee_count": "12"}, 400, "wrong_type"),
    "a fraction for an integer": ("POST", ORGANIZATIONS, {"name": "A", "employee_count": 1.5}, 400, "wrong_type"),
    "true for an integer": ("POST", ORGANIZATIONS, {"name": "A", "annual_revenue": True}, 400, "wrong_type"),
    "an integer for text": ("POST", ORGANIZATIONS, {"name": 5}, 400, "wrong_type"),
    "no name": ("POST", ORGANIZATIONS, {"website": "acme.example"}, 400, "missing_required"),
    "an empty name": ("POST", ORGANIZATIONS, {"name": ""}, 400, "missing_required"),
    "a name that is null": ("PATCH", ONE, {"name": None}, 400, "wrong_type"),
    "a name that is too long": ("POST", ORGANIZATIONS, {"name": "x" * 256}, 400, "too_long"),
    "an unknown field": ("POST", ORGANIZATIONS, {"name": "A", "domain": "acme.example"}, 400, "unknown_property"),
    "a custom field beside the others": (
        "POST",
        ORGANIZATIONS,
        {"name": "A", custom_key("7712345", "queast_company_id"): "c1"},
        400,
        "unknown_property",
    ),
    "another account's custom field": (
        "POST",
        ORGANIZATIONS,
        {"name": "A", "custom_fields": {custom_key("1", "queast_company_id"): "c1"}},
        400,
        "unknown_property",
    ),
    "a custom field by its label": (
        "POST",
        ORGANIZATIONS,
        {"name": "A", "custom_fields": {"queast_company_id": "c1"}},
        400,
        "unknown_property",
    ),
    "custom fields as a list": ("POST", ORGANIZATIONS, {"name": "A", "custom_fields": []}, 400, "wrong_type"),
    "a number in a custom text": ("POST", ORGANIZATIONS, custom("queast_company_id", 5), 400, "wrong_type"),
    "text in a custom number": ("POST", ORGANIZATIONS, custom("growth", "0.5"), 400, "wrong_type"),
    "an option by its label": ("POST", ORGANIZATIONS, custom("size", "small"), 400, "wrong_type"),
    "an unknown option": ("POST", ORGANIZATIONS, custom("size", 99), 400, "bad_option"),
    "one option for a set": ("POST", ORGANIZATIONS, custom("regions", 51), 400, "wrong_type"),
    "an unknown option in a set": ("POST", ORGANIZATIONS, custom("regions", [51, 9]), 400, "bad_option"),
    "an instant for a date": (
        "POST",
        ORGANIZATIONS,
        custom("founded_on", "2026-01-01T00:00:00Z"),
        400,
        "bad_date",
    ),
    "a day first": ("POST", ORGANIZATIONS, custom("founded_on", "01.02.2026"), 400, "bad_date"),
    "an industry as text": ("POST", ORGANIZATIONS, {"name": "A", "industry": "10"}, 400, "wrong_type"),
    "an unknown industry": ("POST", ORGANIZATIONS, {"name": "A", "industry": 99}, 400, "bad_option"),
    "an unknown owner": ("POST", ORGANIZATIONS, {"name": "A", "owner_id": 1}, 400, "bad_owner"),
    "an address as text": ("POST", ORGANIZATIONS, {"name": "A", "address": "Oslo"}, 400, "wrong_type"),
    "an unknown part of an address": (
        "POST",
        ORGANIZATIONS,
        {"name": "A", "address": {"town": "Oslo"}},
        400,
        "unknown_property",
    ),
    "a read only field": ("PATCH", ONE, {"update_time": "2026-01-01T00:00:00Z"}, 400, "read_only_property"),
    "labels as text": ("PATCH", ONE, {"label_ids": ["1"]}, 400, "wrong_type"),
    "PUT for PATCH": ("PUT", ONE, {"name": "A"}, 405, "wrong_method"),
    "POST on one organization": ("POST", ONE, {"name": "A"}, 405, "wrong_method"),
    "PATCH on a note": ("PATCH", f"{NOTES}/7001", {"content": "x"}, 405, "wrong_method"),
    "organizations of version 1": ("POST", "/v1/organizations", {"name": "A"}, 404, "unknown_path"),
    "notes of version 2": ("POST", "/api/v2/notes", attached(), 404, "unknown_path"),
    "an id that is no number": ("GET", f"{ORGANIZATIONS}/acme", None, 400, "wrong_type"),
    "a page that is too large": ("GET", f"{ORGANIZATIONS}?limit=501", None, 400, "limit_out_of_range"),
    "a cursor of one's own": ("GET", f"{ORGANIZATIONS}?cursor=next", None, 400, "bad_cursor"),
    "an unknown parameter": ("GET", f"{ORGANIZATIONS}?start=100", None, 200, "unknown_parameter"),
    "an unknown order": ("GET", f"{ORGANIZATIONS}?sort_by=name", None, 400, "bad_parameter"),
    "an edge without a zone": ("GET", f"{ORGANIZATIONS}?updated_since=2026-01-01T00:00:00", None, 400, "bad_datetime"),
    "a search for nothing": ("GET", f"{ORGANIZATIONS}/search?term=", None, 400, "bad_parameter"),
    "a search in an unknown place": (
        "GET",
        f"{ORGANIZATIONS}/search?term=acme&fields=website",
        None,
        400,
        "bad_parameter",
    ),
    "a note on nothing": ("POST", NOTES, {"content": "hello"}, 400, "orphan_note"),
    "a note without content": ("POST", NOTES, {"org_id": 501}, 400, "missing_required"),
    "a note on an id as text": ("POST", NOTES, attached(org_id="501"), 400, "wrong_type"),
    "a note at an instant": ("POST", NOTES, attached(add_time="2026-01-01T00:00:00Z"), 400, "bad_datetime"),
    "a note with true for a flag": (
        "POST",
        NOTES,
        attached(pinned_to_organization_flag=True),
        400,
        "wrong_type",
    ),
    "a note with an unknown field": ("POST", NOTES, attached(title="x"), 400, "unknown_property"),
    "a note that is too long": ("POST", NOTES, attached(content="x" * 100_001), 400, "too_long"),
    "a list of notes by text": ("GET", f"{NOTES}?org_id=acme", None, 400, "wrong_type"),
    "a list of notes in an unknown order": ("GET", f"{NOTES}?sort=title", None, 400, "bad_parameter"),
}


def test_there_are_more_than_thirty_ways_to_be_wrong() -> None:
    assert len(WRONG) >= 30


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_request_is_answered_and_counted_as_one_breach(wrong: str) -> None:
    method, target, body, status, rule = WRONG[wrong]
    pipedrive = Pipedrive()
    assert pipedrive.organization() == 501
    reply = pipedrive.ask(method, target, body)
    assert (reply.status, pipedrive.rules()) == (status, [rule])
    assert (len(pipedrive.double.organizations.rows()), len(pipedrive.double.notes.rows())) == (1, 0)
    assert reply.body is not None
    assert reply.body["success"] is (status == 200)


@pytest.mark.parametrize("headers", [{}, {"x-api-token": "other"}, {"authorization": f"Basic {TOKEN}"}])
def test_a_call_without_the_right_token_is_refused(headers: dict[str, str]) -> None:
    pipedrive = Pipedrive()
    reply = pipedrive.double.answer(call("GET", ORGANIZATIONS, headers={"authorization": "", **headers}))
    assert (reply.status, pipedrive.rules()) == (401, ["unauthenticated"])


@pytest.mark.parametrize(
    ("headers", "raw", "status", "rule"),
    [
        ({"content-type": "text/plain"}, b"{}", 415, "content_type"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"name=A", 415, "content_type"),
        ({}, b"{", 400, "malformed_json"),
        ({}, b"[]", 400, "malformed_json"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(headers: dict[str, str], raw: bytes, status: int, rule: str) -> None:
    pipedrive = Pipedrive()
    reply = pipedrive.ask("POST", ORGANIZATIONS, headers=headers, raw=raw)
    assert (reply.status, pipedrive.rules()) == (status, [rule])


@pytest.mark.parametrize("body", [{"content": "x", "org_id": 999}, {"content": "x", "deal_id": 1}])
def test_a_note_on_something_that_does_not_exist_is_refused_without_a_breach(body: dict[str, Any]) -> None:
    pipedrive = Pipedrive()
    assert pipedrive.ask("POST", NOTES, body).status == 404
    assert pipedrive.rules() == []

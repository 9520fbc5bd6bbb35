"""Pipedrive's double keeps state as the real account would: nothing unique, strict types, lagging search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from queast_runtime.sandbox.exchange import Reply
from queast_runtime.sandbox.pipedrive_schema import custom_key
from sandbox.calls import NOW, Pipedrive

ORGANIZATIONS = "/api/v2/organizations"
NOTES = "/v1/notes"
OUR_ID = custom_key("7712345", "queast_company_id")


def data(reply: Reply) -> Any:
    assert reply.body is not None
    assert reply.body["success"] is True
    return reply.body["data"]


def test_a_custom_field_is_not_unique() -> None:
    pipedrive = Pipedrive()
    first = pipedrive.organization(custom_fields={OUR_ID: "c1"})
    assert pipedrive.organization(custom_fields={OUR_ID: "c1"}) != first
    assert pipedrive.rules() == []


def test_a_patch_changes_only_what_it_names() -> None:
    pipedrive = Pipedrive()
    key = pipedrive.organization(employee_count=5, custom_fields={OUR_ID: "c1"})
    shown = data(pipedrive.ask("PATCH", f"{ORGANIZATIONS}/{key}", {"employee_count": None, "website": "a.example"}))
    assert (shown["name"], shown["employee_count"], shown["website"]) == ("Acme", None, "a.example")
    assert shown["custom_fields"][OUR_ID] == "c1"


def test_a_search_lags_behind_a_write_and_a_list_does_not() -> None:
    pipedrive = Pipedrive(lag_s=3)
    key = pipedrive.organization(custom_fields={OUR_ID: "c-1001"})
    search = f"{ORGANIZATIONS}/search?term=c-1001&fields=custom_fields&exact_match=true"
    assert data(pipedrive.ask("GET", search))["items"] == []
    since = (NOW - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [row["id"] for row in data(pipedrive.ask("GET", f"{ORGANIZATIONS}?updated_since={since}"))] == [key]
    pipedrive.seconds.value = 3.0
    assert [found["item"]["id"] for found in data(pipedrive.ask("GET", search))["items"]] == [key]


def test_a_list_starts_at_the_edge_that_was_asked_for() -> None:
    pipedrive = Pipedrive()
    pipedrive.organization()
    later = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert data(pipedrive.ask("GET", f"{ORGANIZATIONS}?updated_since={later}")) == []


def test_cursor_pages_show_every_organization_once() -> None:
    pipedrive = Pipedrive()
    made = [pipedrive.organization() for _ in range(12)]
    seen, cursor = [], ""
    while True:
        reply = pipedrive.ask("GET", f"{ORGANIZATIONS}?limit=5{cursor}")
        seen += [row["id"] for row in data(reply)]
        assert reply.body is not None
        following = reply.body["additional_data"]["next_cursor"]
        if following is None:
            break
        cursor = f"&cursor={following}"
    assert seen == made


def test_notes_are_listed_by_their_organization_at_once() -> None:
    pipedrive = Pipedrive(lag_s=60)
    first, second = pipedrive.organization(), pipedrive.organization()
    made = data(pipedrive.ask("POST", NOTES, {"content": "a", "org_id": first, "add_time": "2026-01-01 10:00:00"}))
    pipedrive.ask("POST", NOTES, {"content": "b", "org_id": second, "pinned_to_organization_flag": 1})
    listed = data(pipedrive.ask("GET", f"{NOTES}?org_id={first}&start=0&limit=100&sort=add_time DESC"))
    assert [row["id"] for row in listed] == [made["id"]]
    assert pipedrive.rules() == []


def test_a_note_is_replaced_by_put_and_deleted_for_good() -> None:
    pipedrive = Pipedrive()
    key = data(pipedrive.ask("POST", NOTES, {"content": "a", "org_id": pipedrive.organization()}))["id"]
    assert data(pipedrive.ask("PUT", f"{NOTES}/{key}", {"content": "b"}))["content"] == "b"
    assert pipedrive.ask("DELETE", f"{NOTES}/{key}").status == 200
    assert pipedrive.ask("GET", f"{NOTES}/{key}").status == 404


def test_a_deleted_organization_is_gone() -> None:
    pipedrive = Pipedrive()
    key = pipedrive.organization()
    assert pipedrive.ask("DELETE", f"{ORGANIZATIONS}/{key}").status == 200
    assert pipedrive.ask("PATCH", f"{ORGANIZATIONS}/{key}", {"name": "B"}).status == 404
    assert data(pipedrive.ask("GET", ORGANIZATIONS)) == []


def test_the_daily_budget_goes_down_by_what_calls_cost() -> None:
    pipedrive = Pipedrive()
    left = [
        int(dict(pipedrive.ask(method, target, body).headers)["x-daily-ratelimit-token-remaining"])
        for method, target, body in (
            ("POST", ORGANIZATIONS, {"name": "A"}),
            ("GET", f"{ORGANIZATIONS}/501", None),
            ("GET", f"{ORGANIZATIONS}/search?term=acme", None),
        )
    ]
    assert [left[0] - left[1], left[1] - left[2]] == [1, 20]


def test_the_account_and_its_fields_can_be_read() -> None:
    pipedrive = Pipedrive()
    assert data(pipedrive.ask("GET", "/v1/users/me"))["company_id"] == 7712345
    fields = {field["field_code"]: field for field in data(pipedrive.ask("GET", "/api/v2/organizationFields"))}
    assert (fields[OUR_ID]["field_name"], fields[OUR_ID]["is_custom_field"]) == ("queast_company_id", True)

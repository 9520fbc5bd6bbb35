"""HubSpot's double keeps state as the real account would: upserts, partial answers, lag, associations."""

from __future__ import annotations

from typing import Any

from queast_runtime.sandbox.exchange import Reply, Twist
from sandbox.calls import HUBSPOT, HubSpot, note, upsert

COMPANIES = f"{HUBSPOT}/companies"
NOTES = f"{HUBSPOT}/notes"


def body(reply: Reply) -> dict[str, Any]:
    assert reply.body is not None
    return reply.body


def test_an_upsert_creates_once_and_updates_after_that() -> None:
    hubspot = HubSpot()
    first = body(hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": [upsert("c1", trace="t1")]}))
    again = body(hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": [upsert("c1", trace="t2", city="Oslo")]}))
    assert (first["results"][0]["new"], again["results"][0]["new"]) == (True, False)
    assert first["results"][0]["id"] == again["results"][0]["id"]
    row = hubspot.double.records.rows("companies")[first["results"][0]["id"]]
    assert (row["properties"]["queast_company_id"], row["properties"]["city"], row["writes"]) == ("c1", "Oslo", 2)
    assert hubspot.rules() == []


def test_an_empty_string_clears_a_property() -> None:
    hubspot = HubSpot()
    company_id = hubspot.company(city="Oslo")
    hubspot.ask("PATCH", f"{COMPANIES}/{company_id}", {"properties": {"city": ""}})
    assert "city" not in hubspot.double.records.rows("companies")[company_id]["properties"]


def test_companies_with_one_domain_are_not_merged() -> None:
    hubspot = HubSpot()
    assert hubspot.company(domain="acme.example") != hubspot.company(domain="acme.example")


def test_a_record_may_not_take_another_ones_unique_value() -> None:
    hubspot = HubSpot()
    hubspot.company(queast_company_id="c1")
    other = hubspot.company()
    reply = hubspot.ask("PATCH", f"{COMPANIES}/{other}", {"properties": {"queast_company_id": "c1"}})
    assert (reply.status, body(reply)["category"], hubspot.rules()) == (409, "CONFLICT", [])


def test_a_traced_batch_is_answered_item_by_item() -> None:
    hubspot = HubSpot()
    entries = [upsert("c1", trace="t1"), upsert("c2", trace="t2", industry="NONE"), upsert("c3", trace="t3")]
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": entries})
    answer = body(reply)
    assert reply.status == 207
    assert [entry["objectWriteTraceId"] for entry in answer["results"]] == ["t1", "t3"]
    assert [entry["context"]["objectWriteTraceId"] for entry in answer["errors"]] == [["t2"]]
    assert answer["numErrors"] == 1


def test_an_untraced_batch_with_one_bad_input_does_nothing() -> None:
    hubspot = HubSpot()
    entries = [upsert("c1"), upsert("c2", industry="NONE")]
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": entries})
    assert (reply.status, len(hubspot.double.records.rows("companies"))) == (400, 0)


def test_failing_items_are_named_and_not_written() -> None:
    hubspot = HubSpot()
    entries = [upsert(f"c{number}", trace=f"t{number}") for number in range(30)]
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": entries}, twist=Twist("items", 3))
    answer = body(reply)
    failed = {entry["context"]["ids"][0] for entry in answer["errors"]}
    assert (reply.status, len(failed), len(answer["results"])) == (207, 3, 27)
    assert all(hubspot.double.records.find("companies", "queast_company_id", key) is None for key in failed)


def test_an_unaccounted_item_was_written_all_the_same() -> None:
    hubspot = HubSpot()
    entries = [upsert(f"c{number}", trace=f"t{number}") for number in range(5)]
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": entries}, twist=Twist("unaccounted", 9))
    assert (reply.status, len(body(reply)["results"]), len(hubspot.double.records.rows("companies"))) == (207, 4, 5)


def test_an_untraced_batch_is_spared_partial_answers() -> None:
    hubspot = HubSpot()
    entries = [upsert(f"c{number}") for number in range(5)]
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/upsert", {"inputs": entries}, twist=Twist("items", 9))
    assert (reply.status, len(body(reply)["results"])) == (200, 5)


def test_a_search_lags_behind_a_write_and_a_page_does_not() -> None:
    hubspot = HubSpot(lag_s=5)
    hubspot.company(domain="acme.example")
    wanted = {"filterGroups": [{"filters": [{"propertyName": "domain", "operator": "EQ", "value": "acme.example"}]}]}
    assert body(hubspot.ask("POST", f"{COMPANIES}/search", wanted))["total"] == 0
    assert len(body(hubspot.ask("GET", f"{COMPANIES}?limit=100"))["results"]) == 1
    hubspot.seconds.value = 5.0
    assert body(hubspot.ask("POST", f"{COMPANIES}/search", wanted))["total"] == 1


def test_pages_show_every_record_once() -> None:
    hubspot = HubSpot()
    made = [hubspot.company() for _ in range(25)]
    seen, after = [], ""
    while True:
        page = body(hubspot.ask("GET", f"{COMPANIES}?limit=10{after}"))
        seen += [entry["id"] for entry in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert seen == made


def test_a_company_lists_its_notes_at_once() -> None:
    hubspot = HubSpot(lag_s=60)
    company_id, other = hubspot.company(), hubspot.company()
    made = body(hubspot.ask("POST", f"{NOTES}/batch/create", {"inputs": [note(company_id), note(other)]}))
    listed = body(hubspot.ask("GET", f"{COMPANIES}/{company_id}/associations/notes?limit=500"))
    assert [entry["toObjectId"] for entry in listed["results"]] == [made["results"][0]["id"]]
    assert hubspot.rules() == []


def test_a_note_can_be_attached_afterwards() -> None:
    hubspot = HubSpot()
    company_id = hubspot.company()
    note_id = body(hubspot.ask("POST", NOTES, note(None)))["id"]
    reply = hubspot.ask("PUT", f"{NOTES}/{note_id}/associations/default/companies/{company_id}")
    assert reply.status == 200
    assert hubspot.double.records.notes_of(company_id) == [note_id]


def test_a_missing_record_is_reported_in_a_batch_read() -> None:
    hubspot = HubSpot()
    company_id = hubspot.company()
    asked = {"inputs": [{"id": company_id}, {"id": "1"}], "properties": ["name"], "propertiesWithHistory": []}
    reply = hubspot.ask("POST", f"{COMPANIES}/batch/read", asked)
    answer = body(reply)
    assert (reply.status, len(answer["results"]), answer["errors"][0]["category"]) == (207, 1, "OBJECT_NOT_FOUND")
    assert hubspot.rules() == []


def test_an_archived_record_is_gone_and_its_unique_value_free() -> None:
    hubspot = HubSpot()
    company_id = hubspot.company(queast_company_id="c1")
    assert hubspot.ask("DELETE", f"{COMPANIES}/{company_id}").status == 204
    assert hubspot.ask("GET", f"{COMPANIES}/{company_id}").status == 404
    hubspot.company(queast_company_id="c1")


def test_the_account_and_its_definitions_can_be_read() -> None:
    hubspot = HubSpot()
    assert body(hubspot.ask("GET", "/account-info/2026-03/details"))["portalId"] == 24512345
    owners = body(hubspot.ask("GET", "/crm/owners/2026-03/?email=anna@acme.example"))["results"]
    assert [owner["id"] for owner in owners] == ["51001"]
    found = body(hubspot.ask("GET", "/crm/properties/2026-03/companies/queast_company_id"))
    assert found["hasUniqueValue"] is True

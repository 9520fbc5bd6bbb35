"""Reads, and whether an unanswered write happened."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.plans import DOMAIN_KEY, ID_KEY
from connectors.scripted import NOW, Scripted, answer, company, driver, lost, note
from queast_runtime.connectors.reconcile import holds_reference
from queast_runtime.ports import (
    ErrorClass,
    HttpOutcome,
    HttpRequest,
    LookupFailed,
    Page,
    Phase,
    ReconciledAbsent,
    ReconciledThere,
    ReconcileLater,
    RemoteRecord,
    Tuning,
)


def query(request: HttpRequest) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query, keep_blank_values=True)


def hubspot_page(*ids: int, after: str | None = None) -> HttpOutcome:
    document: dict[str, Any] = {"results": [{"id": str(n), "properties": {"name": f"N{n}"}} for n in ids]}
    if after is not None:
        document["paging"] = {"next": {"after": after}}
    return answer(200, document)


def test_a_page_asks_for_what_matching_needs_and_hands_the_cursor_on() -> None:
    sender = Scripted(hubspot_page(1, 2, after="a b&c"), hubspot_page(3))
    opened = driver("hubspot", sender)
    first = asyncio.run(opened.list_page("companies", None))
    assert first == Page(
        (RemoteRecord("companies", "1", {"name": "N1"}), RemoteRecord("companies", "2", {"name": "N2"})), "a b&c"
    )
    last = asyncio.run(opened.list_page("companies", "a b&c"))
    assert isinstance(last, Page)
    assert last.cursor is None
    asked = ["name", "domain", "website", "country", "city", "linkedin_company_page", "queast_company_id"]
    assert query(sender.sent[0]) == [("limit", "100"), *(("properties", each) for each in asked)]
    assert ("after", "a b&c") in query(sender.sent[1])


def test_further_properties_of_a_record_are_read_under_their_own_keys() -> None:
    row = {"id": 4, "name": "ACME", "website": None, "custom_fields": {ID_KEY: "c_4"}}
    sender = Scripted(answer(200, {"success": True, "data": [row], "additional_data": {"next_cursor": None}}))
    page = asyncio.run(driver("pipedrive", sender).list_page("organizations", None))
    assert isinstance(page, Page)
    assert page.records[0].partner_id == "4"
    assert (page.records[0].properties["name"], page.records[0].properties[ID_KEY]) == ("ACME", "c_4")


def test_a_search_by_a_property_is_exact_and_by_a_website_loose() -> None:
    sender = Scripted(hubspot_page(1))
    opened = driver("hubspot", sender)
    asyncio.run(opened.search("companies", "queast_company_id", "c_1"))
    asyncio.run(opened.search("companies", "website", "acme.no"))
    filters = [body["filterGroups"][0]["filters"][0] for body in sender.bodies()]
    assert filters == [
        {"propertyName": "queast_company_id", "operator": "EQ", "value": "c_1"},
        {"propertyName": "website", "operator": "CONTAINS_TOKEN", "value": "acme.no"},
    ]


def test_a_search_index_that_lags_is_helped_by_the_records_changed_last() -> None:
    nothing = answer(200, {"data": {"items": []}})
    recent = answer(200, {"data": [
        {"id": 8, "custom_fields": {DOMAIN_KEY: "other.no"}}, {"id": 9, "custom_fields": {DOMAIN_KEY: "Acme.no"}},
    ], "additional_data": {"next_cursor": "more"}})  # fmt: skip
    sender = Scripted(nothing, recent)
    found = asyncio.run(driver("pipedrive", sender).search("organizations", DOMAIN_KEY, "acme.no"))
    assert isinstance(found, tuple)
    assert [each.partner_id for each in found] == ["9"]
    assert [urlsplit(each.url).path for each in sender.sent] == [
        "/api/v2/organizations/search", "/api/v2/organizations"
    ]  # fmt: skip


def test_what_a_search_finds_is_read_from_the_records_before_it_counts() -> None:
    found = answer(200, {"data": {"items": [{"item": {"id": 5}}, {"item": {"id": 6}}]}})
    read = answer(200, {"data": [
        {"id": 5, "custom_fields": {DOMAIN_KEY: "acme.no"}}, {"id": 6, "custom_fields": {DOMAIN_KEY: None}}
    ]})  # fmt: skip
    sender = Scripted(found, read)
    records = asyncio.run(driver("pipedrive", sender).search("organizations", DOMAIN_KEY, "acme.no"))
    assert isinstance(records, tuple)
    assert [each.partner_id for each in records] == ["5"]
    assert ("ids", "5,6") in query(sender.sent[1])


@pytest.mark.parametrize(
    ("outcome", "error", "whole"),
    [
        (lost(Phase.CONNECT), ErrorClass.TRANSIENT, True),
        (lost(Phase.SOME_SENT), ErrorClass.TRANSIENT, True),
        (answer(429, {}, retry_after="7"), ErrorClass.RATE_LIMITED, True),
        (answer(401, {}), ErrorClass.AUTH, True),
        (answer(500), ErrorClass.TRANSIENT, False),
        (HttpOutcome(200, {}, b"<html>", Phase.BODY), ErrorClass.TRANSIENT, False),
        (HttpOutcome(200, {}, b"[]", Phase.BODY), ErrorClass.TRANSIENT, False),
        (HttpOutcome(200, {}, b"{", Phase.BODY, None, truncated=True), ErrorClass.CONFIG, False),
        (HttpOutcome(None, {}, b"", Phase.RESOLVE, "refused", forbidden=True), ErrorClass.CONFIG, True),
    ],
)
def test_a_read_without_an_answer_is_never_an_empty_page(outcome: HttpOutcome, error: ErrorClass, whole: bool) -> None:
    failed = asyncio.run(driver("hubspot", Scripted(outcome)).list_page("companies", None))
    assert isinstance(failed, LookupFailed)
    assert (failed.error, failed.whole_connection) == (error, whole)
    if outcome.status == 429:
        assert failed.wait_s == 10


def notes_of(*bodies: str) -> list[HttpOutcome]:
    listed = {"results": [{"toObjectId": str(n), "associationTypes": []} for n in range(len(bodies))]}
    read = {"results": [{"id": str(n), "properties": {"hs_note_body": each}} for n, each in enumerate(bodies)]}
    return [answer(200, listed), answer(200, read)]


def reconciled(*answers: HttpOutcome, age_s: float = 60, tuning: Tuning | None = None) -> Any:
    sender = Scripted(*answers)
    opened = driver("hubspot", sender, tuning=tuning)
    return asyncio.run(opened.reconcile(note(1), NOW - timedelta(seconds=age_s))), sender


def test_a_note_that_was_made_is_found_by_its_reference() -> None:
    found, sender = reconciled(*notes_of("<p>old</p>", "<b>x</b><p>Queast reference qn-0001</p>"))
    assert found == ReconciledThere("1")
    assert [urlsplit(each.url).path for each in sender.sent] == [
        "/crm/objects/2026-03/companies/77/associations/notes",
        "/crm/objects/2026-03/notes/batch/read",
    ]


def test_a_note_that_was_not_made_is_absent_once_the_destination_has_settled() -> None:
    assert reconciled(*notes_of("<p>Queast reference qn-00011</p>"))[0] == ReconciledAbsent()
    early = reconciled(*notes_of("<p>other</p>"), age_s=10)[0]
    assert isinstance(early, ReconcileLater)
    assert early.wait_s == 20


def test_a_note_that_is_there_is_told_at_once() -> None:
    assert reconciled(*notes_of("Queast reference qn-0001"), age_s=0)[0] == ReconciledThere("0")


def test_the_operator_may_shorten_the_settling() -> None:
    assert reconciled(*notes_of("<p>other</p>"), age_s=2, tuning=Tuning(settle_s=1.5))[0] == ReconciledAbsent()


def test_a_look_that_fails_is_not_an_absence() -> None:
    later = reconciled(answer(429, {}, retry_after="40"))[0]
    assert isinstance(later, ReconcileLater)
    assert later.wait_s == 40
    assert isinstance(reconciled(notes_of("x")[0], answer(500))[0], ReconcileLater)


def test_all_pages_are_looked_at_before_a_note_is_called_absent() -> None:
    ids = [{"toObjectId": str(n), "associationTypes": []} for n in range(150)]
    sent: list[HttpRequest] = []

    def destination(request: HttpRequest) -> HttpOutcome:
        sent.append(request)
        if request.method == "GET":
            if ("after", "2") in query(request):
                return answer(200, {"results": ids[100:]})
            return answer(200, {"results": ids[:100], "paging": {"next": {"after": "2"}}})
        asked = [each["id"] for each in json.loads(request.body)["inputs"]]
        bodies = {each: "Queast reference qn-0001" if each == "149" else "" for each in asked}
        rows = [{"id": each, "properties": {"hs_note_body": bodies[each]}} for each in asked]
        return answer(200, {"results": rows})

    opened = driver("hubspot", Scripted(destination))
    assert asyncio.run(opened.reconcile(note(1), NOW - timedelta(minutes=5))) == ReconciledThere("149")
    assert [each.method for each in sent] == ["GET", "GET", "POST", "POST"]


def test_a_create_that_may_have_happened_is_looked_for_among_the_latest_changes() -> None:
    row = {"id": 12, "name": "ACME", "custom_fields": {ID_KEY: "c_1"}}
    sender = Scripted(answer(200, {"data": [row], "additional_data": {"next_cursor": None}}))
    opened = driver("pipedrive", sender)
    item = company(1, object="organizations")
    assert asyncio.run(opened.reconcile(item, NOW - timedelta(seconds=60))) == ReconciledThere("12")
    assert ("updated_since", "2026-11-22T11:54:00Z") in query(sender.sent[0])


def test_a_first_create_of_unknown_history_looks_in_the_index_and_the_latest_changes() -> None:
    empty = answer(200, {"data": {"items": []}})
    none = answer(200, {"data": [], "additional_data": {"next_cursor": "x"}})
    sender = Scripted(empty, none)
    opened = driver("pipedrive", sender)
    assert asyncio.run(opened.find_existing(company(1, object="organizations"))) == ReconciledAbsent()
    assert [name for name, _ in query(sender.sent[1])] == ["limit", "sort_by", "sort_direction"]


def test_a_write_that_may_be_repeated_needs_no_look() -> None:
    sender = Scripted(answer(500))
    opened = driver("hubspot", sender)
    assert asyncio.run(opened.reconcile(company(1), NOW)) == ReconciledAbsent()
    assert asyncio.run(opened.find_existing(company(1))) == ReconciledAbsent()
    assert sender.sent == []


def test_notes_are_paged_by_number_until_the_destination_says_there_are_no_more() -> None:
    def page(start: int, more: bool) -> HttpOutcome:
        paging = {"start": start, "more_items_in_collection": more, **({"next_start": start + 1} if more else {})}
        return answer(200, {"data": [{"id": start, "content": "x"}], "additional_data": {"pagination": paging}})

    sender = Scripted(page(0, True), page(1, False))
    found = asyncio.run(driver("pipedrive", sender).find_existing(note(1, "organizations")))
    assert found == ReconciledAbsent()
    assert [dict(query(each)).get("start") for each in sender.sent] == [None, "1"]


@pytest.mark.parametrize(
    ("text", "there"),
    [("qn-1", True), ("(qn-1)", True), ("xqn-1 qn-1", True), ("qn-12", False), ("a-qn-1", False), ("qn-1_", False)],
)
def test_a_reference_counts_only_as_a_word_of_its_own(text: str, there: bool) -> None:
    assert holds_reference(text, "qn-1") is there

"""What a refusal does to each item of a batch, and what of it is kept in plain text."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors.scripted import Scripted, answer, company, driver, note
from queast_runtime.connectors.words import refusal_in_words
from queast_runtime.ports import (
    ErrorClass,
    HttpOutcome,
    HttpRequest,
    LookupFailed,
    Phase,
    Refused,
    Unanswered,
    WriteItem,
    Written,
)


def write(sender: Scripted, *items: WriteItem) -> list[Any]:
    return list(asyncio.run(driver("hubspot", sender).write(items)))


def no_property(name: str) -> dict[str, Any]:
    return {
        "category": "VALIDATION_ERROR",
        "errors": [{"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": [name]}}],
    }


def item_error(category: str, trace: str) -> dict[str, Any]:
    return {"status": "error", "category": category, "context": {"objectWriteTraceId": [trace]}}


@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "NEVER_HEARD_OF"])
def test_a_note_that_failed_inside_the_destination_is_looked_for_and_a_company_sent_again(category: str) -> None:
    document = {"results": [{"id": "1", "objectWriteTraceId": "d1"}], "errors": [item_error(category, "d2")]}
    taken, lost = write(Scripted(answer(207, document)), note(1), note(2))
    assert taken == Written("1", True, 207)
    assert lost == Unanswered(f"answered 207 {category}", Phase.BODY, 207)
    document["results"] = [{"id": "1", "new": True, "objectWriteTraceId": "d1"}]
    taken, again = write(Scripted(answer(207, document)), company(1), company(2))
    assert taken == Written("1", True, 207)
    error = ErrorClass.TRANSIENT if category == "INTERNAL_ERROR" else ErrorClass.UNKNOWN
    assert (again.error, again.whole_connection) == (error, False)


def test_one_items_rate_limit_in_a_207_stops_the_connection() -> None:
    document = {"results": [], "errors": [item_error("RATE_LIMITS", "d1")]}
    (refused,) = write(Scripted(answer(207, document)), note(1))
    assert (refused.error, refused.wait_s, refused.whole_connection) == (ErrorClass.RATE_LIMITED, 10, True)


def test_who_does_not_hold_a_refused_property_is_written_all_the_same() -> None:
    def picky(request: HttpRequest) -> HttpOutcome:
        inputs = json.loads(request.body)["inputs"]
        if any("zip" in each["properties"] for each in inputs):
            return answer(400, no_property("zip"))
        rows = [{"id": each["id"], "new": True, "objectWriteTraceId": each["objectWriteTraceId"]} for each in inputs]
        return answer(200, {"results": rows})

    sender = Scripted(picky)
    items = [company(n, name="A", zip="0150") if n in (2, 5) else company(n) for n in range(8)]
    results = write(sender, *items)
    assert [n for n, each in enumerate(results) if isinstance(each, Refused)] == [2, 5]
    assert [each.partner_id for each in results if isinstance(each, Written)] == [f"c_{n}" for n in (0, 1, 3, 4, 6, 7)]
    assert len(sender.sent) == 2


def test_our_own_id_that_the_account_does_not_have_stops_the_connection() -> None:
    results = write(Scripted(answer(400, no_property("queast_company_id"))), company(1), company(2))
    assert {(each.error, each.whole_connection) for each in results} == {(ErrorClass.CONFIG, True)}


def test_a_search_for_a_property_that_is_not_there_stops_the_connection_too() -> None:
    sender = Scripted(answer(400, no_property("queast_company_id")))
    failed = asyncio.run(driver("hubspot", sender).search("companies", "queast_company_id", "c_1"))
    assert isinstance(failed, LookupFailed)
    assert (failed.error, failed.whole_connection) == (ErrorClass.CONFIG, True)


@pytest.mark.parametrize(
    ("document", "sent", "kept"),
    [
        ({"category": "VALIDATION_ERROR", "message": "kari@acme.no is taken"}, b"{}", "answered 400 VALIDATION_ERROR"),
        ({"code": "4791234567"}, b"{}", "answered 400"),
        ({"code": "Kari Nordmann"}, b"{}", "answered 400"),
        ({"code": "kari@acme.no"}, b"{}", "answered 400"),
        ({"category": "NORDMANN"}, b'{"name":"Kari Nordmann"}', "answered 400"),
        ({"errors": [{"code": "not_found"}]}, b"{}", "answered 400 not_found"),
        ({"category": "A" * 65}, b"{}", "answered 400"),
        ("<html>kari@acme.no</html>", b"{}", "answered 400"),
        (None, b"\xff", "answered 400"),
    ],
)
def test_of_a_refusal_only_status_and_code_are_kept(document: Any, sent: bytes, kept: str) -> None:
    """D6.3: an error message may repeat an e-mail; what is stored in plain text does not."""
    assert refusal_in_words(document, 400, sent) == kept

"""Writes: what goes out, and what each answer means for each item."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.plans import DOMAIN_KEY, ID_KEY, SIZE_KEY, plan
from connectors.scripted import SECRET, TOKEN, OneSecret, Scripted, Stopped, answer, company, driver, lost, note
from queast_runtime.connectors import open_driver
from queast_runtime.connectors.body import CannotFill
from queast_runtime.ports import (
    ErrorClass,
    HttpOutcome,
    HttpRequest,
    Phase,
    Refused,
    Tuning,
    Unanswered,
    WriteItem,
    Written,
)


def write(kind: str, sender: Scripted, *items: WriteItem, **options: Any) -> list[Any]:
    return list(asyncio.run(driver(kind, sender, **options).write(items)))


def echo(request: HttpRequest) -> HttpOutcome:
    """Take every input of a batch, in reverse order."""
    inputs = json.loads(request.body)["inputs"]
    results = [
        {"id": f"r-{each['objectWriteTraceId']}", "new": True, "objectWriteTraceId": each["objectWriteTraceId"]}
        for each in reversed(inputs)
    ]
    return answer(200, {"status": "COMPLETE", "results": results})


def test_an_upsert_names_records_by_our_own_id() -> None:
    sender = Scripted(echo)
    assert write("hubspot", sender, company(1, name="ACME", numberofemployees="12")) == [Written("r-d1", True, 200)]
    (sent,) = sender.sent
    assert (sent.method, sent.url) == ("POST", "https://api.hubapi.com/crm/objects/2026-03/companies/batch/upsert")
    assert ("authorization", f"Bearer {TOKEN}") in sent.headers
    assert sender.bodies() == [
        {
            "inputs": [
                {
                    "id": "c_1",
                    "idProperty": "queast_company_id",
                    "objectWriteTraceId": "d1",
                    "properties": {"name": "ACME", "numberofemployees": "12"},
                }
            ]
        }
    ]


def test_results_find_their_items_in_whatever_order_they_come() -> None:
    assert write("hubspot", Scripted(echo), *(company(n) for n in range(5))) == [
        Written(f"r-d{n}", True, 200) for n in range(5)
    ]


def test_a_partial_success_says_something_else_about_each_item() -> None:
    document = {
        "status": "COMPLETE",
        "results": [{"id": "501", "new": False, "objectWriteTraceId": "d1"}],
        "errors": [
            {"status": "error", "category": "VALIDATION_ERROR", "context": {"objectWriteTraceId": ["d2"]}},
            {"status": "error", "category": "CONFLICT", "context": {"ids": ["c_3"]}},
        ],
    }
    results = write("hubspot", Scripted(answer(207, document)), *(company(n) for n in (1, 2, 3, 4)))
    assert results[0] == Written("501", False, 207)
    assert [each.error for each in results[1:3]] == [ErrorClass.REJECT, ErrorClass.CONFLICT]
    assert results[3] == Unanswered("answer 207 does not account for this item", Phase.BODY, 207)


def test_an_item_in_neither_list_is_unanswered_not_lost() -> None:
    results = write("hubspot", Scripted(answer(200, {"results": []})), company(1), company(2))
    assert all(isinstance(each, Unanswered) for each in results)


def test_results_without_marks_are_told_apart_by_our_id() -> None:
    rows = [{"id": f"5{n}", "new": False, "properties": {"queast_company_id": f"c_{n}"}} for n in (2, 1)]
    results = write("hubspot", Scripted(answer(200, {"results": rows})), company(1), company(2))
    assert results == [Written("51", False, 200), Written("52", False, 200)]


def test_two_writes_of_one_record_go_in_two_requests_in_order() -> None:
    sender = Scripted(echo)
    again = replace(company(1, name="Later"), delivery_id="d9")
    results = write("hubspot", sender, company(1, name="Earlier"), company(2), again, company(3))
    sent = [[each["objectWriteTraceId"] for each in body["inputs"]] for body in sender.bodies()]
    assert sent == [["d1", "d2"], ["d9", "d3"]]
    assert [each.partner_id for each in results] == ["r-d1", "r-d2", "r-d9", "r-d3"]


def test_more_than_a_batch_goes_in_several_requests() -> None:
    sender = Scripted(echo)
    results = write("hubspot", sender, *(company(n) for n in range(250)))
    assert [len(body["inputs"]) for body in sender.bodies()] == [100, 100, 50]
    assert [each.partner_id for each in results] == [f"r-d{n}" for n in range(250)]


def test_one_bad_item_does_not_sink_its_batch() -> None:
    def strict(request: HttpRequest) -> HttpOutcome:
        if any(each["id"] == "c_37" for each in json.loads(request.body)["inputs"]):
            return answer(400, {"category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"})
        return echo(request)

    sender = Scripted(strict)
    results = write("hubspot", sender, *(company(n) for n in range(100)))
    assert [n for n, each in enumerate(results) if isinstance(each, Refused)] == [37]
    assert results[37].error is ErrorClass.REJECT
    assert len(sender.sent) <= 15


def test_an_archived_property_is_named_and_the_batch_not_taken_apart() -> None:
    document = {"category": "VALIDATION_ERROR", "errors": [
        {"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["numberofemployees"]}}
    ]}  # fmt: skip
    sender = Scripted(answer(400, document))
    results = write("hubspot", sender, *(company(n, name="A", numberofemployees="1") for n in (1, 2)))
    assert {(each.error, each.property) for each in results} == {(ErrorClass.CONFIG_FIELD, "numberofemployees")}
    assert len(sender.sent) == 1


def test_an_update_goes_by_the_partners_id_and_writes_our_id_too() -> None:
    sender = Scripted(answer(200, {"results": [{"id": "901", "objectWriteTraceId": "d1"}]}))
    assert write("hubspot", sender, company(1, "update", name="ACME")) == [Written("901", False, 200)]
    assert sender.bodies()[0]["inputs"] == [
        {"id": "901", "objectWriteTraceId": "d1", "properties": {"name": "ACME", "queast_company_id": "c_1"}}
    ]


def test_a_note_hangs_on_its_company_and_shows_its_reference() -> None:
    sender = Scripted(echo)
    write("hubspot", sender, note(1))
    assert sender.bodies()[0]["inputs"] == [
        {
            "objectWriteTraceId": "d1",
            "properties": {"hs_note_body": "<b>Signal 1</b><p>Queast reference qn-0001</p>"},
            "associations": [
                {"to": {"id": "77"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 190}]}
            ],
        }
    ]


@pytest.mark.parametrize(("kind", "object"), [("hubspot", "companies"), ("pipedrive", "organizations")])
def test_an_orphan_note_is_refused_before_anything_is_sent(kind: str, object: str) -> None:
    sender = Scripted(answer(200))
    (result,) = write(kind, sender, note(1, object, links=False))
    assert isinstance(result, Refused)
    assert result.error is ErrorClass.REJECT
    assert sender.sent == []


def test_further_properties_go_where_the_manifest_puts_them_and_keep_their_types() -> None:
    sender = Scripted(answer(201, {"success": True, "data": {"id": 41}}))
    item = company(1, object="organizations", name="ACME", employee_count=12, owner_id="7", address="Storgata 1")
    item = replace(item, values={**item.values, DOMAIN_KEY: "12", SIZE_KEY: "3"})
    assert write("pipedrive", sender, item) == [Written("41", True, 201)]
    assert sender.sent[0].url == "https://api.pipedrive.com/api/v2/organizations"
    assert ("x-api-token", TOKEN) in sender.sent[0].headers
    assert sender.bodies() == [
        {
            "name": "ACME",
            "employee_count": 12,
            "owner_id": 7,
            "address": {"value": "Storgata 1"},
            "custom_fields": {DOMAIN_KEY: "12", SIZE_KEY: 3, ID_KEY: "c_1"},
        }
    ]


def test_an_id_is_a_whole_number_where_the_manifest_says_so() -> None:
    sender = Scripted(answer(201, {"success": True, "data": {"id": 5}}))
    write("pipedrive", sender, note(1, "organizations"))
    assert sender.bodies()[0]["org_id"] == 77
    refused = write("pipedrive", sender, replace(note(2, "organizations"), links=(("organizations", "7x"),)))
    assert isinstance(refused[0], Refused)
    assert len(sender.sent) == 1


@pytest.mark.parametrize("hostile", ["../../v1/users", "1?x=1", "1/../2", "a b", "æ", "%2e%2e", "#", "1&x"])
def test_an_id_cannot_leave_its_place_in_the_path(hostile: str) -> None:
    sender = Scripted(answer(200, {"data": {"id": 1}}))
    write("pipedrive", sender, replace(company(1, "update", "organizations"), partner_id=hostile))
    rest = sender.sent[0].url.removeprefix("https://api.pipedrive.com/api/v2/organizations/")
    assert not set(rest) & set("/?#& ")
    assert rest.isascii()


@pytest.mark.parametrize("hostile", ["", ".", ".."])
def test_an_id_that_a_path_would_swallow_is_refused(hostile: str) -> None:
    sender = Scripted(answer(200))
    (result,) = write("pipedrive", sender, replace(company(1, "update", "organizations"), partner_id=hostile))
    assert isinstance(result, Refused)
    assert sender.sent == []


@pytest.mark.parametrize("text", ['"}],"x":[{', "{$get: token}", "\u2028", "\\", "</script>", "{version}", "$fields"])
def test_values_cannot_change_the_shape_of_a_body(text: str) -> None:
    sender = Scripted(echo)
    write("hubspot", sender, company(1, name=text, **{"$get": "trace"}))
    assert sender.bodies()[0]["inputs"][0]["properties"] == {"name": text, "$get": "trace"}


def test_what_json_cannot_hold_refuses_its_own_item_only() -> None:
    results = write("hubspot", Scripted(echo), company(1), company(2, name="\ud800"), company(3))
    assert [type(each) for each in results] == [Written, Refused, Written]


@pytest.mark.parametrize("phase", [Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.NOTHING_SENT])
def test_a_request_of_which_nothing_left_is_refused_for_the_whole_connection(phase: Phase) -> None:
    (result,) = write("hubspot", Scripted(lost(phase)), note(1))
    assert result == Refused(ErrorClass.TRANSIENT, "connection reset", None, phase, whole_connection=True)


@pytest.mark.parametrize("phase", [Phase.SOME_SENT, Phase.HEADERS, Phase.BODY])
@pytest.mark.parametrize("kind", ["hubspot", "pipedrive"])
def test_a_request_that_left_without_an_answer_is_unanswered(kind: str, phase: Phase) -> None:
    object = "companies" if kind == "hubspot" else "organizations"
    assert write(kind, Scripted(lost(phase)), note(1, object)) == [Unanswered("connection reset", phase)]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 418])
def test_a_server_error_leaves_a_create_open_and_an_upsert_refused(status: int) -> None:
    assert isinstance(write("hubspot", Scripted(answer(status)), note(1))[0], Unanswered)
    upsert = write("hubspot", Scripted(answer(status)), company(1))[0]
    assert isinstance(upsert, Refused)
    assert upsert.status == status


def test_a_destination_that_the_guard_refuses_is_a_fault_of_the_configuration() -> None:
    outcome = HttpOutcome(None, {}, b"", Phase.RESOLVE, "destination refused: no", forbidden=True)
    (result,) = write("webhook", Scripted(outcome), event(1))
    assert (result.error, result.whole_connection) == (ErrorClass.CONFIG, True)


def event(number: int, **options: Any) -> WriteItem:
    return WriteItem(
        delivery_id=f"d{number}",
        op="send",
        object="event",
        partner_id=None,
        reference=f"msg_{number}",
        idempotency_key=f"msg_{number}",
        values={},
        body={"type": "queast.company.updated", "data": {"company": {"id": "c_1"}}},
        **options,
    )


def test_a_webhook_goes_to_the_connections_url_signed() -> None:
    from standardwebhooks.webhooks import Webhook

    clock = Stopped()
    sender = Scripted(answer(204))
    assert write("webhook", sender, event(1, headers=(("X-Team", "sales"),)), clock=clock) == [Written(None, True, 204)]
    (sent,) = sender.sent
    headers = dict(sent.headers)
    assert sent.url == "https://hooks.acme.example/in?k=1"
    assert headers["webhook-id"] == "msg_1"
    assert headers["x-team"] == "sales"
    assert headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    # The oracle checks the time against its own clock, so the signature is compared with the one it makes.
    assert headers["webhook-signature"] == Webhook(SECRET).sign("msg_1", clock.now(), sent.body.decode())


@pytest.mark.parametrize(
    ("status", "error"),
    [(410, ErrorClass.BLOCKED), (429, ErrorClass.RATE_LIMITED), (302, ErrorClass.CONFIG), (500, ErrorClass.TRANSIENT),
     (404, ErrorClass.TRANSIENT), (400, ErrorClass.TRANSIENT)],
)  # fmt: skip
def test_a_receivers_refusal_is_sorted(status: int, error: ErrorClass) -> None:
    (result,) = write("webhook", Scripted(answer(status)), event(1))
    assert result.error is error


def test_a_header_cannot_replace_the_signature() -> None:
    sender = Scripted(answer(200))
    write("webhook", sender, event(1, headers=(("Webhook-Signature", "v1,forged"),)))
    assert [value for name, value in sender.sent[0].headers if name == "webhook-signature"] != ["v1,forged"]


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\0b", "snø", "a\tb"])
def test_a_header_that_cannot_be_sent_refuses_the_item(value: str) -> None:
    sender = Scripted(answer(200))
    (result,) = write("webhook", sender, event(1, headers=(("x-team", value),)))
    assert result.error is ErrorClass.REJECT
    assert sender.sent == []


def test_a_missing_secret_stops_the_connection_and_shows_no_value() -> None:
    opened = open_driver(plan("hubspot"), Scripted(answer(200)), OneSecret(None), Stopped(), Tuning())
    (result,) = asyncio.run(opened.write([company(1)]))
    assert isinstance(result, Refused)
    assert (result.error, result.whole_connection) == (ErrorClass.CONFIG, True)


@pytest.mark.parametrize("secret", ["line\nbreak", " padded", "snø"])
def test_a_secret_that_no_header_can_carry_stops_the_connection(secret: str) -> None:
    sender = Scripted(answer(200))
    (result,) = write("hubspot", sender, company(1), secret=secret)
    assert result.error is ErrorClass.CONFIG
    assert secret not in result.message
    assert sender.sent == []


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive", "webhook"])
def test_a_preview_is_the_request_with_its_secrets_masked(kind: str) -> None:
    item = {
        "hubspot": company(1),
        "pipedrive": company(1, object="organizations"),
        "webhook": event(1, secret_headers=(("x-key", "main"),)),
    }[kind]
    sender = Scripted(answer(500))
    opened = driver(kind, sender)
    shown = opened.preview(item)
    asyncio.run(opened.write([item]))
    (sent,) = sender.sent
    assert (shown.method, shown.url, shown.body) == (sent.method, sent.url, sent.body)
    assert [name for name, _ in shown.headers] == [name for name, _ in sent.headers]
    secret = SECRET if kind == "webhook" else TOKEN
    assert secret not in str(shown)
    assert any("***" in value for _, value in shown.headers)


def test_there_is_no_preview_of_what_would_not_be_sent() -> None:
    with pytest.raises(CannotFill, match="must hang on"):
        driver("hubspot", Scripted(answer(200))).preview(note(1, links=False))


def test_a_refusal_repeats_none_of_the_values_that_were_sent() -> None:
    document = {"category": "VALIDATION_ERROR", "message": "Anna Berg <anna@berg.example> is not valid"}
    (result,) = write("hubspot", Scripted(answer(400, document)), company(1))
    assert result.message == "answered 400 VALIDATION_ERROR"


@pytest.mark.parametrize(("object", "op", "size", "again"), [
    ("companies", "create", 100, True), ("companies", "update", 100, True), ("notes", "create", 100, False)
])  # fmt: skip
def test_batch_size_and_repeatability_are_the_manifests(object: str, op: str, size: int, again: bool) -> None:
    opened = driver("hubspot", Scripted(answer(200)))
    assert (opened.batch_size(object, op), opened.is_idempotent(object, op)) == (size, again)


def test_items_of_two_operations_in_one_write_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="several operations"):
        write("hubspot", Scripted(answer(200)), company(1), note(1))

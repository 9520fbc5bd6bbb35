"""The webhook receiver takes signed messages, counts repeats, and refuses everything else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from queast_runtime.sandbox.state import State
from queast_runtime.sandbox.webhook import WebhookReceiver
from sandbox.calls import NOW, call

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
BODY = b'{"id":"c1","name":"\xc3\x98l"}'


def signed(body: bytes = BODY, message_id: str = "msg_1", at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
        "content-type": "application/json; charset=utf-8",
    }


def receiver() -> tuple[WebhookReceiver, State]:
    state = State(None)
    return WebhookReceiver(state, secret=SECRET), state


def changed(**more: str) -> dict[str, str]:
    return signed() | {name.replace("_", "-"): value for name, value in more.items()}


def lacking(name: str) -> dict[str, str]:
    return {key: value for key, value in signed().items() if key != name}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(NOW.timestamp() + seconds, UTC)


V1 = signed()["webhook-signature"].removeprefix("v1,")

# what is wrong: (headers, body, status, counted as)
WRONG: dict[str, tuple[Callable[[], dict[str, str]], bytes, int, str]] = {
    "no id": (lambda: lacking("webhook-id"), BODY, 401, "missing_header"),
    "no timestamp": (lambda: lacking("webhook-timestamp"), BODY, 401, "missing_header"),
    "no signature": (lambda: lacking("webhook-signature"), BODY, 401, "missing_header"),
    "an empty id": (lambda: changed(webhook_id=""), BODY, 401, "missing_header"),
    "an empty signature": (lambda: changed(webhook_signature=""), BODY, 401, "missing_header"),
    "an id with a dot": (lambda: signed(message_id="msg.1"), BODY, 400, "bad_id"),
    "an id with a space": (lambda: signed(message_id="msg 1"), BODY, 400, "bad_id"),
    "an id that is too long": (lambda: signed(message_id="m" * 257), BODY, 400, "bad_id"),
    "a timestamp in words": (lambda: changed(webhook_timestamp="now"), BODY, 401, "bad_timestamp"),
    "a timestamp as a date": (lambda: changed(webhook_timestamp="2026-03-01T12:00:00Z"), BODY, 401, "bad_timestamp"),
    "a fraction of a second": (lambda: changed(webhook_timestamp="1772366400.5"), BODY, 401, "bad_timestamp"),
    "a negative timestamp": (lambda: changed(webhook_timestamp="-5"), BODY, 401, "bad_timestamp"),
    "a timestamp in milliseconds": (lambda: changed(webhook_timestamp="1772366400000"), BODY, 401, "bad_timestamp"),
    "a message of long ago": (lambda: signed(at=at(-301)), BODY, 401, "stale_timestamp"),
    "a message from the future": (lambda: signed(at=at(301)), BODY, 401, "stale_timestamp"),
    "another key": (lambda: signed(secret=OTHER), BODY, 401, "bad_signature"),
    "another body": (signed, b'{"id":"c2"}', 401, "bad_signature"),
    "a body with a blank more": (signed, BODY + b" ", 401, "bad_signature"),
    "an empty body": (signed, b"", 401, "bad_signature"),
    "another id": (lambda: changed(webhook_id="msg_2"), BODY, 401, "bad_signature"),
    "another second": (
        lambda: changed(webhook_timestamp=str(int(NOW.timestamp()) + 1)),
        BODY,
        401,
        "bad_signature",
    ),
    "a version that nobody knows": (lambda: changed(webhook_signature=f"v9,{V1}"), BODY, 401, "bad_signature"),
    "an asymmetric version": (lambda: changed(webhook_signature=f"v1a,{V1}"), BODY, 401, "bad_signature"),
    "no version": (lambda: changed(webhook_signature=V1), BODY, 401, "bad_signature"),
    "a signature in hex": (
        lambda: changed(webhook_signature="v1," + base64.b64decode(V1).hex()),
        BODY,
        401,
        "bad_signature",
    ),
    "half a signature": (lambda: changed(webhook_signature=f"v1,{V1[:20]}"), BODY, 401, "bad_signature"),
    "a signature that is no base64": (lambda: changed(webhook_signature="v1,***"), BODY, 401, "bad_signature"),
    "a signature with a comma for a blank": (
        lambda: changed(webhook_signature=f"v1,AAAA,v1,{V1}"),
        BODY,
        401,
        "bad_signature",
    ),
    "plain text": (lambda: changed(content_type="text/plain"), BODY, 415, "content_type"),
    "a form": (lambda: changed(content_type="application/x-www-form-urlencoded"), BODY, 415, "content_type"),
    "no type of content": (lambda: changed(content_type=""), BODY, 415, "content_type"),
    "no JSON": (lambda: signed(b"hello"), b"hello", 400, "malformed_json"),
    "a list": (lambda: signed(b"[]"), b"[]", 400, "malformed_json"),
    "text": (lambda: signed(b'"x"'), b'"x"', 400, "malformed_json"),
    "too much": (lambda: signed(b'"' + b"x" * 262_144 + b'"'), b'"' + b"x" * 262_144 + b'"', 413, "too_large"),
}


def test_there_are_more_than_thirty_ways_to_be_wrong() -> None:
    assert len(WRONG) >= 30


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_message_is_refused_and_counted_as_one_breach(wrong: str) -> None:
    headers, body, status, rule = WRONG[wrong]
    double, state = receiver()
    reply = double.answer(call("POST", "/queast", headers=headers(), raw=body))
    assert (reply.status, [row["rule"] for row in state.violations()]) == (status, [rule])
    assert state.rows("webhook.messages") == {}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_only_post_is_taken(method: str) -> None:
    double, state = receiver()
    assert double.answer(call(method, "/queast", headers=signed(), raw=BODY)).status == 405
    assert [row["rule"] for row in state.violations()] == ["wrong_method"]


def test_every_refusal_of_authenticity_looks_the_same() -> None:
    double, _ = receiver()
    replies = [
        double.answer(call("POST", "/queast", headers=headers(), raw=body)).body
        for headers, body, status, _ in WRONG.values()
        if status == 401
    ]
    assert all(body == {"error": "unauthorized"} for body in replies)


def take(double: WebhookReceiver, body: bytes, message_id: str = "msg_1") -> int:
    return double.answer(call("POST", "/queast", headers=signed(body, message_id), raw=body)).status


def test_a_message_signed_by_the_reference_library_is_remembered() -> None:
    double, state = receiver()
    assert take(double, BODY) == 202
    row: dict[str, Any] = state.rows("webhook.messages")["msg_1"]
    assert (row["body"], row["received"]) == (json.loads(BODY), 1)
    assert state.violations() == []


def test_one_of_several_signatures_is_enough() -> None:
    double, state = receiver()
    headers = changed(webhook_signature=f"v1a,AAAA v1,AAAA {signed()['webhook-signature']}")
    assert double.answer(call("POST", "/queast", headers=headers, raw=BODY)).status == 202
    assert state.violations() == []


def test_a_repeat_is_counted_and_is_no_breach() -> None:
    double, state = receiver()
    assert [take(double, BODY), take(double, BODY)] == [202, 202]
    assert (state.counters["webhook.repeats"], state.violations()) == (1, [])
    assert state.rows("webhook.messages")["msg_1"]["received"] == 2


def test_a_repeat_with_another_body_is_a_conflict() -> None:
    double, state = receiver()
    take(double, BODY)
    take(double, b'{"id":"c2"}')
    assert state.counters["webhook.conflicts"] == 1
    assert [row["rule"] for row in state.violations()] == ["conflicting_repeat"]
    assert state.rows("webhook.messages")["msg_1"]["body"] == json.loads(BODY)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", base64.b64encode(bytes(32)).decode(), "whsec_***"])
def test_a_key_that_is_too_short_or_unmarked_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        WebhookReceiver(State(None), secret=secret)

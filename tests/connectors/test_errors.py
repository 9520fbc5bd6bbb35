"""The error table: first rule wins, waits are floors, nothing unknown counts as harmless."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.plans import connector
from connectors.scripted import NOW
from queast_runtime.connectors.errors import Answer, Verdict, classify, retry_after_s, seconds_to_midnight
from queast_runtime.ports import ErrorClass

E = ErrorClass


def verdict(kind: str, status: int | None, document: Any = None, **headers: str) -> Verdict:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(connector(kind).runtime["errors"], Answer(status, given, document), NOW, "Europe/Oslo")


@pytest.mark.parametrize(
    ("status", "document", "error", "wait_s", "acted"),
    [
        (429, {"policyName": "DAILY"}, E.QUOTA_EXHAUSTED, 39_600, "no"),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, E.RATE_LIMITED, 10, "no"),
        (401, {}, E.AUTH, None, "no"),
        (403, {}, E.AUTH, None, "no"),
        (423, {}, E.TRANSIENT, 2, "no"),
        (477, {}, E.TRANSIENT, 60, "no"),
        (400, {"errors": [{"code": "X"}, {"code": "PROPERTY_DOESNT_EXIST"}]}, E.CONFIG_FIELD, None, "no"),
        (400, {"category": "VALIDATION_ERROR"}, E.REJECT, None, "no"),
        (404, {"category": "OBJECT_NOT_FOUND"}, E.GONE, None, "no"),
        (404, "<html>", E.CONFIG, None, "no"),
        (409, {}, E.CONFLICT, None, "no"),
        (None, {"category": "CONFLICT"}, E.CONFLICT, None, "no"),
        (None, {"category": "VALIDATION_ERROR"}, E.REJECT, None, "no"),
        (None, {"category": "INTERNAL_ERROR"}, E.TRANSIENT, None, "maybe"),
        (None, {"category": "RATE_LIMITS"}, E.RATE_LIMITED, 10, "no"),
        (None, {"category": "NEW_THING"}, E.UNKNOWN, None, "maybe"),
        (502, None, E.TRANSIENT, None, "maybe"),
        (418, None, E.UNKNOWN, None, "maybe"),
    ],
)
def test_hubspots_refusals(status: int, document: Any, error: E, wait_s: float | None, acted: str) -> None:
    found = verdict("hubspot", status, document)
    assert (found.error, found.wait_s, found.acted) == (error, wait_s, acted)


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"x_daily_ratelimit_token_remaining": "0"}, E.QUOTA_EXHAUSTED),
        (429, {"x_daily_ratelimit_token_remaining": "12"}, E.RATE_LIMITED),
        (403, {"content_type": "text/html; charset=utf-8"}, E.BLOCKED),
        (403, {"content_type": "application/json"}, E.AUTH),
        (404, {}, E.GONE),
        (400, {}, E.REJECT),
        (405, {}, E.CONFIG),
    ],
)
def test_pipedrives_refusals(status: int, headers: dict[str, str], error: E) -> None:
    assert verdict("pipedrive", status, {}, **headers).error is error


def test_what_stops_the_whole_connection() -> None:
    whole = {
        status for status in (400, 401, 403, 404, 409, 429, 477, 500) if verdict("hubspot", status).whole_connection
    }
    assert whole == {401, 403, 404, 429, 477}


def test_a_wait_is_the_longer_of_the_manifests_and_the_answers() -> None:
    assert verdict("hubspot", 429, {}, retry_after="3").wait_s == 10
    assert verdict("hubspot", 429, {}, retry_after="30").wait_s == 30
    assert verdict("webhook", 503, None, retry_after="99999999").wait_s == 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 12 ", 12),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, 86_400),
    ],
)
def test_a_retry_after_header_is_seconds_or_a_date_or_ignored(text: str, seconds: float | None) -> None:
    assert retry_after_s(text, NOW) == seconds


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), 11),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), 24),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
    ],
)
def test_a_day_ends_where_the_account_is_also_when_the_clocks_change(moment: datetime, hours: int) -> None:
    assert seconds_to_midnight(moment, "Europe/Oslo") == hours * 3600


def test_the_property_of_a_retyped_field_is_named() -> None:
    document = {"errors": [{"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["zip"]}}]}
    assert verdict("hubspot", 400, document).property == "zip"
    assert verdict("hubspot", 400, {"errors": [{"code": "PROPERTY_DOESNT_EXIST"}]}).property is None


def test_true_is_not_one() -> None:
    rules = [{"body": {"flag": True}, "class": "gone"}]
    assert classify(rules, Answer(400, {}, {"flag": 1}), NOW, "UTC").error is E.UNKNOWN
    assert classify(rules, Answer(400, {}, {"flag": True}), NOW, "UTC").error is E.GONE


def test_a_time_that_the_answer_names_holds_for_the_whole_destination_and_a_locked_record_for_itself() -> None:
    assert not verdict("hubspot", 423).whole_connection
    assert verdict("hubspot", 500, None, retry_after="5").whole_connection
    migrating = verdict("hubspot", 477, None, retry_after="86400")
    assert (migrating.wait_s, migrating.whole_connection) == (86_400, True)


@pytest.mark.parametrize(
    ("status", "headers", "error", "whole"),
    [
        (410, {}, E.BLOCKED, True),
        (429, {"retry_after": "7"}, E.RATE_LIMITED, True),
        (301, {}, E.CONFIG, True),
        (503, {}, E.TRANSIENT, True),
        (500, {}, E.TRANSIENT, False),
        (400, {}, E.TRANSIENT, False),
        (401, {}, E.TRANSIENT, False),
        (404, {}, E.TRANSIENT, False),
    ],
)
def test_webhooks_are_tried_again_after_every_refusal_but_410_and_a_redirect(
    status: int, headers: dict[str, str], error: E, whole: bool
) -> None:
    found = verdict("webhook", status, None, **headers)
    assert (found.error, found.whole_connection) == (error, whole)

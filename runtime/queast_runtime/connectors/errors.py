"""A manifest's error table: the first rule that holds says what a refusal means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from queast_runtime.connectors.places import value_at, values_at
from queast_runtime.ports import ErrorClass

JsonObject = dict[str, Any]
MAX_WAIT_S = 86_400.0
_OF_THE_CONNECTION = frozenset(
    {ErrorClass.RATE_LIMITED, ErrorClass.QUOTA_EXHAUSTED, ErrorClass.AUTH, ErrorClass.CONFIG, ErrorClass.BLOCKED}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a refusal means. `acted` is "maybe" where the destination may have done the work all the same."""

    error: ErrorClass
    wait_s: float | None
    property: str | None
    whole_connection: bool
    acted: Literal["no", "maybe"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the table sees it. `status` is None for one refused item of a batch that was answered as a whole."""

    status: int | None
    headers: Mapping[str, str]
    document: Any


def classify(rules: Sequence[JsonObject], answer: Answer, now: datetime, zone: str) -> Verdict:
    """Return the meaning of a refusal; `unknown` and maybe acted upon where no rule holds.

    `now` is aware; `zone` is the account's time zone by IANA name.
    """
    floor = retry_after_s(answer.headers.get("retry-after"), now)
    rule = next((each for each in rules if _holds(each, answer)), None)
    if rule is None:
        return Verdict(ErrorClass.UNKNOWN, floor, None, floor is not None, "maybe")
    error = ErrorClass(rule["class"])
    waits = [each for each in (rule.get("wait_s"), floor) if each is not None]
    if rule.get("wait") == "account_midnight":
        waits.append(seconds_to_midnight(now, zone))
    named = value_at(answer.document, rule["property"]) if "property" in rule else None
    return Verdict(
        error=error,
        wait_s=min(float(max(waits)), MAX_WAIT_S) if waits else None,
        property=named if isinstance(named, str) else None,
        # An answer that names a time means the whole destination; a manifest's own wait is the record's.
        whole_connection=floor is not None or rule.get("whole_connection", error in _OF_THE_CONNECTION),
        acted=rule.get("acted", "no"),
    )


def status_fits(wanted: Any, status: int | None) -> bool:
    """Say whether a status is the one, one of those, or of the class (`2xx`) that a manifest names."""
    if status is None:
        return False
    match wanted:
        case str():
            return str(status)[0] == wanted[0]
        case list():
            return status in wanted
        case _:
            return bool(status == wanted)


def _holds(rule: JsonObject, answer: Answer) -> bool:
    if "status" in rule and not status_fits(rule["status"], answer.status):
        return False
    content_type = answer.headers.get("content-type", "").lower()
    if "content_type" in rule and not content_type.startswith(rule["content_type"]):
        return False
    if any(answer.headers.get(name) != value for name, value in rule.get("header", {}).items()):
        return False
    return all(_found(answer.document, path, wanted) for path, wanted in rule.get("body", {}).items())


def _found(document: Any, path: str, wanted: Any) -> bool:
    admitted = wanted if isinstance(wanted, list) else [wanted]
    # `True == 1` in Python; in an answer they differ.
    return any(value == each and type(value) is type(each) for value in values_at(document, path) for each in admitted)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header (a number or an HTTP date), at most a day. None where unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_WAIT_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), MAX_WAIT_S)


def seconds_to_midnight(now: datetime, zone: str) -> float:
    """Return the seconds until the day ends where the account is."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()

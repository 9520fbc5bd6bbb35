"""What HubSpot accepts as a property's value, and the errors it answers."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.hubspot_schema import OWNERS, PROPERTIES, Property

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for refusing an input. `rule` names the breach in our own count; `code` is HubSpot's."""

    rule: str
    code: str
    message: str
    property: str | None = None


class HubSpotError(Exception):
    """A whole request answered with HubSpot's error envelope. `rule` is None where no contract was broken."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        rule: str | None = None,
        problems: tuple[Problem, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.rule = rule
        self.problems = problems
        self.headers = headers

    def reply(self, call: Call) -> Reply:
        body: JsonObject = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id(call),
            "category": self.category,
        }
        if self.problems:
            body["errors"] = [detail(problem) for problem in self.problems]
        return Reply(self.status, body, self.headers)


def detail(problem: Problem) -> JsonObject:
    """Write a problem as an entry of `errors`."""
    found: JsonObject = {"message": problem.message, "code": problem.code}
    if problem.property is not None:
        found["in"] = problem.property
        found["context"] = {"propertyName": [problem.property]}
    return found


def correlation_id(call: Call) -> str:
    """Return an id for the error envelope: the same for the same request at the same instant."""
    seed = blake2b(f"{call.method}{call.path}{call.at.isoformat()}".encode() + call.body, digest_size=16)
    return str(uuid.UUID(bytes=seed.digest()))


def invalid(message: str, rule: str) -> HubSpotError:
    return HubSpotError(400, "VALIDATION_ERROR", message, rule=rule)


def read_object(call: Call) -> JsonObject:
    """Return the JSON object in the body. Raises HubSpotError (415 for another content type)."""
    if not call.is_json():
        raise HubSpotError(415, "VALIDATION_ERROR", "Unsupported Media Type", rule="content_type")
    try:
        value = json.loads(call.body)
    except ValueError as error:
        raise invalid("Invalid input JSON", "malformed_json") from error
    if not isinstance(value, dict):
        raise invalid("Invalid input JSON on line 1, column 1: expected an object", "malformed_json")
    return value


def check_properties(object_type: str, given: Any, *, creating: bool) -> tuple[Problem, ...]:
    """Return every reason why HubSpot refuses these properties; none where it takes them."""
    known = PROPERTIES[object_type]
    if not isinstance(given, dict):
        return (Problem("properties_shape", "INVALID_JSON", "properties must be an object of strings"),)
    problems = [found for name, value in given.items() for found in _check_one(known.get(name), name, value)]
    if creating:
        problems += [
            Problem("missing_required", "REQUIRED_PROPERTY", f"Property {entry.name} is required", entry.name)
            for entry in known.values()
            if entry.required and not given.get(entry.name)
        ]
    return tuple(problems)


def _check_one(entry: Property | None, name: str, value: Any) -> tuple[Problem, ...]:
    if entry is None:
        message = f'Property "{name}" does not exist'
        return (Problem("unknown_property", "PROPERTY_DOESNT_EXIST", message, name),)
    if entry.read_only:
        return (Problem("read_only_property", "READ_ONLY_VALUE", f"{name} is a read only property", name),)
    if not isinstance(value, str):
        kind = type(value).__name__
        message = f"Cannot deserialize value of type String from {kind} for property {name}"
        return (Problem("not_a_string", "INVALID_JSON", message, name),)
    if value == "":
        return ()
    problem = _check_value(entry, value)
    return () if problem is None else (problem,)


def _check_value(entry: Property, value: str) -> Problem | None:
    name = entry.name
    if entry.max_length is not None and len(value) > entry.max_length:
        return Problem("too_long", "INVALID_LENGTH", f"{name} is longer than {entry.max_length} characters", name)
    match entry.type:
        case "string":
            return None
        case "number":
            fits = _NUMBER.fullmatch(value) is not None
            return None if fits else Problem("bad_number", "INVALID_LONG", f"{value} was not a valid number", name)
        case "bool":
            fits = value in ("true", "false")
            return (
                None if fits else Problem("bad_boolean", "INVALID_BOOLEAN", f"{value} is neither true nor false", name)
            )
        case "date":
            return _check_date(name, value)
        case "datetime":
            fits = parse_instant(value) is not None
            return None if fits else Problem("bad_datetime", "INVALID_DATE", f"{value} is not a valid date time", name)
        case "enumeration":
            return _check_options(entry, value)


def _check_options(entry: Property, value: str) -> Problem | None:
    if entry.owner:
        fits = any(owner.id == value for owner in OWNERS)
        return None if fits else Problem("bad_owner", "INVALID_OWNER_ID", f"owner {value} does not exist", entry.name)
    allowed = {option for option, _ in entry.options}
    chosen = value.split(";") if entry.multiple else [value]
    strange = [option for option in chosen if option not in allowed]
    if not strange:
        return None
    message = f"{strange[0]} was not one of the allowed options: {sorted(allowed)[:20]}"
    return Problem("bad_option", "INVALID_OPTION", message, entry.name)


def _check_date(name: str, value: str) -> Problem | None:
    if re.fullmatch(r"-?\d+", value):
        if int(value) % _DAY_MS == 0:
            return None
        return Problem(
            "date_not_midnight", "INVALID_DATE", f"{value} is at the wrong time, it must be midnight UTC", name
        )
    try:
        date.fromisoformat(value)
    except ValueError:
        at = parse_instant(value)
        if at is None:
            return Problem("bad_date", "INVALID_DATE", f"{value} was not a valid date", name)
        if (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0):
            return Problem("date_not_midnight", "INVALID_DATE", f"{value} is not midnight UTC", name)
    return None


def parse_instant(value: str) -> datetime | None:
    """Read milliseconds since 1970 or ISO 8601 with a zone; None where it is neither."""
    try:
        if re.fullmatch(r"-?\d+", value):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        at = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return None if at.tzinfo is None else at.astimezone(UTC)

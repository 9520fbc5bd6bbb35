"""What Pipedrive accepts: v2's strict JSON types, v1's note fields, and the errors it answers."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.pipedrive_schema import ADDRESS_PARTS, USERS, Field

_KEY = re.compile(r"[0-9a-f]{40}")


class PipedriveError(Exception):
    """A request answered with Pipedrive's error body. `rule` is None where no contract was broken."""

    def __init__(self, status: int, message: str, rule: str | None, code: str = "ERR_SCHEMA_VALIDATION_FAILED") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.rule = rule
        self.code = code

    def reply(self) -> Reply:
        return Reply(
            self.status,
            {
                "success": False,
                "error": self.message,
                "code": self.code,
                "errorCode": self.status,
                "error_info": "Please check developers.pipedrive.com for more information.",
                "data": None,
                "additional_data": None,
            },
        )


def invalid(message: str, rule: str) -> PipedriveError:
    return PipedriveError(400, f"Validation failed: {message}", rule)


def read_object(call: Call) -> JsonObject:
    """Return the JSON object in the body. Raises PipedriveError."""
    if not call.is_json():
        raise PipedriveError(415, "Unsupported media type, use application/json", "content_type")
    try:
        value = json.loads(call.body)
    except ValueError as error:
        raise invalid("the body is not JSON", "malformed_json") from error
    if not isinstance(value, dict):
        raise invalid("the body is not a JSON object", "malformed_json")
    return value


def check_organization(fields: dict[str, Field], body: JsonObject, *, creating: bool) -> None:
    """Refuse what v2 refuses in an organization's body. Raises PipedriveError naming the first reason."""
    if creating and not body.get("name"):
        raise invalid("name: is required", "missing_required")
    for code, value in body.items():
        match code:
            case "custom_fields":
                _check_custom(fields, value)
            case "visible_to":
                _check_integer(code, value)
            case "label_ids":
                if not isinstance(value, list) or not all(_is_integer(entry) for entry in value):
                    raise invalid("label_ids: expected a list of integers", "wrong_type")
            case "add_time" if creating:
                _check_instant(code, value)
            case _:
                field = fields.get(code)
                if field is None or field.custom:
                    hint = " (custom fields go into custom_fields)" if _KEY.fullmatch(code) else ""
                    raise invalid(f"{code}: unknown field{hint}", "unknown_property")
                check_value(field, value, code)


def _check_custom(fields: dict[str, Field], given: Any) -> None:
    if not isinstance(given, dict):
        raise invalid("custom_fields: expected an object", "wrong_type")
    for key, value in given.items():
        field = fields.get(key)
        if field is None or not field.custom:
            raise invalid(f"custom_fields.{key}: unknown field", "unknown_property")
        check_value(field, value, f"custom_fields.{key}")


def check_value(field: Field, value: Any, where: str) -> None:
    """Refuse a value that the field cannot hold. Raises PipedriveError."""
    if field.read_only:
        raise invalid(f"{where}: is read only", "read_only_property")
    if value is None:
        if not field.nullable:
            raise invalid(f"{where}: expected a value, received null", "wrong_type")
        return
    match field.type:
        case "varchar" | "text":
            if not isinstance(value, str):
                raise invalid(f"{where}: expected string, received {_kind(value)}", "wrong_type")
            if field.max_length is not None and len(value) > field.max_length:
                raise invalid(f"{where}: longer than {field.max_length} characters", "too_long")
        case "int":
            _check_integer(where, value)
        case "double":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise invalid(f"{where}: expected number, received {_kind(value)}", "wrong_type")
        case "boolean":
            if not isinstance(value, bool):
                raise invalid(f"{where}: expected boolean, received {_kind(value)}", "wrong_type")
        case "date":
            _check_date(where, value)
        case "time":
            _check_instant(where, value)
        case "enum":
            _check_integer(where, value)
            if value not in {option for option, _ in field.options}:
                raise invalid(f"{where}: {value} is not an option of this field", "bad_option")
        case "set":
            known = {option for option, _ in field.options}
            if not isinstance(value, list) or not all(_is_integer(entry) for entry in value):
                raise invalid(f"{where}: expected a list of option ids", "wrong_type")
            if not set(value) <= known:
                raise invalid(f"{where}: {value} holds an unknown option", "bad_option")
        case "user":
            _check_integer(where, value)
            if value not in {user.id for user in USERS}:
                raise invalid(f"{where}: user {value} does not exist", "bad_owner")
        case "address":
            if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
                raise invalid(f"{where}: expected an object of strings", "wrong_type")
            if not set(value) <= ADDRESS_PARTS:
                raise invalid(f"{where}: unknown part {sorted(set(value) - ADDRESS_PARTS)[0]}", "unknown_property")


def check_note_time(value: Any) -> None:
    """Refuse an `add_time` that is not `YYYY-MM-DD HH:MM:SS`. Raises PipedriveError."""
    try:
        if not isinstance(value, str) or len(value) != 19:
            raise ValueError
        datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise invalid(f"add_time: {value!r} is not YYYY-MM-DD HH:MM:SS", "bad_datetime") from error


def _check_integer(where: str, value: Any) -> None:
    if not _is_integer(value):
        raise invalid(f"{where}: expected integer, received {_kind(value)}", "wrong_type")


def _check_date(where: str, value: Any) -> None:
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        date.fromisoformat(value)
    except ValueError as error:
        raise invalid(f"{where}: {value!r} is not YYYY-MM-DD", "bad_date") from error


def _check_instant(where: str, value: Any) -> None:
    try:
        if not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except ValueError as error:
        raise invalid(f"{where}: {value!r} is not an RFC 3339 date time", "bad_datetime") from error


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    return {
        "str": "string",
        "int": "integer",
        "float": "number",
        "bool": "boolean",
        "dict": "object",
        "list": "array",
    }.get(type(value).__name__, "null")

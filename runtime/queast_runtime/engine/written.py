"""What a property holds, in one form for what we write and what a destination shows, and its keyed hash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from queast_compiler.plan.mapping import Wire
from queast_dsl.functions.markup import number_text
from queast_runtime.engine.payload import to_json
from queast_runtime.engine.projection import projection_hash

# None: nothing. A list is a set of options: neither order nor repeats say anything.
Held = str | list[str] | None
_NUMBER: Final = re.compile(r"(-?)(0|[1-9][0-9]{0,30})(?:\.([0-9]{1,30}))?", re.ASCII)
_DIGITS: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SEPARATORS: Final[dict[Wire, str]] = {"list_semicolon": ";", "list_comma": ","}
_FLAGS: Final = {"1": "true", "0": "false"}


def held(value: Any, wire: Wire) -> Held:
    """Return what a wire value says, whichever of the forms that destinations show it came in.

    `"1"`, `1` and `1.0`  ->  `"1"`;  `" Oslo "`  ->  `"Oslo"`;  `""`, `None` and `[]`  ->  `None`;
    `1767225600000` and `"2026-01-01"` of a date  ->  `"2026-01-01"`;  `"b;a"` of a list  ->  `["a", "b"]`.
    """
    match wire:
        case "list_semicolon" | "list_comma" | "list_native":
            options = {text for item in options_of(value, wire) if (text := _text(item)) is not None}
            return sorted(options) or None
        case "date_iso" | "date_midnight_ms":
            moment = _moment(value)
            return _text(value) if moment is None else moment.date().isoformat()
        case "datetime_iso_ms" | "datetime_epoch_ms" | "datetime_space_utc":
            moment = _moment(value)
            return _text(value) if moment is None else str((moment - _EPOCH) // timedelta(milliseconds=1))
        case "bool_01":
            flag = _text(value)
            return None if flag is None else _FLAGS.get(flag, flag)
        case "native" | "string":
            return held(value, "list_native") if isinstance(value, list) else _text(value)


def options_of(value: Any, wire: Wire) -> list[Any]:
    """Return the options that a wire value holds, in its order: `"a;b"` of a list joined by `;`  ->  `["a", "b"]`."""
    if value is None or value == "":
        return []
    separator = _SEPARATORS.get(wire)
    if separator is not None and isinstance(value, str):
        return [each for each in value.split(separator) if each.strip()]
    return list(value) if isinstance(value, list) else [value]


def joined(options: Iterable[Any], wire: Wire) -> Any:
    """Return options as the wire value of a list."""
    separator = _SEPARATORS.get(wire)
    return list(options) if separator is None else separator.join(str(each) for each in options)


def held_hash(key: bytes, record: tuple[str, str, str], property: str, value: Held) -> str:
    """Return the keyed hash (32 hex digits) of what a property of a record (account, object, partner id) holds.

    The record is part of it: equal values of two records have different hashes.
    """
    return projection_hash([*record, property, value], key)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(number_text(value))
        case str():
            stripped = value.strip()
            return _number(stripped) if stripped else None
        case datetime() | date():
            return value.isoformat()
        case _:
            return to_json(value).decode() if value else None


def _number(text: str) -> str:
    """`"12.50"`  ->  `"12.5"`; anything that is not written as a plain number stays: `"007"` is no 7."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if whole == "0" and not fraction:
        return "0"
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _moment(value: Any) -> datetime | None:
    """A date or a time in any form that the wires know; without a zone it is UTC."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if _DIGITS.fullmatch(text):
            return _EPOCH + timedelta(milliseconds=int(text))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

"""Canonical values in the form a destination takes. One function for each `Wire`; never called with None."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from queast_compiler.codegen.record import Failed
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.mapping import Wire
from queast_dsl.functions.markup import iso_time, number_text

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
MILLISECOND: Final = timedelta(milliseconds=1)
DAY_MS: Final = 86_400_000
# `2026-01-01T00:00:00.000`, without the offset behind it.
ISO_MS_LENGTH: Final = 23


def native(value: Any) -> Any:
    """JSON as it is; dates and times become ISO text, also inside lists and objects."""
    match value:
        case datetime():
            return iso_time(value)
        case date():
            return value.isoformat()
        case list():
            return [native(item) for item in value]
        case dict():
            return {key: native(item) for key, item in value.items()}
        case _:
            return value


def text(value: Any) -> str:
    """The value as text: true/false, numbers without exponent, dates and times as ISO, the rest as JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_text(value)
        case datetime():
            return iso_time(value)
        case date():
            return value.isoformat()
        case _:
            return dumps(native(value)).decode("utf-8")


def bool_01(value: Any) -> int:
    """1 or 0."""
    return 1 if value else 0


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def date_iso(value: date) -> str:
    """2026-01-01."""
    return _day(value).isoformat()


def date_midnight_ms(value: date) -> str:
    """Milliseconds from 1970 to midnight UTC of that day, as text."""
    return str((value.toordinal() - EPOCH_ORDINAL) * DAY_MS)


def datetime_iso_ms(value: date) -> str:
    """2026-01-01T00:00:00.000Z."""
    return _moment(value).isoformat("T", "milliseconds")[:ISO_MS_LENGTH] + "Z"


def datetime_epoch_ms(value: date) -> str:
    """Milliseconds from 1970, as text; fractions of one are cut off."""
    return str((_moment(value) - EPOCH) // MILLISECOND)


def datetime_space_utc(value: date) -> str:
    """2026-01-01 00:00:00."""
    return _moment(value).isoformat(" ", "seconds")[:19]


def _joined(value: Any, separator: str, word: str) -> str:
    items = [text(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
    if any(separator in item for item in items):
        raise Failed(f"an item of the list holds a {word}, which separates items at the destination")
    return separator.join(items)


def list_semicolon(value: Any) -> str:
    """a;b — an item that holds a semicolon is a failure."""
    return _joined(value, ";", "semicolon")


def list_comma(value: Any) -> str:
    """a,b — an item that holds a comma is a failure."""
    return _joined(value, ",", "comma")


def list_native(value: Any) -> list[Any]:
    """A JSON list; a single value becomes a list of one."""
    items = native(value)
    return items if isinstance(items, list) else [items]


def header(value: Any) -> str:
    """The text of an HTTP header. Raises Failed for control characters: a line break would start another header."""
    found = text(value)
    if any(character < " " or character == "\x7f" for character in found):
        raise Failed("the value of a header holds a control character")
    return found


def too_long(length: int, bound: int) -> Failed:
    """The failure of a text past its property's bound."""
    return Failed(f"{length} characters, the property takes {bound}")


WIRES: Final[dict[Wire, Callable[[Any], Any]]] = {
    "native": native,
    "string": text,
    "bool_01": bool_01,
    "date_iso": date_iso,
    "date_midnight_ms": date_midnight_ms,
    "datetime_iso_ms": datetime_iso_ms,
    "datetime_epoch_ms": datetime_epoch_ms,
    "datetime_space_utc": datetime_space_utc,
    "list_semicolon": list_semicolon,
    "list_comma": list_comma,
    "list_native": list_native,
}

"""The arguments at the ends of what a parameter takes, and what a function promises of its result."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from queast_dsl.functions import MAX_ITEMS, MAX_TEXT, Function
from queast_dsl.functions.model import INT_BOUND, Accepts

_INTEGERS = [0, 1, -1, 2, 10, 11, 1000, MAX_TEXT, 2**53 + 1, 9 * 10**18, INT_BOUND - 1, -INT_BOUND, 1 - INT_BOUND]
_FLOATS = [0.0, -0.0, 0.5, -2.5, 1e22, 1e308, -1e308, 5e-324, -5e-324, 2.0**53 + 2, 2.0**63, -(2.0**63), 1e16, 1e-7]
_TEXTS = [
    "",
    " ",
    "\0",
    "\n\t",
    "a",
    "ZZ",
    "2026-01-31",
    "0001-01-01",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+14:00",
    "9223372036854775808",
    "-9223372036854775808",
    "+" + "9" * 5000,
    "1e400",
    "https://[::1",
    "//\u2100.example\uff0f:99999999/\u202e",
    "xn--\u00df..\u3002.\u200d",
    "a@" + "\u0130" * 300 + ".no",
    "+4799999999999999999999",
    "&#" + "9" * 5000 + ";&#x" + "f" * 5000 + ";&#55296;&bogus;",
    "<" * 2000 + "<br",
    "\ud800",
    "a\udfffb \ud83d",
    "\U0001f468\u200d\U0001f469\u0301\u0130\u0390\ufb03\u00df\ufdfa",
    "\u0390" * MAX_TEXT,
    "\u33af \ufdfa" * 20_000,
    "<" * MAX_TEXT,
    "a," * 5000,
]
_DATES = [date.min, date(999, 12, 31), date(2024, 2, 29), date.max]
_MOMENTS = [
    datetime.min.replace(tzinfo=UTC),
    datetime(999, 1, 1, 0, 0, 0, 1, UTC),
    datetime(2026, 1, 31, 12, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
]
_LISTS = [[], [""], ["a", "a", "b"], ["\ud800", "\u0390" * MAX_TEXT], ["a" * 100] * MAX_ITEMS, ["\0"] * 20_000]

BOUNDARIES: dict[Accepts, list[Any]] = {
    "str": _TEXTS,
    "int": _INTEGERS,
    "num": [*_INTEGERS, *_FLOATS],
    "bool": [True, False],
    "date": _DATES,
    "datetime": _MOMENTS,
    "moment": [*_DATES, *_MOMENTS],
    "scalar": [*_TEXTS, *_INTEGERS, *_FLOATS, True, *_DATES, *_MOMENTS],
    "list": [*_LISTS, [1, -INT_BOUND], [date.max]],
    "list_str": _LISTS,
}


def broken_promise(function: Function, args: list[Any], result: Any) -> str | None:
    """Say what of its type and bound a result does not keep, None where all is kept.

    `length` of "abc" -> 3: None;  `abs` of -2**63 -> 2**63: "an integer past 64 bits"
    """
    if result is None:
        return None if function.nullable_result else "null"
    if not _is_of(function, args, result):
        return f"{type(result).__name__} for {function.returns}"
    limit = longest(function, args)
    for each in result if isinstance(result, list) else [result]:
        if isinstance(each, int) and not isinstance(each, bool) and not -INT_BOUND <= each < INT_BOUND:
            return "an integer past 64 bits"
        if isinstance(each, float) and each - each != 0:
            return "no finite number"
        if isinstance(each, str) and len(each) > limit:
            return f"{len(each)} characters where at most {limit} are promised"
        if isinstance(each, datetime) and each.utcoffset() != timedelta(0):
            return "a moment that is not in UTC"
    return None


def longest(function: Function, args: list[Any]) -> int:
    """How many characters may come out, by what the function declares."""
    if function.max_length is not None:
        return function.max_length
    given = args[0] if isinstance(args[0], list) else [args[0]]
    texts = max((len(text) for text in given if isinstance(text, str)), default=0)
    if function.grows is not None:
        grown = max(texts * function.grows, function.least)
        return grown if function.total else min(MAX_TEXT, grown)
    return texts if function.bound == "input" else MAX_TEXT


def _is_of(function: Function, args: list[Any], result: Any) -> bool:
    match function.returns:
        case "str":
            return type(result) is str
        case "int":
            return type(result) is int
        case "num":
            return type(result) in (int, float)
        case "bool":
            return type(result) is bool
        case "date":
            return type(result) is date
        case "datetime":
            return type(result) is datetime and isinstance(result.tzinfo, timezone)
        case "list_str":
            return type(result) is list and all(type(each) is str for each in result)
        case "same":
            return type(result) is type(args[0])
        case "item":
            return any(result is each for each in args[0])

"""How many characters a function's text can have at most, so that it can be held to the length of a property."""

from __future__ import annotations

from queast_compiler.passes.expressions.value import Value
from queast_compiler.plan.ir import Lit
from queast_dsl.functions import Function
from queast_dsl.functions.dates import longest_date
from queast_dsl.types import BoolType, DatetimeType, DateType, IntType, NumType, StrType, max_length

# ASCII letters in another case are as many; nothing else is in these.
_PLAIN = ("country", "currency")
_CASES = ("lower", "upper", "title", "capitalize")


def longest_text(function: Function, values: list[Value]) -> int | None:
    """Return the bound on a text result, or on each text of a list, None where none is known.

    `truncate(company.description, 40)`  ->  40;  `concat(company.country, '-1')`  ->  4
    """
    first = max_length(values[0].type)
    match function.name:
        case "concat":
            lengths = [max_length(value.type) for value in values]
            return None if None in lengths else sum(length for length in lengths if length is not None)
        case "pad_left" | "pad_right":
            length = _written(values, 1)
            return None if first is None or length is None else max(first, length)
        case "format_date":
            return _longest_date(values)
        case "text":
            return _longest_written(values[0])
        case "truncate":
            return _least(first, _written(values, 1))
        case "substring":
            return _least(first, _written(values, 2))
        case "split":
            return first
        case name if name in _CASES and isinstance(values[0].type, StrType) and values[0].type.format in _PLAIN:
            return first
        case _:
            pass
    if function.max_length is not None:
        return function.max_length
    grows = 1 if function.bound == "input" else function.grows
    return None if first is None or grows is None else max(first * grows, function.least)


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _written(values: list[Value], position: int) -> int | None:
    """Return a number that is written out as an argument, None where there is none."""
    match values[position].ir if position < len(values) else None:
        case Lit(value=int() as number) if number >= 0:
            return number
        case _:
            return None


def _longest_date(values: list[Value]) -> int:
    match values[1].ir if len(values) > 1 else None:
        case Lit(value=str() as pattern):
            return longest_date(pattern)
        case _:
            return len("2026-01-31")


def _longest_written(value: Value) -> int | None:
    match value.type:
        case BoolType():
            return len("false")
        case IntType():
            return len(str(-(2**63)))
        case NumType():
            # The shortest digits that read back end at the 324th place at the latest.
            return len("-0.") + 324
        case DateType():
            return len("2026-01-31")
        case DatetimeType():
            return len("2026-01-31T12:00:00.123456Z")
        case type_:
            return max_length(type_)

"""Checks on what an event really holds, and arithmetic with bounds. Both back ends call these.

JSON's kinds are told apart strictly: true is no integer, an integer is a fine number, NaN is no number, and an integer
has 64 bits with its sign. Messages name paths and kinds and never a value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NoReturn, assert_never

from queast_compiler.codegen.record import Failed
from queast_compiler.plan.ir import ArithOp, Kind
from queast_dsl.functions import dates
from queast_dsl.functions.model import INT_BOUND

KIND_WORDS: Final[dict[Kind, str]] = {
    "str": "text",
    "int": "an integer",
    "num": "a number",
    "bool": "true or false",
    "date": "a date as YYYY-MM-DD",
    "datetime": "a time with an offset",
    "list": "a list",
    "obj": "an object",
}


_JSON_WORDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "true or false",
    str: "text",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def described(value: object) -> str:
    """Say what kind of JSON value this is, without its content."""
    if isinstance(value, float) and not math.isfinite(value):
        return "no finite number"
    if type(value) is int and not -INT_BOUND <= value < INT_BOUND:
        return "an integer past 64 bits"
    return _JSON_WORDS.get(type(value), "no JSON value")


def mismatch(value: object, place: str, kind: Kind) -> str:
    """Say how a value is not of the kind that a path promises."""
    if value is None:
        return f"{place} is missing"
    return f"{place} is {described(value)}, expected {KIND_WORDS[kind]}"


def wrong(value: object, place: str, kind: Kind) -> NoReturn:
    """Raise the failure of a value that is not of the kind a path promises."""
    raise Failed(mismatch(value, place, kind))


def misfit() -> NoReturn:
    """Stop generated code at a value of a wrong kind; the interpreter then says which."""
    raise Failed("a value is of another kind")


def check(value: Any, place: str, kind: Kind) -> Any:
    """Return a value that is not null as its canonical Python value (dates parsed). Raises Failed.

    An item of a list that was computed is canonical already; JSON holds no date of Python's.
    """
    match kind:
        case "str":
            fits = type(value) is str
        case "int":
            fits = type(value) is int and -INT_BOUND <= value < INT_BOUND
        case "num":
            fits = (type(value) is int and -INT_BOUND <= value < INT_BOUND) or (
                type(value) is float and math.isfinite(value)
            )
        case "bool":
            fits = type(value) is bool
        case "list":
            fits = type(value) is list
        case "obj":
            fits = type(value) is dict
        case "date":
            return value if type(value) is date else read_date(value, place)
        case "datetime":
            return value if type(value) is datetime else read_datetime(value, place)
        case _:
            assert_never(kind)
    if not fits:
        wrong(value, place, kind)
    return value


def read_date(value: object, place: str) -> date:
    """Return the date that a canonical text holds. Raises Failed."""
    if type(value) is not str:
        wrong(value, place, "date")
    try:
        return dates.read_date(value)
    except ValueError:
        raise Failed(f"{place} is not {KIND_WORDS['date']}") from None


def read_datetime(value: object, place: str) -> datetime:
    """Return the time that a canonical text holds, in UTC. Raises Failed where it is not as RFC 3339 writes it."""
    if type(value) is not str:
        wrong(value, place, "datetime")
    try:
        return dates.read_moment(value)
    except ValueError:
        raise Failed(f"{place} is not {KIND_WORDS['datetime']}") from None


def item_at(items: Sequence[Any], n: int, kind: Kind, place: str) -> Any:
    """Return `items[n]` checked, or None where there is none or it is null."""
    if not -len(items) <= n < len(items):
        return None
    value = items[n]
    return None if value is None else check(value, f"{place}[{n}]", kind)


def project(items: Sequence[Any], steps: tuple[str, ...], kind: Kind, place: str) -> list[Any]:
    """Return that path of each item, nulls left out."""
    found = []
    for n, item in enumerate(items):
        value = item
        at = f"{place}[{n}]"
        for step in steps:
            if value is None:
                break
            if type(value) is not dict:
                wrong(value, at, "obj")
            value = value.get(step)
            at = f"{at}.{step}"
        if value is not None:
            found.append(check(value, at, kind))
    return found


def present(*items: Any) -> list[Any]:
    """Return the items that are not null."""
    return [item for item in items if item is not None]


def bounded(value: Any) -> Any:
    """Return a result of arithmetic within ±2**63 (integers) or finite (numbers). Raises Failed."""
    if type(value) is int:
        if not -INT_BOUND <= value < INT_BOUND:
            raise Failed("the result is past the bounds of an integer")
    elif not math.isfinite(value):
        raise Failed("the result is no finite number")
    return value


def arith(op: ArithOp, left: Any, right: Any) -> Any:
    """Return `left op right`. `/` gives a number, `%` has the sign of its right side. Raises Failed."""
    try:
        match op:
            case "+":
                return bounded(left + right)
            case "-":
                return bounded(left - right)
            case "*":
                return bounded(left * right)
            case "/":
                return bounded(left / right)
            case "%":
                return bounded(left % right)
            case _:
                assert_never(op)
    except ZeroDivisionError:
        raise Failed("division by zero") from None
    except OverflowError:
        raise Failed("the result is no finite number") from None


def negate(value: Any) -> Any:
    """Return `-value`. Raises Failed past the bounds."""
    return bounded(-value)

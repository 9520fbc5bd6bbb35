"""How one field of a plan's dataclass becomes JSON and comes back, checked.

A codec is a pair of functions; `Read` gets the JSON value, the place for messages and the depth so far.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Write = Callable[[Any], Any]
Read = Callable[[Any, str, int], Any]


class PlanMalformed(ValueError):
    """JSON that is no plan: an unknown tag or key, a missing key, a wrong type, nesting past the bound."""


@dataclass(frozen=True, slots=True)
class Codec:
    write: Write
    read: Read


def _expected(what: str, place: str, value: object) -> PlanMalformed:
    return PlanMalformed(f"{place}: expected {what}, found {type(value).__name__}")


def _same(value: Any) -> Any:
    return value


def _read_text(value: Any, place: str, _depth: int) -> str:
    if type(value) is not str:
        raise _expected("a string", place, value)
    return value


def _read_int(value: Any, place: str, _depth: int) -> int:
    if type(value) is not int:
        raise _expected("an integer", place, value)
    return value


def _read_bool(value: Any, place: str, _depth: int) -> bool:
    if type(value) is not bool:
        raise _expected("true or false", place, value)
    return value


def _read_scalar(value: Any, place: str, _depth: int) -> str | int | float | bool | None:
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise _expected("a scalar", place, value)


def _read_share(value: Any, place: str, _depth: int) -> float:
    # 1 is not 1.0 in canonical JSON, and a plan has one form.
    if type(value) is not float or not 0 <= value <= 1:
        raise PlanMalformed(f"{place}: expected a number from 0 to 1, with a point")
    return value


def _read_json(value: Any, _place: str, _depth: int) -> Any:
    return value


def _read_object(value: Any, place: str, _depth: int) -> dict[str, Any]:
    if type(value) is not dict:
        raise _expected("an object", place, value)
    return value


TEXT = Codec(_same, _read_text)
INT = Codec(_same, _read_int)
BOOL = Codec(_same, _read_bool)
SCALAR = Codec(_same, _read_scalar)
SHARE = Codec(_same, _read_share)
JSON = Codec(_same, _read_json)
OBJECT = Codec(_same, _read_object)


def natural(value: Any, place: str, depth: int) -> int:
    """Read an integer from 0."""
    if _read_int(value, place, depth) < 0:
        raise PlanMalformed(f"{place}: below 0")
    return int(value)


NATURAL = Codec(_same, natural)


def optional(inner: Codec) -> Codec:
    """The inner form or null."""

    def write(value: Any) -> Any:
        return None if value is None else inner.write(value)

    def read(value: Any, place: str, depth: int) -> Any:
        return None if value is None else inner.read(value, place, depth)

    return Codec(write, read)


def listed(inner: Codec) -> Codec:
    """A tuple, written as a list."""

    def write(value: Any) -> Any:
        return [inner.write(item) for item in value]

    def read(value: Any, place: str, depth: int) -> Any:
        if type(value) is not list:
            raise _expected("a list", place, value)
        return tuple(inner.read(item, f"{place}[{n}]", depth) for n, item in enumerate(value))

    return Codec(write, read)


def pair(first: Codec, second: Codec) -> Codec:
    """A tuple of two, written as a list of two."""

    def write(value: Any) -> Any:
        return [first.write(value[0]), second.write(value[1])]

    def read(value: Any, place: str, depth: int) -> Any:
        if type(value) is not list or len(value) != 2:
            raise _expected("a list of two", place, value)
        return first.read(value[0], f"{place}[0]", depth), second.read(value[1], f"{place}[1]", depth)

    return Codec(write, read)


def one_of(*allowed: str) -> Codec:
    """One of a closed list of strings."""
    choices = frozenset(allowed)

    def read(value: Any, place: str, _depth: int) -> Any:
        if type(value) is not str or value not in choices:
            raise PlanMalformed(f"{place}: expected one of {', '.join(sorted(choices))}")
        return value

    return Codec(_same, read)

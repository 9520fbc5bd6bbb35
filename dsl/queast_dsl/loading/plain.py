"""Text without quotes, which is of every type that it can be read as: `014` is text, and a number where one is asked.

What each word of JSON Schema's `type` means for a value of a tree, and when two values are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\Z")


class PlainText(str):
    """A scalar written without quotes."""

    __slots__ = ()


def is_string(value: object) -> bool:
    return isinstance(value, str) and not (isinstance(value, PlainText) and value in ("", "~"))


def is_null(value: object) -> bool:
    return value is None or (isinstance(value, PlainText) and value in ("", "~", "null"))


def is_boolean(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, PlainText) and value in ("true", "false"))


def is_integer(value: object) -> bool:
    if isinstance(value, PlainText):
        return _INTEGER.match(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    if isinstance(value, PlainText):
        return _NUMBER.match(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def amount(value: str | int | float) -> int | float:
    """Return what a value that `is_number` is compares as. A whole number of an account file may be past any float."""
    return float(value) if isinstance(value, str) else value


SCALARS: Final[Mapping[str, Callable[[object], bool]]] = {
    "string": is_string,
    "null": is_null,
    "boolean": is_boolean,
    "integer": is_integer,
    "number": is_number,
}


def same(value: object, expected: object) -> bool:
    """Say whether a value of a tree is the one that a schema names."""
    if isinstance(value, PlainText) and not isinstance(expected, str):
        return value == (str(expected).lower() if isinstance(expected, bool) else str(expected))
    return type(value) is type(expected) and value == expected if isinstance(expected, bool) else value == expected


def exact(pattern: str) -> re.Pattern[str]:
    """Return a schema's pattern: to Python `$` also fits before a last line break, to JSON Schema it does not."""
    return re.compile(f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern)

"""JSON as one reading only: what two parsers could understand differently is refused.

{"a":1,"a":2}, NaN, 1e999, "\\ud800", a byte order mark, bytes that are no UTF-8, 40 levels of brackets  ->  NotStrict
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 32
# Enough for any number that a message needs; longer ones take quadratic time to read.
_MAX_DIGITS: Final = 400


class NotStrict(ValueError):
    """Bytes that are no JSON, or JSON with more than one meaning. The message holds nothing of them."""


def parse(data: bytes) -> Any:
    """Return the value. Raises NotStrict, whatever the bytes are."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrict("not UTF-8") from None
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except NotStrict:
        raise
    except (ValueError, RecursionError):
        raise NotStrict("not JSON") from None
    _check_texts(value)
    return value


def _check_depth(text: str) -> None:
    """Count brackets before anything is built; those in texts do not count."""
    depth, in_text, escaped = 0, False, False
    for sign in text:
        if in_text:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                in_text = False
        elif sign == '"':
            in_text = True
        elif sign in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotStrict(f"nested deeper than {MAX_DEPTH}")
        elif sign in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a key stands twice")
    return found


def _constant(_: str) -> NoReturn:
    raise NotStrict("NaN and Infinity are no JSON")


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise NotStrict("a number is too long")
    return int(text)


def _float(text: str) -> float:
    value = float(text) if len(text) <= _MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise NotStrict("a number is too large")
    return value


def _check_texts(value: Any) -> None:
    """Half a pair of `\\ud83d\\ude00` is no character and cannot be stored."""
    match value:
        case str():
            if any("\ud800" <= sign <= "\udfff" for sign in value):
                raise NotStrict("half a surrogate pair")
        case list():
            for each in value:
                _check_texts(each)
        case dict():
            for key, each in value.items():
                _check_texts(key)
                _check_texts(each)
        case _:
            pass

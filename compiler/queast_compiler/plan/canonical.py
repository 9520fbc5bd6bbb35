"""Canonical JSON and its digest: the same value is the same bytes on every machine.

Keys sorted by code point, no insignificant space, UTF-8, integers exact, floats by their shortest repr, no NaN or
infinity. Reading is strict: duplicate keys, NaN, lone surrogates and deep nesting are refused.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, NoReturn

import orjson

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 200

JsonObject = dict[str, Any]

_INDENT: Final = 2
_DEEP: Final = b"\n" + b" " * (_INDENT * MAX_DEPTH)


class NotCanonical(ValueError):
    """Bytes or a value that have no canonical JSON form. The message says what and where."""


def dumps(value: object) -> bytes:
    """Return the canonical bytes of a JSON value. Raises NotCanonical for NaN, lone surrogates, other types."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotCanonical(f"not a JSON value: {error}") from error


def loads(data: bytes) -> JsonObject:
    """Return the object in `data`. Raises NotCanonical unless `data` is exactly what `dumps` would write."""
    if len(data) > MAX_BYTES:
        raise NotCanonical(f"{len(data)} bytes, at most {MAX_BYTES} are read")
    value = _plainly_canonical(data)
    return _strictly(data) if value is None else value


def _plainly_canonical(data: bytes) -> JsonObject | None:
    """Return the object in `data` where a fast writer gives just these bytes, None where that shows nothing.

    Both writers write the same but for some numbers with a fraction, each of which is compared, and integers past 64
    bits; a key that stood twice, a constant that is not JSON's and a lone surrogate do not come out again.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_shortest)
        if type(value) is not dict or orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != data:
            return None
        # What is nested past the bound would stand on a line that is indented further.
        return None if _DEEP in orjson.dumps(value, option=orjson.OPT_INDENT_2) else value
    except (TypeError, ValueError, RecursionError):
        return None


def _shortest(text: str) -> float:
    value = float(text)
    if repr(value) != text:
        raise ValueError("not as `dumps` writes it")
    return value


def _strictly(data: bytes) -> JsonObject:
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotCanonical("not a JSON object")
    if depth_of(value) > MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH}")
    if dumps(value) != data:
        raise NotCanonical("not in canonical form")
    return value


def digest(data: bytes) -> str:
    """Return `sha256:` and the hex digest of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def depth_of(value: object) -> int:
    """Return how deep lists and objects nest in `value`; 0 for a scalar. Counts without recursion."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        inner = (child for item in level for child in (item.values() if isinstance(item, dict) else item))
        level = [child for child in inner if isinstance(child, dict | list)]
    return depth


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a key occurs twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotCanonical(f"{name} is not a JSON value")

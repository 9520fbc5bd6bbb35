"""Read a constant where no property says what it is: a leaf of an event's body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from queast_compiler.plan.ir import Scalar
from queast_dsl.document.mapping import Const

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<rest>\.[0-9]+)?(?P<power>[eE][+-]?[0-9]+)?")
# YAML 1.1 read these as numbers, and many a program still does.
_GROUPED = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)+(?:\.[0-9]+)?")
# More are lost in a float.
_DIGITS = 17
_BOUND = 2**63


@dataclass(frozen=True, slots=True)
class NoScalar:
    """A constant that is neither a number that can be held nor plainly text: what is wrong, and what to write."""

    message: str
    help: str


def read_scalar(constant: Const) -> Scalar | NoScalar:
    """Return the JSON value of a constant: only what JSON itself writes bare is no text, and quotes keep it text.

    `true`  ->  True;  `12`  ->  12;  `1e3`  ->  1000.0;  `"12"`  ->  "12";  `NO`  ->  "NO";  `014`  ->  "014"
    `12345678901234567890`, `1e400`, `1_000`  ->  NoScalar: a number to whoever wrote it, and not to send as one
    """
    text = constant.text.text
    if constant.is_quoted:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text == "null":
        return None
    if (number := _NUMBER.fullmatch(text)) is not None:
        return _number(text, number)
    if _GROUPED.fullmatch(text) is not None:
        plain = text.replace("_", "")
        return NoScalar(f"`{text}` may be a number or text", f'write {plain} for a number, "{text}" for text')
    return text


def _number(text: str, number: re.Match[str]) -> int | float | NoScalar:
    quoted = f'to send it as text write it in quotes: "{text}"'
    if number["rest"] is None and number["power"] is None:
        # A tenant's line is bounded, but reading thousands of digits is quadratic.
        value = int(text) if len(text) <= 20 else _BOUND
        fits = -_BOUND <= value < _BOUND
        return value if fits else NoScalar(f"`{_short(text)}` is too large for a whole number", quoted)
    if not isfinite(made := float(text)):
        return NoScalar(f"`{_short(text)}` is too large for a number", quoted)
    digits = re.sub(r"[eE].*|[-.]", "", text).strip("0")
    if len(digits) > _DIGITS:
        return NoScalar(f"`{_short(text)}` has more digits than a number holds", quoted)
    return made


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"

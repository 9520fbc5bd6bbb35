"""Functions on rich text, and the text of other values."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from html import escape, unescape
from typing import Any, Final

from queast_dsl.functions.model import Example, Function, FunctionError, Param, bounded

# Linear: no part can match what the next one starts with.
_TAG: Final = re.compile(r"<[^<>]*>")
_BREAKING: Final = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_CODE: Final = re.compile(r"<(script|style)\b[^<>]*>", re.IGNORECASE)
_END_OF_CODE: Final = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in ("script", "style")}
_MARKDOWN: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()<>#+-.!|~"})


def _escape_html(text: str) -> str:
    return bounded(escape(text, quote=True))


def _escape_markdown(text: str) -> str:
    return bounded(text.translate(_MARKDOWN))


def _strip_html(text: str) -> str:
    with_breaks = _BREAKING.sub("\n", _without_code(text))
    lines = (" ".join(line.split()) for line in _unescaped(_TAG.sub("", with_breaks)).split("\n"))
    return bounded("\n".join(line for line in lines if line))


def _without_code(html: str) -> str:
    """Leave out scripts and style sheets with what is in them; one that is never closed goes on to the end, as in a
    browser. Each search begins where the last one ended."""
    kept: list[str] = []
    position = 0
    while (opened := _CODE.search(html, position)) is not None:
        kept.append(html[position : opened.start()])
        closed = _END_OF_CODE[opened[1].lower()].search(html, opened.end())
        if closed is None:
            return "".join(kept)
        position = closed.end()
    return "".join((*kept, html[position:]))


def _unescaped(html: str) -> str:
    try:
        return unescape(html)
    except ValueError:
        # Python reads no decimal number of more than 4,300 digits.
        raise FunctionError("a character reference of the HTML has too many digits") from None


def number_text(value: float) -> str:
    """A float as text, without exponent and without an empty fraction."""
    # Only very large and very small numbers are written with an exponent; the others need no Decimal.
    plain = repr(value)
    return (format(Decimal(plain), "f") if "e" in plain else plain).removesuffix(".0")


def iso_time(value: datetime) -> str:
    """2026-01-01T00:00:00Z, with microseconds only where there are any. `value` is in UTC."""
    return value.isoformat().removesuffix("+00:00") + "Z"


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                raise FunctionError("the number is not finite")
            return number_text(value)
        case datetime():
            return iso_time(value)
        case date():
            return value.isoformat()
        case _:
            raise FunctionError("the value has no text form")


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "escape_html",
        "markup",
        (Param("text", "str"),),
        "str",
        _escape_html,
        "The text with the signs of HTML written so that they show as themselves. Templates do it on their own.",
        (Example("escape_html('a < b & \"c\"')", "a &lt; b &amp; &quot;c&quot;"),),
        total=False,
        bound="text",
        grows=6,
    ),
    Function(
        "escape_markdown",
        "markup",
        (Param("text", "str"),),
        "str",
        _escape_markdown,
        "The text with the signs of Markdown written so that they show as themselves.",
        (Example("escape_markdown('a*b')", "a\\*b"),),
        total=False,
        bound="text",
        grows=2,
    ),
    Function(
        "strip_html",
        "markup",
        (Param("html", "str"),),
        "str",
        _strip_html,
        "The text of HTML without its marks, scripts and styles, one line a paragraph.",
        (Example("strip_html('<p>a &amp; <b>b</b></p><p>c</p>')", "a & b\nc"),),
        total=False,
        bound="text",
        grows=1,
    ),
    Function(
        "text",
        "markup",
        (Param("value", "scalar"),),
        "str",
        _text,
        "A number, date, moment or true/false as text: shortest digits, ISO 8601, UTC.",
        (Example("text(42)", "42"), Example("text(date('2026-01-31'))", "2026-01-31"), Example("text(true)", "true")),
        total=False,
        bound="text",
    ),
)

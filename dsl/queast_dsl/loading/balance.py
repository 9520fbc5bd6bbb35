"""A light look at an expression's brackets, quotes and last word, without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PAIRS = {"(": ")", "[": "]"}
_OPEN_END = re.compile(r"(?:[|+*/%,(\[<>=!?-]|(?<![\w.])(?:and|or|not|in))\s*\Z")


def outside_quotes(text: str, width: int = 1) -> Iterator[tuple[int, str]]:
    """Yield (offset, `width` characters) for every place that is not inside '…' or "…"."""
    quote = ""
    skip = False
    for offset, char in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            yield offset, text[offset : offset + width]


def is_cut_off(text: str) -> bool:
    """Whether an expression ends in the middle: an open bracket or quote, or an operator last."""
    return _has_open_quote(text) or _has_open_bracket(text) or bool(_OPEN_END.search(text))


def _has_open_quote(text: str) -> bool:
    quote = ""
    skip = False
    for char in text:
        if skip:
            skip = False
        elif quote:
            skip = char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)


def _has_open_bracket(text: str) -> bool:
    wanted: list[str] = []
    for _, char in outside_quotes(text):
        if char in _PAIRS:
            wanted.append(_PAIRS[char])
        elif wanted and char == wanted[-1]:
            wanted.pop()
    return bool(wanted)


def expression_end(text: str) -> int:
    """Return where an expression at the start of `text` ends: at a comma or `}` outside of quotes and brackets."""
    depth = 0
    for offset, char in outside_quotes(text):
        if char in _PAIRS:
            depth += 1
        elif char in _PAIRS.values():
            depth -= 1
        elif char == "}" or (char == "," and depth == 0):
            return len(text[:offset].rstrip())
    return len(text)

"""Text as a YAML scalar on one line: plain where it may be, else in the quotes that need the fewest escapes."""

from __future__ import annotations

import re

_NO_START = re.compile(r"[,\[\]{}#&*!|>'\"%@`\ufeff]|[-?:](?:\s|\Z)|(?:---|\.\.\.)(?:\s|\Z)")
_NO_PART = re.compile(r":(?:\s|\Z)|\s#")
_NO_PART_IN_BRACES = re.compile(r"[,\[\]{}]|:(?=[,?\[\]{}])|\A[?:]")
_PRINTABLE = re.compile(r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def is_on_a_line(text: str) -> bool:
    """Whether a text holds only what a line may hold as it is: no break, tab or other control."""
    return _PRINTABLE.fullmatch(text) is not None


def may_be_plain(text: str, *, in_braces: bool) -> bool:
    """Whether YAML reads the text back when it stands without quotes, inside `{…}` and `[…]` or outside of them.

    `company.name | lower` may;  `lookup(a, b)` not inside {…};  `'a' ?? b`, `a: b` and `a #1` nowhere
    """
    if not text or text != text.strip() or not is_on_a_line(text):
        return False
    if _NO_START.match(text) or _NO_PART.search(text):
        return False
    return not (in_braces and _NO_PART_IN_BRACES.search(text))


def in_quotes(text: str) -> str:
    """Return the text in double quotes, or in single ones where it would need escapes in double ones."""
    if '"' in text or "\\" in text:
        return f"'{in_single(text)}'"
    return f'"{text}"'


def in_single(text: str) -> str:
    return text.replace("'", "''")


def in_double(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

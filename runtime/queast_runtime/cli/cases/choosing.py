"""Which tests `-k` means."""

from __future__ import annotations

import re
from typing import Final

_OR: Final = re.compile(r"\s+or\s+", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and\s+", re.IGNORECASE)
_NOT: Final = re.compile(r"not\s+", re.IGNORECASE)


def means(expr: str, mapping: str, name: str) -> bool:
    """Say whether EXPR chooses a test: a part of its name or mapping, or several with `and`, `or` and a leading `not`.

    means("domain and not shared", "acme-hubspot", "an exact domain wins")  ->  True
    """
    text = f"{mapping} {name}".casefold()
    # A whole name chooses its test, whatever words it has.
    if expr.strip().casefold() in text:
        return True
    return any(all(_holds(term, text) for term in _AND.split(way)) for way in _OR.split(expr.strip()))


def _holds(term: str, text: str) -> bool:
    plain = term.strip()
    refused = _NOT.match(plain)
    if refused is not None:
        return plain[refused.end() :].strip().casefold() not in text
    return plain.casefold() in text

"""Near names for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.72


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name` in spelling, None where none is close.

    nearest("nmae", ["name", "domain"])  ->  "name"
    """
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    found = get_close_matches(name.casefold(), by_folded, n=1, cutoff=_CUTOFF)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return "did you mean `x`?", None where no known name is close."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near is not None else None


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Return names as text for a message, sorted, the rest counted.

    listed(["b", "a"])  ->  "`a`, `b`"
    """
    ordered = sorted(names)
    shown = ", ".join(f"`{name}`" for name in ordered[:limit])
    rest = len(ordered) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown

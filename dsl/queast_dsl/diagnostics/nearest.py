"""Near names for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

_CUTOFF = 0.72
_SHORTEST = 2


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name` in spelling, None where none is close.

    nearest("nmae", ["name", "domain"])  ->  "name"
    """
    return _nearest(name, frozenset(known))


@lru_cache(maxsize=8_192)
def _nearest(name: str, known: frozenset[str]) -> str | None:
    folded = name.casefold()
    by_folded = _by_folded(known)
    found = get_close_matches(folded, by_folded, n=1, cutoff=_CUTOFF)
    if not found:
        # Of short names a slip takes away more than the ratio of what is left in common allows.
        found = [candidate for candidate in by_folded if is_one_slip(folded, candidate)]
    return by_folded[found[0]] if found else None


@lru_cache(maxsize=64)
def _by_folded(known: frozenset[str]) -> dict[str, str]:
    return {candidate.casefold(): candidate for candidate in sorted(known)}


def only_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name where no other is as near: what may be written without asking.

    only_nearest("nmae", ["name", "domain"])  ->  "name";  only_nearest("ab", ["abc", "abd"])  ->  None
    """
    return _only_nearest(name, frozenset(known))


@lru_cache(maxsize=8_192)
def _only_nearest(name: str, names: frozenset[str]) -> str | None:
    near = nearest(name, names)
    if near is None:
        return None
    folded = name.casefold()
    likeness = _likeness(folded, near)
    rivals = (other for other in names if other.casefold() != near.casefold())
    return None if any(_likeness(folded, other) >= likeness for other in rivals) else near


def _likeness(folded: str, other: str) -> float:
    # The order of the arguments is that of `get_close_matches`, and matters.
    return SequenceMatcher(None, other.casefold(), folded).ratio()


def is_one_slip(name: str, meant: str) -> bool:
    """Return whether one slip of the fingers makes `name` of `meant`: a character lost, added, changed or swapped.

    is_one_slip("ulr", "url")  ->  True; one character is too little to tell
    """
    if min(len(name), len(meant)) < _SHORTEST or abs(len(name) - len(meant)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), min(len(name), len(meant)))
    left, right = name[at:], meant[at:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])


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

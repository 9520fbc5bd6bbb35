"""Near names for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from queast_dsl.diagnostics.spellings import Spellings

_CUTOFF = 0.72
_SHORTEST = 2


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name` in spelling, None where none is close.

    nearest("nmae", ["name", "domain"])  ->  "name"
    """
    near, _ = _near(name, _candidates(frozenset(known)))
    return near


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Known names by what they are in lower case. Equal to itself alone, so that a cache need not compare names."""

    by_folded: Mapping[str, str]
    spellings: Spellings


@lru_cache(maxsize=64)
def _candidates(known: frozenset[str]) -> _Candidates:
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    return _Candidates(by_folded, Spellings(by_folded))


@lru_cache(maxsize=8_192)
def _near(name: str, known: _Candidates) -> tuple[str | None, bool]:
    """Return the nearest known name, and whether no other is as near."""
    folded = name.casefold()
    found = known.spellings.likest(folded, _CUTOFF)
    if found:
        return known.by_folded[found[-1]], len(found) == 1
    # Of short names a slip takes away more than the ratio of what is left in common allows.
    slips = known.spellings.sharing_all_but_one(folded)
    near = min((known.by_folded[other] for other in slips if is_one_slip(folded, other)), default=None)
    return near, near is not None and not known.spellings.has_rival(folded, near.casefold())


def only_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name where no other is as near: what may be written without asking.

    only_nearest("nmae", ["name", "domain"])  ->  "name";  only_nearest("ab", ["abc", "abd"])  ->  None
    """
    near, is_only = _near(name, _candidates(frozenset(known)))
    return near if is_only else None


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


def nearest_field(name: str, fields: Sequence[str]) -> str | None:
    """Return the field of one object that a name was meant as, None where none is close.

    Of the fields of which the name is a whole word the first counts before one that is only spelled alike.

    nearest_field("name", ["full_name", "last_name"])  ->  "full_name"
    """
    slip = next((field for field in sorted(fields) if is_one_slip(name.casefold(), field.casefold())), None)
    return slip or next(iter(fields_with(name, fields)), None) or nearest(name, fields)


def fields_with(word: str, fields: Iterable[str]) -> list[str]:
    """Return the fields whose name holds a whole word, in their order."""
    return [field for field in fields if f"_{word.casefold()}_" in f"_{field}_"]


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

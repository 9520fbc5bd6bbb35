"""Names compared with one name by `difflib`, of which only those are compared that can be near it at all.

`SequenceMatcher` costs some 20 µs a pair, and a file may hold thousands of names to compare with thousands. What two
names have in common is no more than the characters of both in any order, and no more than the longest row of
characters of both with gaps: the first costs 0.1 µs, the second 2 µs, and neither changes what is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from math import ceil

# What is rounded must not leave a name out; one too many is found out when it is compared.
_SLACK = 1e-9


class Spellings:
    """Names in lower case, by length, each with the set of its characters: bit n stands for "the second e"."""

    def __init__(self, names: Iterable[str]) -> None:
        self._bits: dict[tuple[str, int], int] = {}
        self._by_length: dict[int, list[tuple[int, str]]] = {}
        for name in names:
            self._by_length.setdefault(len(name), []).append((self._letters(name, is_new=True), name))

    def likest(self, name: str, cutoff: float) -> list[str]:
        """Return the names that are most like one, all as like, by alphabet; none where none is as like as `cutoff`.

        The last of them is what `get_close_matches(name, names, n=1, cutoff)` finds.
        """
        compared = _Compared(name)
        least = cutoff
        found: list[str] = []
        for bound, other in sorted(self._possible(name, cutoff), reverse=True):
            if bound < least:
                break
            likeness = compared.likeness(other, least)
            if likeness > least:
                found.clear()
            if likeness >= least:
                found.append(other)
                least = likeness
        return sorted(found)

    def has_rival(self, name: str, near: str) -> bool:
        """Return whether a name other than `near` is as like `name` as `near` is, or more."""
        compared = _Compared(name)
        least = compared.likeness(near, 0)
        others = sorted(self._possible(name, least), reverse=True)
        return any(compared.likeness(other, least) >= least for _, other in others if other != near)

    def sharing_all_but_one(self, name: str) -> Iterator[str]:
        """Yield the names that have all characters of `name` but one, or one more, in any order."""
        letters = self._letters(name)
        for length in range(len(name) - 1, len(name) + 2):
            least = max(length, len(name)) - 1
            yield from (other for its, other in self._by_length.get(length, ()) if (its & letters).bit_count() >= least)

    def _possible(self, name: str, least: float) -> Iterator[tuple[float, str]]:
        """Yield the names that may be as like as `least`, each with the most that its likeness can be."""
        letters = self._letters(name)
        for length, names in self._by_length.items():
            both = length + len(name)
            needed = ceil(least * both / 2 - _SLACK)
            if needed > min(length, len(name)):
                continue
            for its, other in names:
                if (common := (its & letters).bit_count()) >= needed:
                    yield _ratio(common, both), other

    def _letters(self, name: str, *, is_new: bool = False) -> int:
        counts: dict[str, int] = {}
        letters = 0
        for letter in name:
            nth = counts[letter] = counts.get(letter, 0) + 1
            if is_new:
                self._bits.setdefault((letter, nth), 1 << len(self._bits))
            letters |= self._bits.get((letter, nth), 0)
        return letters


class _Compared:
    """One name that others are compared with. The order of the two matters, and is that of `get_close_matches`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._matcher: SequenceMatcher[str] = SequenceMatcher(None, "", name)
        self._places: dict[str, int] = {}
        for place, letter in enumerate(name):
            self._places[letter] = self._places.get(letter, 0) | 1 << place

    def likeness(self, other: str, least: float) -> float:
        """Return how like the other is, from 0 to 1; where that is under `least`, some number under `least`."""
        bound = _ratio(self._longest_row(other), len(self._name) + len(other))
        if bound < least:
            return bound
        self._matcher.set_seq1(other)
        return self._matcher.ratio()

    def _longest_row(self, other: str) -> int:
        """Return the length of the longest common subsequence, a column of its table at once (Hyyrö 2004)."""
        full = (1 << len(self._name)) - 1
        column = full
        for letter in other:
            met = column & self._places.get(letter, 0)
            column = ((column + met) | (column - met)) & full
        return len(self._name) - column.bit_count()


def _ratio(common: int, length: int) -> float:
    # As `difflib` reckons it, to the last digit.
    return 2.0 * common / length if length else 1.0

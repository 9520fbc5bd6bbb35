"""Which characters of two names differ, for a page that marks them.

`differences("Solvay", "Solvac")  ->  ((Run("Solva", False), Run("y", True)), (Run("Solva", False), Run("c", True)))`
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

# Comparing is quadratic in the worst case, and nobody compares more than this by eye.
_COMPARED: Final = 240
# A run of equal characters this short between two differences reads as noise.
_NOISE: Final = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters that are all the same on both sides, or all not."""

    text: str
    differs: bool


def differences(ours: str, theirs: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Return both texts as runs, whole and in order. A letter and its combining marks are never parted."""
    if ours == theirs:
        return _whole(ours, False), _whole(theirs, False)
    left, right = _letters(ours[:_COMPARED]), _letters(theirs[:_COMPARED])
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    kept = [
        each
        for each in blocks
        if each.size > _NOISE or (each.size and (each.a == 0 == each.b or each.a + each.size == len(left)))
    ]
    if not kept:
        return _whole(ours, True), _whole(theirs, True)
    return (
        _runs(left, [(each.a, each.size) for each in kept], ours[_COMPARED:]),
        _runs(right, [(each.b, each.size) for each in kept], theirs[_COMPARED:]),
    )


def lookalikes(ours: str, theirs: str) -> str | None:
    """Return a sentence where the two texts are written in different alphabets, which may look alike, or None."""
    left, right = _alphabets(ours), _alphabets(theirs)
    if left == right or not left or not right:
        return None
    return f"ours is written in {_listed(left)} letters, theirs in {_listed(right)}"


def _letters(text: str) -> list[str]:
    letters: list[str] = []
    for each in text:
        if letters and unicodedata.combining(each):
            letters[-1] += each
        else:
            letters.append(each)
    return letters


def _runs(letters: list[str], same: list[tuple[int, int]], rest: str) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = 0
    for start, size in same:
        runs.append(Run("".join(letters[at:start]), True))
        runs.append(Run("".join(letters[start : start + size]), False))
        at = start + size
    runs.append(Run("".join(letters[at:]), True))
    runs.append(Run(rest, True))
    return tuple(each for each in runs if each.text)


def _whole(text: str, differs: bool) -> tuple[Run, ...]:
    return (Run(text, differs),) if text else ()


def _alphabets(text: str) -> tuple[str, ...]:
    found = {
        unicodedata.name(each, "unknown").split(" ")[0].split("-")[0].capitalize() for each in text if each.isalpha()
    }
    return tuple(sorted(found))


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)

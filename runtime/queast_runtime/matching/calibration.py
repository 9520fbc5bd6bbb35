"""Fits the threshold of links by name to what people answered.

Of each case counts the best candidate: its score, and whether a person said that it is the one. A threshold holds where
  - the lower bound of the precision of all links from it on reaches the target,
  - the precision at the threshold itself reaches it too, by a fit that never falls as the score rises, and
  - below the threshold of today: all that is at least `LOWER_TARGET`, and what would be linked newly reaches that
    without help from the links above.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from queast_runtime.matching.confidence import Share, missing, share

# The breaker stops a connection at 2 % rejected links; a threshold must be shown to stay clear of that.
TARGET: Final = 0.98
# What is lowered must be shown to be as precise as the shipped default is (`docs/matching.md`): less would trade the
# evidence of many thousand records for that of a few hundred.
LOWER_TARGET: Final = 0.997
_STEPS: Final = 100
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """The best candidate of a case: its score, 0 to 1, and whether a person said that it is the one."""

    score: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Answers whose score lies from `low` up to, and not at, `high`."""

    low: float
    high: float
    precision: Share


@dataclass(frozen=True, slots=True)
class Proposed:
    """`threshold` in hundredths holds by the answers from it on. `is_lower` where it lies below today's."""

    threshold: float
    precision: Share
    is_lower: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Today's threshold holds, and no lower one does."""

    precision: Share


@dataclass(frozen=True, slots=True)
class TooFew:
    """Nothing speaks against today's threshold, and too little for it: `missing` more right answers would."""

    precision: Share
    missing: int


@dataclass(frozen=True, slots=True)
class NoneHolds:
    """People rejected too many from today's threshold on, and no higher one holds either."""

    precision: Share
    missing: int


Calibration = Proposed | Kept | TooFew | NoneHolds


def calibrate(
    judged: Sequence[Judged],
    today: float,
    floor: float = 0.0,
    target: float = TARGET,
    lower_target: float = LOWER_TARGET,
) -> Calibration:
    """Propose a threshold at or above `floor` (the policy's bound) in the place of `today`."""
    answers = _Answers.of(judged)
    above = answers.between(today)
    holds = above.lower >= target and answers.fitted(today) >= target
    for threshold in answers.thresholds():
        if threshold < floor - _ROUNDING or (holds and threshold >= today - _ROUNDING):
            continue
        found = answers.between(threshold)
        is_lower = threshold < today - _ROUNDING
        needed = max(target, lower_target) if is_lower else target
        if found.lower < needed or answers.fitted(threshold) < needed:
            continue
        if is_lower and answers.between(threshold, today).lower < needed:
            continue
        if is_lower or above.right < above.total:
            return Proposed(threshold, found, is_lower)
    if holds:
        return Kept(above)
    more = missing(above.right, above.total, target)
    return TooFew(above, more) if above.upper >= target else NoneHolds(above, more)


def bands(judged: Sequence[Judged], width: float = 0.05) -> tuple[Band, ...]:
    """Return the precision of each band of scores that has answers, highest first."""
    answers = _Answers.of(judged)
    count = round(1 / width)
    made = []
    for n in range(count - 1, -1, -1):
        low, high = n * width, (n + 1) * width if n < count - 1 else 1.0 + width
        precision = answers.between(low, high)
        if precision.total:
            made.append(Band(round(low, 4), min(round(high, 4), 1.0), precision))
    return tuple(made)


def isotonic(judged: Sequence[Judged]) -> tuple[tuple[float, float], ...]:
    """Return (score, precision) for each distinct score, rising: the least-squares fit that never falls.

    Pool adjacent violators (Ayer et al. 1955): right and wrong at 0.8, right at 0.9, wrong at 0.95  ->  0.5 at each.
    """
    at: dict[float, list[int]] = {}
    for each in judged:
        counts = at.setdefault(each.score, [0, 0])
        counts[0] += each.is_right
        counts[1] += 1
    pools: list[tuple[int, int, int]] = []
    for score in sorted(at):
        right, total = at[score]
        pool = (right, total, 1)
        while pools and pools[-1][0] * pool[1] >= pool[0] * pools[-1][1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    values = [right / total for right, total, width in pools for _ in range(width)]
    return tuple(zip(sorted(at), values, strict=True))


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers by rising score. `right[n]` counts the right ones among the first n."""

    scores: tuple[float, ...]
    right: tuple[int, ...]
    fit: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> _Answers:
        ordered = sorted(judged, key=lambda each: each.score)
        right = [0]
        for each in ordered:
            right.append(right[-1] + each.is_right)
        return cls(tuple(each.score for each in ordered), tuple(right), isotonic(judged))

    def between(self, low: float, high: float | None = None) -> Share:
        first = bisect_left(self.scores, low - _ROUNDING)
        last = len(self.scores) if high is None else max(first, bisect_left(self.scores, high - _ROUNDING))
        return share(self.right[last] - self.right[first], last - first)

    def fitted(self, threshold: float) -> float:
        """Return the fit at the lowest score that the threshold lets through, 1 where none does."""
        return next((value for score, value in self.fit if score >= threshold - _ROUNDING), 1.0)

    def thresholds(self) -> list[float]:
        """Return the hundredths at or next above an answer's score, lowest first; none where nobody answered."""
        return sorted({min(ceil((score - _ROUNDING) * _STEPS) / _STEPS, 1.0) for score in self.scores})

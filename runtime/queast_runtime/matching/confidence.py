"""How far a share can be trusted that was counted in a few cases: Wilson's interval (Wilson 1927)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `total`, with the 95 % interval `lower`..`upper` of the share behind them (0..1 of nothing)."""

    right: int
    total: int
    lower: float
    upper: float

    @property
    def value(self) -> float | None:
        """The share itself, None of nothing."""
        return self.right / self.total if self.total else None


def share(right: int, total: int, z: float = Z95) -> Share:
    """`share(189, 189)` -> lower 0.9801; `share(0, 0)` -> 0..1. Raises ValueError unless 0 <= right <= total."""
    if not 0 <= right <= total:
        raise ValueError(f"{right} of {total} is no share")
    if total == 0:
        return Share(0, 0, 0.0, 1.0)
    value, square = right / total, z * z
    middle = value + square / (2 * total)
    spread = z * sqrt(value * (1 - value) / total + square / (4 * total * total))
    scale = 1 + square / total
    # Rounding puts the bounds a hair beyond the share itself where it is 0 or 1.
    lower = min(max(0.0, (middle - spread) / scale), value)
    return Share(right, total, lower, max(min(1.0, (middle + spread) / scale), value))


def missing(right: int, total: int, target: float) -> int:
    """Return how many more cases, all of them right, bring the lower bound to `target` (0 < target < 1)."""
    low, high = 0, 1
    while share(right + high, total + high).lower < target:
        low, high = high, high * 2
    if share(right, total).lower >= target:
        return 0
    while high - low > 1:
        half = (low + high) // 2
        if share(right + half, total + half).lower < target:
            low = half
        else:
            high = half
    return high

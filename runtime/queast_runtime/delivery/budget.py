"""How many requests a destination may be sent: several sliding windows at once, none ever exceeded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from queast_runtime.ports import Tuning

# The rest of a day's quota belongs to the tenant's other integrations.
DAILY_SHARE: Final = 0.8
_DAY_S: Final = 86_400.0
_GRAINS: Final = 50


@dataclass(frozen=True, slots=True)
class Window:
    """`limit` units in any `seconds`. `ops` are globs of `object.operation`; `costed` counts cost, not requests."""

    name: str
    limit: float
    seconds: float
    ops: tuple[str, ...]
    costed: bool


@dataclass(frozen=True, slots=True)
class Tariff:
    """The manifest's windows, and what one operation costs of a costed one (first match wins, else 1)."""

    windows: tuple[Window, ...]
    costs: tuple[tuple[tuple[str, ...], float], ...]

    def cost(self, window: Window, operation: str) -> float:
        if not _fits(operation, window.ops):
            return 0.0
        if not window.costed:
            return 1.0
        return next((cost for ops, cost in self.costs if _fits(operation, ops)), 1.0)


def read_tariff(manifest: Mapping[str, Any], connector: str, tuning: Tuning) -> Tariff:
    """Read a manifest's `rate_limit`; an operator's rate for the connector (requests a second) replaces its windows."""
    rate = tuning.rates.get(connector)
    if rate is not None:
        return Tariff((Window("operator", max(rate, 1.0), max(1.0, 1.0 / rate), ("*",), False),), ())
    section = manifest.get("rate_limit", {})
    windows = tuple(
        Window(
            budget["id"],
            budget["limit"] * (DAILY_SHARE if budget["window_s"] >= _DAY_S else 1.0),
            float(budget["window_s"]),
            tuple(budget["ops"]),
            bool(budget.get("cost", False)),
        )
        for budget in section.get("budgets", ())
    )
    return Tariff(windows, tuple((tuple(row["ops"]), float(row["cost"])) for row in section.get("costs", ())))


@dataclass(slots=True)
class Budget:
    """Spent units of the last window of each kind, in memory; day-long windows start from `spent_today`.

    A process starts as if it had just spent each short window evenly at the full rate: after a restart the first
    window holds no burst on top of what an earlier process sent.
    """

    tariff: Tariff
    _spent: dict[str, deque[tuple[float, float]]] = field(default_factory=dict)
    _sums: dict[str, float] = field(default_factory=dict)

    def start(self, now_s: float, *, after_restart: bool, spent_today: Mapping[str, float]) -> None:
        """Set the scene. `now_s` is monotonic."""
        for window in self.tariff.windows:
            if window.seconds >= _DAY_S:
                rows = [(now_s, spent_today.get(window.name, 0.0))]
            elif after_restart:
                step = window.seconds / _GRAINS
                rows = [(now_s - window.seconds + step * (n + 1), window.limit / _GRAINS) for n in range(_GRAINS)]
            else:
                rows = []
            self._spent[window.name] = deque(rows)
            self._sums[window.name] = sum(cost for _, cost in rows)

    def wait_s(self, operation: str, now_s: float) -> float:
        """Seconds until `operation` fits into every window; 0.0 if it does now. Spends nothing."""
        return max((self._wait(window, operation, now_s) for window in self.tariff.windows), default=0.0)

    def exhausted_s(self, now_s: float) -> float:
        """Seconds until a day-long window has room for anything at all; such waits hold a connection unclaimed."""
        days = (window for window in self.tariff.windows if window.seconds >= _DAY_S)
        return max((self._wait(window, "*", now_s) for window in days), default=0.0)

    def spend(self, operation: str, now_s: float) -> dict[str, float]:
        """Take the operation's cost from every window; return what day-long windows were charged."""
        charged: dict[str, float] = {}
        for window in self.tariff.windows:
            cost = self.tariff.cost(window, operation)
            if cost == 0.0:
                continue
            self._spent.setdefault(window.name, deque()).append((now_s, cost))
            self._sums[window.name] = self._sums.get(window.name, 0.0) + cost
            if window.seconds >= _DAY_S:
                charged[window.name] = cost
        return charged

    def _wait(self, window: Window, operation: str, now_s: float) -> float:
        cost = self.tariff.cost(window, operation)
        if cost == 0.0:
            return 0.0
        rows = self._spent.setdefault(window.name, deque())
        total = self._sums.get(window.name, 0.0)
        while rows and rows[0][0] <= now_s - window.seconds:
            total -= rows.popleft()[1]
        self._sums[window.name] = total if rows else 0.0
        excess = self._sums[window.name] + cost - window.limit
        if excess <= 1e-9:
            return 0.0
        for moment, spent in rows:
            excess -= spent
            if excess <= 1e-9:
                return moment + window.seconds - now_s
        # One operation dearer than the whole window: it goes alone, when the window is empty.
        return rows[-1][0] + window.seconds - now_s if rows else 0.0


def _fits(operation: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(operation, glob) for glob in globs)

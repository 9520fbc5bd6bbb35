"""How many requests a destination may be sent: several sliding windows at once, none ever exceeded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from heapq import merge
from math import ceil
from typing import Any, Final, Literal

from queast_runtime.ports import Tuning

# The rest of a day's quota belongs to the tenant's other integrations.
DAILY_SHARE: Final = 0.8
_DAY_S: Final = 86_400.0
_GRAINS: Final = 50
# A day at full rate is kept in this many rows, each rounded to its later end.
_DAY_GRAINS: Final = 1_440
Scope = Literal["credential", "connection", "account"]


@dataclass(frozen=True, slots=True)
class Window:
    """`limit` units in any `seconds`. `ops` are globs of `object.operation`; `costed` counts cost, not requests.

    `scope` says who shares it. `whole` is the destination's own limit, of which ours may be a part;
    `remaining_header` names the answer header that says what is left of it, None where there is none.
    """

    name: str
    limit: float
    seconds: float
    ops: tuple[str, ...]
    costed: bool
    scope: Scope = "connection"
    whole: float = 0.0
    remaining_header: str | None = None

    @property
    def day_long(self) -> bool:
        return self.seconds >= _DAY_S


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
    budgets = section.get("budgets", ())
    longest = max((budget["window_s"] for budget in budgets), default=0.0)
    windows = tuple(
        Window(
            budget["id"],
            budget["limit"] * (DAILY_SHARE if budget["window_s"] >= _DAY_S else 1.0),
            float(budget["window_s"]),
            tuple(budget["ops"]),
            bool(budget.get("cost", False)),
            budget.get("scope", "connection"),
            float(budget["limit"]),
            budget.get("remaining_header")
            or (section.get("remaining_header") if budget["window_s"] == longest else None),
        )
        for budget in budgets
    )
    return Tariff(windows, tuple((tuple(row["ops"]), float(row["cost"])) for row in section.get("costs", ())))


@dataclass(slots=True)
class Meter:
    """What was spent of one window by everybody who shares it: (moment, cost), oldest first, on a monotonic clock.

    `foreign` is what the destination says others spent, until `foreign_until`.
    """

    rows: deque[tuple[float, float]] = field(default_factory=deque)
    total: float = 0.0
    foreign: float = 0.0
    foreign_until: float = 0.0

    def add(self, moment_s: float, cost: float) -> None:
        if self.rows and self.rows[-1][0] >= moment_s:
            moment_s, before = self.rows.pop()
            self.rows.append((moment_s, before + cost))
        else:
            self.rows.append((moment_s, cost))
        self.total += cost

    def spent(self, now_s: float, seconds: float) -> float:
        """Return what counts now; what is older than the window is forgotten."""
        while self.rows and self.rows[0][0] <= now_s - seconds:
            self.total -= self.rows.popleft()[1]
        if not self.rows:
            self.total = 0.0
        if self.foreign_until <= now_s:
            self.foreign = 0.0
        return self.total + self.foreign

    def ends(self, seconds: float) -> Iterator[tuple[float, float]]:
        """When each spending stops counting, soonest first."""
        own = ((moment + seconds, cost) for moment, cost in self.rows)
        return merge(own, [(self.foreign_until, self.foreign)] if self.foreign else [])


def merged(meters: Sequence[Meter]) -> Meter:
    """Return what was spent of several windows together; of what others spent, the most that was told."""
    rows = deque(sorted(row for each in meters for row in each.rows))
    most = max(meters, key=lambda each: each.foreign, default=Meter())
    return Meter(rows, sum(each.total for each in meters), most.foreign, most.foreign_until)


def succession(old: Tariff, new: Tariff) -> Iterator[tuple[Window, Window]]:
    """Yield each day-long window of a new tariff with the one of the old whose spending it goes on with: that of its
    name, else one of its length and scope, of its length, or any that is day-long, the narrowest first: a new name
    grants nothing again."""
    days = [window for window in old.windows if window.day_long]
    for window in new.windows:
        if window.day_long and days:
            yield (
                window,
                min(
                    days,
                    key=lambda was: (
                        was.name != window.name,
                        was.seconds != window.seconds,
                        was.scope != window.scope,
                        was.limit,
                    ),
                ),
            )


@dataclass(slots=True)
class Budget:
    """The windows of one connection. A window whose meter is given is shared with whoever else holds that meter.

    A process starts as if it had just spent each short window evenly at the full rate: after a restart the first
    window holds no burst on top of what an earlier process sent.
    """

    tariff: Tariff
    meters: dict[str, Meter] = field(default_factory=dict)

    def start(self, now_s: float, *, after_restart: bool, history: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Set the scene. `now_s` is monotonic; `history` holds (age in seconds, cost) for day-long windows."""
        for window in self.tariff.windows:
            meter = self._meter(window)
            if window.day_long:
                known = [*meter.rows, *((now_s - age_s, cost) for age_s, cost in history.get(window.name, ()))]
                meter.rows, meter.total = deque(sorted(known)), sum(cost for _, cost in known)
            elif after_restart and not meter.rows:
                step = window.seconds / _GRAINS
                for n in range(_GRAINS):
                    meter.add(now_s - window.seconds + step * (n + 1), window.limit / _GRAINS)

    def wait_s(self, operation: str, now_s: float) -> float:
        """Seconds until `operation` fits into every window; 0.0 if it does now. Spends nothing."""
        return max((self._wait(window, operation, now_s) for window in self.tariff.windows), default=0.0)

    def exhausted_s(self, now_s: float) -> float:
        """Seconds until a day-long window has room for anything at all; such waits hold a connection unclaimed."""
        days = (window for window in self.tariff.windows if window.day_long)
        return max((self._wait(window, "*", now_s) for window in days), default=0.0)

    def spend(self, operation: str, now_s: float) -> dict[str, float]:
        """Take the operation's cost from every window; return what day-long windows were charged."""
        charged: dict[str, float] = {}
        for window in self.tariff.windows:
            cost = self.tariff.cost(window, operation)
            if cost == 0.0:
                continue
            if window.day_long:
                grain = window.seconds / _DAY_GRAINS
                self._meter(window).add(ceil(now_s / grain) * grain, cost)
                charged[window.name] = cost
            else:
                self._meter(window).add(now_s, cost)
        return charged

    def learn(self, headers: Mapping[str, str], now_s: float, day_ends_s: float) -> None:
        """Take an answer's word on what is left, where it is less than we thought. Never grants more.

        `headers` have lower-case names. A day's quota is whole again in `day_ends_s` seconds, a shorter window's
        after its own length.
        """
        for window in self.tariff.windows:
            left = _number(headers.get((window.remaining_header or "").lower()))
            if left is None:
                continue
            meter = self._meter(window)
            meter.spent(now_s, window.seconds)
            foreign = window.whole - left - meter.total
            if foreign > meter.foreign:
                meter.foreign = foreign
                meter.foreign_until = now_s + (day_ends_s if window.day_long else window.seconds)

    def _meter(self, window: Window) -> Meter:
        return self.meters.setdefault(window.name, Meter())

    def _wait(self, window: Window, operation: str, now_s: float) -> float:
        cost = self.tariff.cost(window, operation)
        if cost == 0.0:
            return 0.0
        meter = self._meter(window)
        excess = meter.spent(now_s, window.seconds) + cost - window.limit
        if excess <= 1e-9:
            return 0.0
        latest_s = now_s
        for end_s, spent in meter.ends(window.seconds):
            excess, latest_s = excess - spent, end_s
            if excess <= 1e-9:
                break
        # One operation dearer than the whole window goes alone, when the window is empty.
        return max(latest_s - now_s, 0.0)


def _number(text: str | None) -> float | None:
    """A count as a header tells it; None for anything else."""
    if text is None:
        return None
    digits = text.strip()
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _fits(operation: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(operation, glob) for glob in globs)

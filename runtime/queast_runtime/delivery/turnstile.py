"""The gate of one connection: every request of its driver waits here for its turn and is charged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from queast_runtime.connectors.errors import seconds_to_midnight
from queast_runtime.delivery.budget import Budget
from queast_runtime.ports import Clock
from queast_runtime.ports.store import Transaction

# A longer wait gives the claim back: a delivery that is being sent cannot be shown, paused or cancelled.
PATIENCE_S: Final = 30.0
SPENT: Final = "spent:"
_HOUR_S: Final = 3600.0


@dataclass(slots=True)
class Turnstile:
    """`Gate` over one budget. `nap` waits seconds; `zone` is the account's time zone, where its day ends.

    `shut` holds everybody back, those who wait already too: the connection is paused.

    What day-long windows were charged is kept by the hour in the store, by whoever commits next.
    """

    budget: Budget
    clock: Clock
    zone: str
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    started: bool = False
    shut: bool = False
    _stop: asyncio.Event | None = None
    _unsaved: dict[str, float] = field(default_factory=dict)

    def open(self, stop: asyncio.Event) -> None:
        """Let requests through until `stop`; from then on nobody waits, and nothing more is sent."""
        self._stop, self.shut = stop, False

    async def enter(self, operation: str) -> float | None:
        """See `Gate.enter`."""
        while True:
            if self.shut or (self._stop is not None and self._stop.is_set()):
                return 0.0
            wait_s = self.budget.wait_s(operation, self.clock.monotonic())
            if wait_s <= 0:
                break
            if wait_s > PATIENCE_S:
                return wait_s
            await resting(self.nap, wait_s, self._stop)
        for window, cost in self.budget.spend(operation, self.clock.monotonic()).items():
            self._unsaved[window] = self._unsaved.get(window, 0.0) + cost
        return None

    def learn(self, headers: Mapping[str, str]) -> None:
        """See `Gate.learn`."""
        day_ends_s = seconds_to_midnight(self.clock.now(), self.zone)
        self.budget.learn(headers, self.clock.monotonic(), day_ends_s)

    def exhausted_s(self) -> float:
        """Seconds until a day's quota has room again; 0.0 where it has."""
        return self.budget.exhausted_s(self.clock.monotonic())

    def unsaved(self) -> dict[str, float]:
        return dict(self._unsaved)

    def saved(self, spent: Mapping[str, float]) -> None:
        """Forget what `keep_spent` made durable."""
        for window, cost in spent.items():
            self._unsaved[window] -= cost
            if self._unsaved[window] <= 0:
                del self._unsaved[window]

    def start(self, after_restart: bool, now: datetime, days: Mapping[datetime, Mapping[str, int]]) -> None:
        """Begin with what earlier processes spent. `days` holds the counters of each UTC day, by its first moment."""
        history: dict[str, list[tuple[float, float]]] = {}
        for day, counters in days.items():
            for name, cost in counters.items():
                window, _, hour = name.removeprefix(SPENT).rpartition("@")
                if name.startswith(SPENT) and hour.isdigit():
                    # Spent at the latest when its hour ended.
                    age_s = (now - day).total_seconds() - (int(hour) + 1) * _HOUR_S
                    history.setdefault(window, []).append((max(age_s, 0.0), float(cost)))
        self._inherit(history)
        self.budget.start(self.clock.monotonic(), after_restart=after_restart, history=history)
        self.started = True

    def _inherit(self, history: dict[str, list[tuple[float, float]]]) -> None:
        """Let a day-long window that was given another name go on with what the one before it was charged: what is
        known of a window that is gone, up to when this one was charged first."""
        days = {window.name for window in self.budget.tariff.windows if window.day_long}
        gone = [rows for name, rows in history.items() if name not in days]
        if not gone:
            return
        most = max(gone, key=lambda rows: sum(cost for _, cost in rows))
        for name in days:
            own = history.setdefault(name, [])
            since_s = max((age_s for age_s, _ in own), default=0.0)
            own.extend([row for row in most if row[0] >= since_s])


def keep_spent(tx: Transaction, tenant: str, connection: str, spent: Mapping[str, float], now: datetime) -> None:
    """Write down what day-long windows were charged, so that a restart does not grant it again."""
    for window, cost in spent.items():
        tx.count(tenant, connection, now.date(), f"{SPENT}{window}@{now.hour:02}", round(cost))


async def resting(nap: Callable[[float], Awaitable[None]], seconds: float, stop: asyncio.Event | None) -> None:
    """Wait that long, or until `stop`."""
    if stop is None:
        await nap(seconds)
        return
    waits = {asyncio.ensure_future(nap(seconds)), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()

"""The seeded schedule of faults: the n-th request to a double always meets the same fate under the same seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, replace
from typing import Literal, get_args

Fault = Literal[
    "rate_limited",
    "quota_exhausted",
    "server_error",
    "unavailable",
    "hang_before",
    "hang_after",
    "late",
    "reset_before",
    "reset_after",
    "items",
    "unaccounted",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Shares of requests, 0 to 1, that meet each fault.

    `rate_limited` 429 with Retry-After; `quota_exhausted` 429 for the day; `server_error` 500; `unavailable` 503;
    `hang_before` never processed, never answered; `hang_after` processed, never answered; `late` processed after the
    caller's timeout (creates only, elsewhere as hang_after); `reset_before` and `reset_after` cut the connection;
    `items` fails some inputs of a batch (207); `unaccounted` leaves one input of a batch unmentioned (207).
    """

    rate_limited: float = 0.0
    quota_exhausted: float = 0.0
    server_error: float = 0.0
    unavailable: float = 0.0
    hang_before: float = 0.0
    hang_after: float = 0.0
    late: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    items: float = 0.0
    unaccounted: float = 0.0

    def __post_init__(self) -> None:
        shares = [getattr(self, entry.name) for entry in fields(self)]
        if any(share < 0 for share in shares) or sum(shares) > 1:
            raise ValueError("fault rates must each be at least 0 and together at most 1")


# Roughly one request in sixteen suffers, and one batch in eight: enough that a demonstration meets each kind.
MODERATE = FaultRates(
    rate_limited=0.008,
    server_error=0.012,
    unavailable=0.008,
    hang_before=0.003,
    hang_after=0.004,
    late=0.004,
    reset_before=0.008,
    reset_after=0.012,
    items=0.05,
    unaccounted=0.03,
)


@dataclass(slots=True)
class FaultSchedule:
    """Decides the fate of one double's requests. `queue` comes before the rates: fates that were asked for by name."""

    double: str
    seed: int
    rates: FaultRates = field(default_factory=FaultRates)
    retry_after_s: int = 1
    queue: list[Fault] = field(default_factory=list)
    drawn: int = 0

    def draw(self, *, batch: bool) -> tuple[Fault | None, int]:
        """Return the next request's fate and a seed for its details. Batch faults spare other requests."""
        self.drawn += 1
        digest = hashlib.blake2b(f"{self.seed}|{self.double}|{self.drawn}".encode(), digest_size=16).digest()
        details = int.from_bytes(digest[8:], "big")
        if self.queue:
            if self.queue[0] not in ("items", "unaccounted") or batch:
                return self.queue.pop(0), details
            return None, details
        return self._by_share(int.from_bytes(digest[:8], "big") / 2**64, batch=batch), details

    def change(self, rates: dict[str, float] | None, queue: list[Fault] | None, seed: int | None) -> None:
        """Replace what is given and start counting anew with a new seed. Raises ValueError, TypeError for bad rates."""
        if rates is not None:
            self.rates = replace(FaultRates(), **rates)
        if queue is not None:
            unknown = [fault for fault in queue if fault not in FAULTS]
            if unknown:
                raise ValueError(f"no fault is called {unknown[0]}; there are {', '.join(FAULTS)}")
            self.queue = list(queue)
        if seed is not None:
            self.seed, self.drawn = seed, 0

    def _by_share(self, point: float, *, batch: bool) -> Fault | None:
        edge = 0.0
        for fault in FAULTS:
            edge += getattr(self.rates, fault)
            if point < edge:
                return fault if batch or fault not in ("items", "unaccounted") else None
        return None

"""A search index that lags behind writes, as both vendors' search does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from queast_runtime.sandbox.exchange import JsonObject


class LaggingIndex:
    """Rows as a search sees them: a write shows up `lag_s` seconds later. `monotonic` gives seconds."""

    def __init__(self, lag_s: float, monotonic: Callable[[], float]) -> None:
        self.lag_s = lag_s
        self._monotonic = monotonic
        self._waiting: deque[tuple[float, str, JsonObject | None]] = deque()
        self._seen: dict[str, JsonObject] = {}

    def note(self, key: str, row: JsonObject | None, *, at_once: bool = False) -> None:
        """Take a row's new content (None: it is gone)."""
        visible_at = self._monotonic() + (0.0 if at_once else self.lag_s)
        self._waiting.append((visible_at, key, row))

    def rows(self) -> dict[str, JsonObject]:
        """Return what a search sees now."""
        now = self._monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, key, row = self._waiting.popleft()
            if row is None:
                self._seen.pop(key, None)
            else:
                self._seen[key] = row
        return self._seen

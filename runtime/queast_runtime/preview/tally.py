"""Counting what is different, on disk: the memory it takes does not grow with the number of events."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_FLUSH: Final = 5_000


class Tally:
    """Distinct things by name: `add("industry", "c_7")` is counted once however often it is said.

    Use it as a context manager; the file is the caller's to remove.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4096"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE seen (counted INTEGER, what TEXT, PRIMARY KEY (counted, what)) WITHOUT ROWID"
        )
        self._numbers: dict[tuple[str, ...], int] = {}
        self._recent: set[tuple[int, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, counted: tuple[str, ...], what: str) -> None:
        """Count `what` among those of `counted`, unless it was."""
        self._recent.add((self._numbers.setdefault(counted, len(self._numbers)), what))
        if len(self._recent) >= _FLUSH:
            self._flush()

    def has(self, counted: tuple[str, ...], what: str) -> bool:
        """Whether `what` was counted there already."""
        number = self._numbers.get(counted)
        if number is None:
            return False
        if (number, what) in self._recent:
            return True
        found = self._database.execute("SELECT 1 FROM seen WHERE counted = ? AND what = ?", (number, what))
        return found.fetchone() is not None

    def count(self, counted: tuple[str, ...]) -> int:
        """How many distinct things were added there."""
        self._flush()
        number = self._numbers.get(counted, -1)
        found: int = self._database.execute("SELECT count(*) FROM seen WHERE counted = ?", (number,)).fetchone()[0]
        return found

    def _flush(self) -> None:
        if not self._recent:
            return
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", sorted(self._recent))
        self._database.execute("COMMIT")
        self._recent.clear()

"""What the doubles hold: tables in memory, each change appended to a journal that a restart replays."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import IO, Any

from queast_runtime.sandbox.exchange import Call, JsonObject

_FILE = "journal.jsonl"


class State:
    """Tables of JSON rows by key, plus counters.

    Rows are journalled as they change (flushed, not synced: killing an engine must not matter, a power cut may).
    Counters are written when the sandbox stops. A torn last line, left by a kill, is ignored.
    """

    def __init__(self, folder: Path | None) -> None:
        self._tables: dict[str, dict[str, JsonObject]] = {}
        self.counters: Counter[str] = Counter()
        self._journal: IO[str] | None = None
        self._path = None if folder is None else folder / _FILE
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._replay(self._path)
            self._journal = self._path.open("a", encoding="utf-8")

    def get(self, table: str, key: str) -> JsonObject | None:
        return self._tables.get(table, {}).get(key)

    def rows(self, table: str) -> dict[str, JsonObject]:
        """Return a table's rows by key, in the order of their first writing."""
        return self._tables.get(table, {})

    def put(self, table: str, key: str, row: JsonObject) -> None:
        """Store `row`; the caller hands it over and changes it no more."""
        self._tables.setdefault(table, {})[key] = row
        self._write({"table": table, "key": key, "row": row})

    def next_number(self, table: str, start: int) -> int:
        """Return the next free id of a table."""
        taken = self._tables.setdefault("numbers", {}).get(table, {"last": start - 1})
        number = int(taken["last"]) + 1
        self.put("numbers", table, {"last": number})
        return number

    def violation(self, double: str, rule: str, call: Call, detail: str) -> None:
        """Count a breach of the vendor's contract, whatever the request was answered."""
        number = len(self.rows("violations")) + 1
        row = {"double": double, "rule": rule, "method": call.method, "path": call.path, "detail": detail[:500]}
        self.put("violations", str(number), row)
        self.counters[f"{double}.violations"] += 1

    def violations(self, double: str | None = None) -> list[JsonObject]:
        return [row for row in self.rows("violations").values() if double is None or row["double"] == double]

    def reset(self) -> None:
        """Forget every row and counter, on disk too."""
        self._tables.clear()
        self.counters.clear()
        if self._journal is not None:
            self._journal.truncate(0)

    def close(self) -> None:
        """Write the counters and close the journal."""
        if self._journal is not None:
            self._write({"counters": dict(self.counters)})
            self._journal.close()
            self._journal = None

    def _write(self, line: JsonObject) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            self._journal.flush()

    def _replay(self, path: Path) -> None:
        if not path.exists():
            return
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if whole != text:
            path.write_bytes(whole)
        for line in whole.splitlines():
            self._apply(json.loads(line))

    def _apply(self, line: dict[str, Any]) -> None:
        if "counters" in line:
            self.counters = Counter(line["counters"])
        else:
            self._tables.setdefault(line["table"], {})[line["key"]] = line["row"]

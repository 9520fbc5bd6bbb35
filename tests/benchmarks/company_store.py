"""`python -m tests.benchmarks.company_store COUNT`: the rule by name over the store, as deliveries ask it.

Prints a JSON object: seconds of CPU to mirror so many records into SQLite, decisions a second of CPU, and the 99th of a
hundred and the slowest in milliseconds. Unlike the index in memory, each decision reads tables and opens sealed cards.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.company_names import MadeUp, queries, records

from queast_runtime.delivery.naming import company_of, decide_by_name
from queast_runtime.matching.fuzzy import Thresholds
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.ports.store import Snapshot
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock

QUESTIONS = 2000
_PAGE = 1000
_PLACE = ("acme", "1", "companies")
_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    known = list(records(int(sys.argv[1])))
    asked = queries(known, QUESTIONS)
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'queast.db'}", open_sealer(Path(folder), SystemClock()))
        began = time.process_time()
        with store.transaction() as tx:
            tx.start_mirror(*_PLACE, _NOW)
        for start in range(0, len(known), _PAGE):
            page = [_record(each) for each in known[start : start + _PAGE]]
            with store.transaction() as tx:
                tx.put_mirror_page(*_PLACE, page, str(start) if start + _PAGE < len(known) else None, _NOW)
        built = time.process_time() - began
        company_of.cache_clear()
        with store.read() as view:
            taken = sorted(_seconds(view, each) for each in asked)
        store.close()
    figures = {
        "build_cpu_s": built,
        "per_s": len(taken) / sum(taken),
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
        "slowest_ms": taken[-1] * 1000,
    }
    print(json.dumps(figures))


def _card(made_up: MadeUp) -> MirrorCard:
    return MirrorCard(made_up.name, made_up.country, made_up.city, made_up.domain or None)


def _record(made_up: MadeUp) -> MirrorRecord:
    card = _card(made_up)
    return MirrorRecord(made_up.id, {}, card, company_of(card).postings)


def _seconds(view: Snapshot, asked: MadeUp) -> float:
    began = time.thread_time()
    decide_by_name(view, *_PLACE, company_of(_card(asked)), Thresholds())
    return time.thread_time() - began


if __name__ == "__main__":
    main()

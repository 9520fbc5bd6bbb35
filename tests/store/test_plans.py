"""Taking stays a walk along one index, however long the queues are."""

from __future__ import annotations

import time

import pytest

from queast_runtime.store import ledger, ledger_reads
from queast_runtime.store.open import SqlStore
from queast_runtime.store.sql import Sql
from store.samples import NOON, delivery

T, C = "acme", "hubspot-main"


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (ledger._TAKE, "deliveries_ready"),
        (ledger_reads._NEXT_DUE, "deliveries_ready"),
        (ledger._PROMOTE, "deliveries_open"),
        (ledger._LEFT_SENDING, "deliveries_sending"),
        (ledger_reads._WITH_WORK, "deliveries_open"),
        (ledger_reads._IS_COMING, "deliveries_open_of"),
        (ledger_reads._HAS_OPEN, "deliveries_open_of"),
        (ledger._OLDER, "deliveries_open"),
    ],
)
def test_the_hot_statements_use_their_index_and_scan_nothing(
    sqlite_store: SqlStore, statement: Sql, index: str
) -> None:
    names = {"tenant": T, "connection": C, "root": "r", "id": "d", "now": 0, "limit": 1, "epoch": 1}
    names |= {"entity": "company", "queast_id": "c", "mapping": "m", "route": "companies"}
    with sqlite_store.transaction() as tx:
        plan = [row[3] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", names).fetchall()]
    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN deliveries")], plan


def test_taking_does_not_slow_down_with_the_length_of_the_queue(sqlite_store: SqlStore) -> None:
    def median_take_s(first: int, count: int) -> float:
        with sqlite_store.transaction() as tx:
            for number in range(first, first + count):
                tx.append(T, delivery(f"d{number}", root=f"r{number % 50}", kind="send"))
        times = []
        for epoch in range(1, 12):
            started = time.perf_counter()
            with sqlite_store.transaction() as tx:
                tx.take(T, C, NOON, 2, epoch)
            times.append(time.perf_counter() - started)
        return sorted(times)[5]

    short, long = median_take_s(0, 200), median_take_s(200, 20_000)
    # A walk over the queue would be a hundred times slower; the factor leaves room for a busy machine.
    assert long < 10 * short + 0.005

"""What was spent of a day's quota stays spent, whatever a release calls the window and whoever shares it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine_plans import connection_plan
from memory_destination import Jumping, Memory
from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.turnstile import keep_spent
from queast_runtime.ports import Tuning
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from queast_runtime.worker.connections import Connections

DAY = 86_400
Plans = Callable[..., ConnectionPlan]


def plan(name: str = "crm", account: str = "1", **budgets: Any) -> ConnectionPlan:
    """`budgets` by id: limit, or (limit, scope)."""
    rows = []
    for id_, given in budgets.items():
        limit, scope, window = (*given, DAY)[:3] if isinstance(given, tuple) else (given, "connection", DAY)
        rows.append({"id": id_, "limit": limit, "window_s": window, "ops": ["*"], "scope": scope})
    return connection_plan(name, account=account, manifest={"rate_limit": {"budgets": rows}})


class _Release:
    tenant, sequence, digest, mappings = "acme", 1, "d", ()

    def __init__(self, *plans: ConnectionPlan) -> None:
        self.connections = {each.connection: each for each in plans}


class House:
    def __init__(self) -> None:
        self.clock = Jumping()
        self.open = Connections(lambda plan, gate: Memory(gate=gate), self.clock, Tuning(), b"", self.clock.nap, None)

    def start(self, *plans: ConnectionPlan) -> None:
        for each in plans:
            self.open.turnstile("acme", each).start(True, self.clock.now(), {})

    def spend(self, one: ConnectionPlan, times: int) -> None:
        async def enter() -> None:
            for _ in range(times):
                assert await self.open.turnstile("acme", one).enter("companies.update") is None

        asyncio.run(enter())

    def spent(self, one: ConnectionPlan) -> dict[str, float]:
        budget = self.open.turnstile("acme", one).budget
        now_s = self.clock.monotonic()
        return {w.name: budget.meters[w.name].spent(now_s, w.seconds) for w in budget.tariff.windows}


@pytest.mark.parametrize(
    "newer",
    [
        plan(daily_requests=1000),
        plan(daily=(1000, "account")),
        plan(quota=(1000, "credential")),
        plan(daily=500),
        plan(weekly=(1000, "connection", 7 * DAY)),
    ],
    ids=["renamed", "shared by the account", "both", "another limit", "another length"],
)
def test_what_a_window_was_charged_goes_over_to_the_one_that_follows_it(newer: ConnectionPlan) -> None:
    house, old = House(), plan(daily=1000)
    house.start(old)
    house.spend(old, 30)
    house.open.retune(_Release(newer))
    assert list(house.spent(newer).values()) == [30.0]
    house.spend(newer, 5)
    house.open.retune(_Release(old))
    assert house.spent(old) == {"daily": 35.0}, "going back counts nothing twice, and forgets nothing"


def test_what_two_connections_spent_is_added_where_they_come_to_share_a_window() -> None:
    house, one, two = House(), plan("crm", daily=1000), plan("hook", daily=1000)
    house.start(one, two)
    house.spend(one, 30)
    house.spend(two, 12)
    shared = [plan("crm", quota=(1000, "account")), replace(plan("hook", quota=(1000, "account")), connector="hubspot")]
    house.open.retune(_Release(*shared))
    assert [house.spent(each) for each in shared] == [{"quota": 42.0}] * 2
    house.open.retune(_Release(*shared))
    assert [house.spent(each) for each in shared] == [{"quota": 42.0}] * 2


def test_an_exhausted_day_stays_exhausted_under_another_name() -> None:
    house, old, newer = House(), plan(daily=100), plan(requests_a_day=100)
    house.start(old)
    house.spend(old, 80)
    assert house.open.turnstile("acme", old).exhausted_s() > 0
    house.open.retune(_Release(newer))
    assert house.open.turnstile("acme", newer).exhausted_s() > 0


def test_so_it_is_after_a_restart(tmp_path: Path) -> None:
    """The store knows what was charged by the window's name."""
    house, old, newer = House(), plan(daily=100), plan(requests_a_day=100)

    async def restart(store: Any) -> None:
        desk = Desk(store)
        await desk.do(lambda tx: keep_spent(tx, "acme", "crm", {"daily": 50.0}, datetime(2026, 2, 28, 22, tzinfo=UTC)))
        noon = datetime(2026, 2, 28, 23, tzinfo=UTC)
        await desk.do(lambda tx: keep_spent(tx, "acme", "crm", {"requests_a_day": 7.0}, noon))
        await house.open.started("acme", newer, desk)

    with closing(open_store(f"sqlite:///{tmp_path / 'queast.db'}", open_sealer(tmp_path, house.clock))) as store:
        asyncio.run(restart(store))
    assert old != newer
    assert house.spent(newer) == {"requests_a_day": 57.0}

"""What goes wrong in the middle: mirrors, look-ups, lanes, followers, budgets. Nothing hangs and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from engine_plans import connection_plan, mapping_plan, route_plan
from memory_destination import LOST, Jumping, Memory
from queast_runtime.delivery import lane
from queast_runtime.delivery.budget import Budget, Meter, Tariff, Window
from queast_runtime.delivery.turnstile import Turnstile
from queast_runtime.ports import (
    ErrorClass,
    ItemResult,
    LookupFailed,
    Phase,
    Refused,
    Tuning,
    Unanswered,
    WriteItem,
)

Make = Callable[..., Any]
VANISHED = Unanswered("reset", Phase.SOME_SENT)
DAILY = {"rate_limit": {"budgets": [{"id": "daily", "scope": "account", "limit": 10, "window_s": 86400, "ops": ["*"]}]}}


def at_page(cursor: str, failed: LookupFailed, memory: Memory) -> Callable[[str], LookupFailed | None]:
    return lambda what: failed if what == "list" and memory.looks[-1] == f"list {cursor}" else None


def many(one: Any, count: int) -> None:
    for n in range(count):
        one.memory.add("companies", str(n), domain=f"y{n}.no")


def test_a_mirror_page_that_fails_for_ever_is_shown_put_off_and_taken_up_where_it_stopped(scene: Make) -> None:
    one = scene()
    many(one, 7)
    one.memory.lookup_fault = at_page("4", LookupFailed(ErrorClass.TRANSIENT, "answered 500"), one.memory)
    one.submit(one.company())
    one.drain(patience_s=3600.0)
    with one.store.read() as snapshot:
        trouble = snapshot.facts("acme", "crm")["mirror:companies"]
    assert (trouble["reason"], trouble["failures"] > 3) == ("answered 500", True)
    assert one.states() == ["waiting"]
    one.restart()
    one.memory.lookup_fault = lambda what: None
    one.memory.looks.clear()
    one.drain()
    assert one.states() == ["delivered"]
    assert one.memory.looks[0] == "list 4"
    with one.store.read() as snapshot:
        assert "mirror:companies" not in snapshot.facts("acme", "crm")


def test_a_cursor_that_is_lost_at_every_page_does_not_loop(scene: Make) -> None:
    one = scene()
    many(one, 7)
    one.memory.lookup_fault = at_page("4", LookupFailed(ErrorClass.REJECT, "answered 400"), one.memory)
    one.submit(one.company())
    one.drain(patience_s=600.0)
    beginnings = one.memory.looks.count("list None")
    assert 2 <= beginnings < 6
    one.memory.lookup_fault = lambda what: None
    one.drain()
    assert one.states() == ["delivered"]


def test_while_a_mirror_is_read_other_deliveries_go_on(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    with one.store.transaction() as tx:
        tx.start_mirror("acme", "1", "companies", one.clock.at)
    one.restart()
    one.memory.lookup_fault = lambda what: LookupFailed(ErrorClass.TRANSIENT, "down") if what == "list" else None
    one.submit(one.company("created", id="c_2", domain="b.no"), one.company(sequence=9, name="New name"))
    one.drain(patience_s=60.0)
    assert "New name" in {record["name"] for record in one.memory.of("companies").values()}


def test_a_create_that_never_gets_an_answer_is_tried_ever_later_and_ends_as_a_dead_letter(scene: Make) -> None:
    tuning = Tuning(retry_delays_s=(0.0, 5.0, 60.0, 600.0), rates={"hubspot": 1e4})
    one = scene(memory=Memory(fault=lambda item: VANISHED), tuning=tuning)
    one.submit(one.company("created"))
    began = one.clock.at
    one.drain()
    assert one.states() == ["dead"]
    assert len(one.memory.log) == 4
    assert one.clock.at - began > timedelta(seconds=500)
    (dead,) = one.deliveries()
    assert dead.error_message == "4 attempts failed, the last: reset"


def test_a_look_up_that_is_turned_away_pauses_and_writes_nothing(scene: Make) -> None:
    left: list[ItemResult] = [LOST]
    one = scene(memory=Memory(fault=lambda item: left.pop() if left else None))
    refused = LookupFailed(ErrorClass.AUTH, "answered 401", None, True)
    one.memory.lookup_fault = lambda what: refused if what == "look" else None
    one.submit(one.company("created"))
    one.drain()
    with one.store.read() as snapshot:
        assert snapshot.connection_state("acme", "crm").paused
    assert one.states() == ["unknown"]
    one.memory.lookup_fault = lambda what: None
    one.restart()
    one.drain()
    assert one.states() == ["delivered"]
    assert len(one.memory.log) == 1


def test_an_opt_out_while_the_outcome_is_unknown_is_looked_up_and_nothing_more_is_sent(scene: Make) -> None:
    """D5.3."""
    left: list[ItemResult] = [VANISHED]
    one = scene(memory=Memory(fault=lambda item: left.pop() if left else None))
    one.memory.lookup_fault = lambda what: LookupFailed(ErrorClass.TRANSIENT, "down") if what == "look" else None
    one.submit(one.company("created"), one.signal())
    one.drain(patience_s=1.0)
    one.submit(one.company("opted_out", sequence=4))
    one.memory.lookup_fault = lambda what: None
    one.drain()
    assert len(one.memory.log) == 1
    assert set(one.states()) == {"cancelled"}


def test_a_body_that_cannot_be_read_ends_what_waits_for_its_record(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"), one.signal())

    def unreadable(body: bytes) -> Any:
        raise ValueError("nothing of the body may be told")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane, "read_payload", unreadable)
        one.drain()
    assert one.states() == ["dead", "dead"]
    assert one.deliveries()[0].error_message == "its stored body cannot be read: ValueError"


def test_a_fault_of_ours_over_one_record_leaves_no_claim_open_and_stops_nobody(scene: Make) -> None:
    def fault(item: WriteItem) -> ItemResult | None:
        if item.reference == "c_1":
            raise ZeroDivisionError
        return None

    tuning = Tuning(retry_delays_s=(0.0, 1.0, 1.0), rates={"hubspot": 1e4})
    one = scene(memory=Memory(batch=1, fault=fault), tuning=tuning)
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(5)))
    one.drain()
    assert sorted(one.states()) == ["dead"] + ["delivered"] * 4
    dead = next(row for row in one.deliveries() if row.state == "dead")
    assert "internal fault: ZeroDivisionError" in (dead.error_message or "")


def two_lanes(**more: Any) -> dict[str, Any]:
    send = route_plan("company", "send", events=("created",))
    return {
        "plans": (mapping_plan(), mapping_plan(send, connection="hook")),
        "connections": (connection_plan(), connection_plan("hook")),
        **more,
    }


def test_a_fault_in_one_lane_is_told_after_the_others_have_done_their_work(scene: Make) -> None:
    one = scene(**two_lanes())
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(5)))
    real = lane.prepare

    def broken(tx: Any, bench: Any, claimed: Any) -> Any:
        if bench.place.name == "crm":
            raise ZeroDivisionError
        return real(tx, bench, claimed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane, "prepare", broken)
        with pytest.raises(ZeroDivisionError):
            one.drain()
    assert len(one.memory.sent) == 5
    one.drain()
    assert set(one.states()) == {"delivered"}


def test_events_that_come_while_another_lane_works_are_not_left_behind(scene: Make) -> None:
    one = scene(**two_lanes())
    one.submit(one.company("created"))
    late = one.company("created", id="c_2", domain="b.no")
    done: list[bool] = []
    lookup = one.memory.list_page

    async def slow(object_: str, cursor: str | None) -> Any:
        if not done:
            done.append(True)
            await asyncio.sleep(0.3)
            await one.worker.submit([late])
            await asyncio.sleep(0.3)
        return await lookup(object_, cursor)

    one.memory.list_page = slow
    one.drain()
    assert set(one.states()) == {"delivered"}
    assert len(one.memory.sent) == 2


def test_another_roots_retry_does_not_wait_for_a_request_that_hangs(scene: Make) -> None:
    order: list[str] = []
    one = scene(**two_lanes(tuning=Tuning(retry_delays_s=(0.0, 0.05, 0.05), rates={"webhook": 1e4, "hubspot": 1e4})))
    one.worker.nap = asyncio.sleep
    write = one.memory.write
    left: list[ItemResult] = [Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY)]

    async def slow(items: Any) -> Any:
        mark = items[0].body["data"]["company"]["id"] if items[0].op == "send" else "crm"
        if mark == "c_1":
            await asyncio.sleep(2.5)
        order.append(mark)
        return [left.pop()] if mark == "c_2" and left else await write(items)

    one.memory.write = slow
    one.clock.now = lambda: Jumping.at + timedelta(seconds=monotonic())
    one.submit(one.company("created"), one.company("created", id="c_2", domain="b.no"))
    one.drain()
    sent = [mark for mark in order if mark != "crm"]
    assert sent == ["c_2", "c_2", "c_1"]


def test_a_days_budget_survives_restarts_and_is_shared_by_all_connections_of_an_account(scene: Make) -> None:
    plans = {
        "plans": (
            mapping_plan(route_plan("company", "send", events=("created",)), connection="hook"),
            mapping_plan(route_plan("company", "send", events=("created",)), connection="other"),
        ),
        "connections": (connection_plan("hook", manifest=DAILY), connection_plan("other", manifest=DAILY)),
        "tuning": Tuning(),
    }
    one = scene(**plans)
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(3)))
    one.drain(patience_s=60.0)
    assert len(one.memory.log) == 6
    one.restart()
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(3, 6)))
    one.drain(patience_s=60.0)
    assert len(one.memory.log) == 8
    one.clock.at += timedelta(hours=20)
    one.restart()
    one.drain(patience_s=60.0)
    assert len(one.memory.log) == 8
    one.clock.at += timedelta(hours=6)
    one.drain(patience_s=60.0)
    assert len(one.memory.log) == 12


def test_a_day_at_full_rate_is_kept_in_few_rows() -> None:
    meter = Meter()
    window = Window("daily", 200_000, 86_400.0, ("*",), False, "account", 250_000)
    budget = Budget(Tariff((window,), ()), {"daily": meter})
    for n in range(20_000):
        budget.spend("a.b", n * 4.0)
    assert len(meter.rows) <= 1_441
    assert meter.total == 20_000


def test_a_wait_that_would_be_long_is_handed_back_and_a_stop_ends_a_short_one() -> None:
    clock = Jumping()
    budget = Budget(Tariff((Window("w", 1, 100.0, ("*",), False),), ()))
    turnstile = Turnstile(budget, clock, "UTC", clock.nap)

    async def ask() -> list[float | None]:
        stop = asyncio.Event()
        turnstile.open(stop)
        answers = [await turnstile.enter("a.b"), await turnstile.enter("a.b")]
        stop.set()
        return [*answers, await turnstile.enter("a.b")]

    assert asyncio.run(ask()) == [None, 100.0, 0.0]

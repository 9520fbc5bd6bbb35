"""A connection that stops, and how it goes on again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine_plans import connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from queast_runtime.delivery.lane import REQUESTS
from queast_runtime.ports import ErrorClass, ItemResult, LookupFailed, Phase, Refused, Tuning, WriteItem
from queast_runtime.ports.rows import ConnectionState

Make = Callable[..., Any]
NO_SECRET = Refused(
    ErrorClass.CONFIG, "secret main is not set: tried QMAP_SECRET_ACME__MAIN", None, Phase.RESOLVE, None, None, True
)
GONE_AWAY = Refused(ErrorClass.BLOCKED, "answered 410", 410, Phase.BODY, None, None, True)


def hook(**more: Any) -> dict[str, Any]:
    return {
        "plans": (mapping_plan(route_plan("company", "send", events=("created",)), connection="hook"),),
        "connections": (connection_plan("hook"),),
        **more,
    }


def state(one: Any, name: str = "crm") -> ConnectionState:
    with one.store.read() as snapshot:
        found: ConnectionState = snapshot.connection_state("acme", name)
        return found


def companies(one: Any, count: int) -> list[dict[str, Any]]:
    return [one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(count)]


def meanwhile(one: Any) -> None:
    """Three hours in which the destination takes other records."""
    for n in range(20):
        one.clock.at += timedelta(minutes=10)
        one.submit(one.company("created", id=f"c_late{n}", domain=f"late{n}.no"))
        one.drain(patience_s=1.0)


def always(result: ItemResult) -> Memory:
    return Memory(fault=lambda item: result)


def test_a_missing_secret_is_named_and_the_next_start_tries_again(scene: Make) -> None:
    one = scene(memory=always(NO_SECRET))
    one.submit(one.company("created"))
    one.drain()
    assert (state(one).paused, state(one).paused_reason) == (True, NO_SECRET.message)
    one.memory.fault = lambda item: None
    one.drain()
    assert one.states() == ["pending"]
    one.restart()
    one.drain()
    assert one.states() == ["delivered"]
    assert not state(one).paused


def test_a_410_stops_at_once_is_shown_and_stands_until_the_tenant_publishes_again(scene: Make) -> None:
    one = scene(**hook(memory=always(GONE_AWAY)))
    one.submit(*companies(one, 40))
    one.drain()
    assert len(one.memory.log) <= REQUESTS
    assert (state(one, "hook").paused_until, state(one, "hook").paused_reason) == (None, "answered 410")
    assert set(one.states()) == {"pending"}
    one.memory.fault = lambda item: None
    one.restart()
    one.drain()
    assert set(one.states()) == {"pending"}
    one.restart()
    release = one.worker.releases["acme"]
    one.worker.releases = {"acme": replace(release, sequence=2, digest="sha256:r2")}
    one.drain()
    assert set(one.states()) == {"delivered"}


def test_a_persons_pause_outlives_a_start(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    with one.store.transaction() as tx:
        tx.pause("acme", "crm", None, "maintenance")
    one.restart()
    one.drain()
    assert one.states() != ["delivered"]
    assert state(one).paused_reason == "maintenance"


def test_what_waits_for_its_turn_stays_here_once_the_destination_asks_for_patience(scene: Make) -> None:
    """A Retry-After is a floor for the whole destination, requests that wait for their turn included."""
    limited = Refused(ErrorClass.RATE_LIMITED, "answered 429", 429, Phase.BODY, 600.0, None, True)
    left: list[ItemResult | None] = [limited] * REQUESTS
    one = scene(
        **hook(memory=Memory(fault=lambda item: left.pop() if left else None), tuning=Tuning(rates={"webhook": 5.0}))
    )
    one.submit(*companies(one, 60))
    began = one.clock.at
    one.drain(patience_s=60.0)
    before = len(one.memory.log)
    assert before <= REQUESTS
    assert set(one.states()) == {"pending"}
    one.drain()
    assert set(one.states()) == {"delivered"}
    assert one.clock.at - began >= timedelta(seconds=600)
    assert len(one.memory.log) == 60 + REQUESTS


def test_a_pause_set_before_the_clock_went_back_does_not_last_for_ever(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    with one.store.transaction() as tx:
        tx.pause("acme", "crm", one.clock.at + timedelta(days=400), "answered 429")
    began = one.clock.at
    one.drain()
    assert one.states() == ["delivered"]
    assert one.clock.at - began < timedelta(days=1)


def test_a_clock_that_goes_back_in_the_middle_loses_and_doubles_nothing(scene: Make) -> None:
    one = scene()

    def fault(item: WriteItem) -> ItemResult | None:
        one.clock.at -= timedelta(minutes=7)
        return Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY) if len(one.memory.log) % 3 == 0 else None

    one.memory.fault = fault
    one.submit(*companies(one, 9), one.signal(company={**companies(one, 1)[0]["data"]["company"]}))
    one.drain()
    assert set(one.states()) == {"delivered"}
    assert (len(one.memory.of("companies")), len(one.memory.of("notes"))) == (9, 1)


def test_a_destination_that_is_down_is_asked_ever_less_often_but_every_quarter_of_an_hour(scene: Make) -> None:
    down = Refused(ErrorClass.TRANSIENT, "not connected", None, Phase.CONNECT, None, None, True)
    asked: list[Any] = []
    one = scene(memory=Memory())

    def fault(item: WriteItem) -> ItemResult | None:
        asked.append(one.clock.at)
        return down if len(asked) < 12 else None

    one.memory.fault = fault
    one.submit(one.company("created"))
    one.drain()
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]
    assert gaps[0] < 10
    assert 600 < max(gaps) <= 15 * 60 * 1.2 + 2
    assert one.states() == ["delivered"]


def test_one_locked_record_does_not_hold_the_others(scene: Make) -> None:
    locked = Refused(ErrorClass.TRANSIENT, "answered 423", 423, Phase.BODY, wait_s=2.0)
    one = scene(memory=Memory(fault=lambda item: locked if item.reference == "c_1" else None))
    one.submit(*companies(one, 5))
    one.drain(patience_s=1.0)
    assert sorted(one.states()) == ["delivered"] * 4 + ["pending"]
    assert not state(one).paused
    meanwhile(one)
    assert sorted(one.states()) == ["dead"] + ["delivered"] * 24


def test_a_message_that_alone_brings_out_a_503_ends_as_its_own_dead_letter(scene: Make) -> None:
    poison = Refused(ErrorClass.TRANSIENT, "answered 503", 503, Phase.BODY, None, None, True)
    one = scene(
        **hook(memory=Memory(fault=lambda item: poison if item.body["data"]["company"]["id"] == "c_1" else None))
    )
    one.submit(*companies(one, 4))
    one.drain(patience_s=1.0)
    meanwhile(one)
    assert sorted(one.states()) == ["dead"] + ["delivered"] * 23
    dead = next(row for row in one.deliveries() if row.state == "dead")
    assert (dead.queast_id, dead.error_class) == ("c_1", ErrorClass.TRANSIENT)
    assert "answered 503" in (dead.error_message or "")
    with one.store.read() as snapshot:
        assert snapshot.delivery_body("acme", dead.id)


@pytest.mark.parametrize("what", ["retry", "mirror", "budget", "pause"])
def test_a_stop_ends_every_kind_of_waiting_at_once(scene: Make, what: str) -> None:
    """SIGTERM while something sleeps in a backoff: the process ends, and nothing is left in flight."""
    refused = {
        "retry": Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY),
        "pause": Refused(ErrorClass.RATE_LIMITED, "slower", 429, Phase.BODY, 600.0, None, True),
    }.get(what)
    memory = Memory(fault=lambda item: refused)
    if what == "mirror":
        memory.lookup_fault = lambda asked: LookupFailed(ErrorClass.TRANSIENT, "down") if asked == "list" else None
    rates = {"hubspot": 0.05, "webhook": 0.05} if what == "budget" else {"hubspot": 1e4, "webhook": 1e4}
    one = scene(memory=memory, tuning=Tuning(retry_delays_s=(0.0, 300.0, 300.0), rates=rates))
    one.submit(*companies(one, 3))
    one.worker.nap = asyncio.sleep

    async def work() -> float:
        stop = asyncio.Event()
        task = asyncio.create_task(one.worker.run(stop))
        await asyncio.sleep(0.4)
        assert not task.done()
        began = asyncio.get_running_loop().time()
        stop.set()
        await task
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(work()) < 1.0
    assert not {"sending", "unknown", "dead"} & set(one.states())

"""A connection that is no longer in the release: nothing is read there any more, and what is on its way ends by the
plans that it was made by, held to what today's release lets leave."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine_plans import match_plan
from memory_destination import Memory
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_digest, plan_file
from queast_runtime.ports import ErrorClass, Gate, ItemResult, Phase, Refused, WriteItem
from queast_runtime.ports.ledger import DeliveryFilter
from queast_runtime.worker import Worker, lanes
from release.running import COMPANIES, CRM, FIRST, HOOK, IDS, SECOND, THIRD, TITLES, Running, store_release

OTHER = replace(HOOK, connection="other", url=THIRD)
NO_MORE = replace(TITLES, connection="other", routes=(replace(TITLES.routes[0], granted_until="2026-02-01"),))


def refuse(item: WriteItem) -> Refused:
    return Refused(ErrorClass.REJECT, "no", 400, Phase.BODY, None, None, False)


def hold(one: Running, name: str) -> None:
    with one.store.transaction() as tx:
        tx.pause("acme", name, None, "held by the test")


def let_go(one: Running, name: str) -> None:
    with one.store.transaction() as tx:
        tx.resume("acme", name)


def pages(one: Running, url: str) -> int:
    return sum(look.startswith("list") for look in one.memories.setdefault(url, Memory()).looks)


def while_running(one: Running, story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(one.worker.run(stop))
        try:
            await story()
        finally:
            stop.set()
            await running

    asyncio.run(asyncio.wait_for(run(), 30))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def lanes_of(one: Running) -> list[str]:
    return sorted(lane.place.name for lane in one.worker.lanes)


def test_its_lane_ends_and_its_mirror_is_read_no_more(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK, replace(CRM, url=SECOND)], [TITLES, COMPANIES])
    one = at()

    async def story() -> None:
        await one.worker.submit([one.company(1, "Fjord AS")])
        await until(lambda: one.states() == ["delivered"])
        store_release(tmp_path, [HOOK], [TITLES])
        await until(lambda: lanes_of(one) == ["hook"])
        read = pages(one, SECOND)
        one.clock.at += timedelta(days=3)
        await one.worker.submit([one.signal(2)])
        await until(lambda: one.states() == ["delivered"] * 2)
        assert pages(one, SECOND) == read

    while_running(one, story)


def test_while_something_waits_there_its_mirror_is_not_renewed(at: Callable[[], Running], tmp_path: Path) -> None:
    asking = replace(CRM, url=SECOND, match=(match_plan(on_none="review"),))
    store_release(tmp_path, [HOOK, asking], [TITLES, COMPANIES])
    one = at()

    async def story() -> None:
        await one.worker.submit([one.company(1, "Fjord AS")])
        await until(lambda: one.states() == ["waiting"])
        await until(lambda: pages(one, SECOND) == 1)
        one.clock.at += timedelta(days=2)
        await until(lambda: pages(one, SECOND) == 2)
        store_release(tmp_path, [HOOK], [TITLES])
        await until(lambda: one.worker.releases["acme"].sequence == 2)
        for _ in range(5):
            one.clock.at += timedelta(days=2)
            await asyncio.sleep(0.03)
        assert pages(one, SECOND) == 2
        assert lanes_of(one) == ["crm", "hook"]

    while_running(one, story)


def test_what_is_on_its_way_is_held_to_what_todays_release_lets_leave(
    at: Callable[[], Running], tmp_path: Path
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    hold(one, "hook")

    async def story() -> None:
        await one.worker.submit([one.signal(1)])
        store_release(tmp_path, [OTHER], [NO_MORE])
        await until(lambda: one.worker.releases["acme"].sequence == 2)
        let_go(one, "hook")
        await until(lambda: lanes_of(one) == ["other"])

    while_running(one, story)
    assert one.states() == ["cancelled"]
    assert one.sent(FIRST) == []


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("may_leave", [False, True])
def test_its_dead_letter_is_redriven_as_far_as_todays_release_lets_it(
    at: Callable[[], Running], tmp_path: Path, restarted: bool, may_leave: bool
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.memories[FIRST] = Memory(fault=refuse)
    one.submit(one.signal(1))
    one.drain()
    assert one.states() == ["dead"]
    one.memories[FIRST].fault = lambda item: None
    store_release(tmp_path, [OTHER], [replace(TITLES, connection="other") if may_leave else NO_MORE])

    def redrive() -> None:
        with one.store.transaction() as tx:
            assert tx.redrive("acme", DeliveryFilter(connection="hook"), one.clock.now()) == 1

    async def story() -> None:
        # The lane of what left ends a moment after the release was taken up.
        await until(lambda: one.worker.releases["acme"].sequence == 2 and lanes_of(one) == ["other"])
        redrive()
        await until(lambda: one.states() != ["pending"] and lanes_of(one) == ["other"])

    if restarted:
        redrive()
        one.restart()
        one.drain()
    else:
        while_running(one, story)
    assert one.states() == ["delivered" if may_leave else "cancelled"]
    assert one.sent(FIRST) == (["Hires ten"] if may_leave else [])


def test_what_another_process_admits_by_the_release_before_ends_too(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one, two = at(), at()
    late = Worker(two.store, dict(two.worker.releases), two.worker.open_driver, two.clock, hash_key=b"k" * 32)

    async def story() -> None:
        store_release(tmp_path, [OTHER], [replace(IDS, connection="other")])
        await until(lambda: lanes_of(one) == ["other"])
        await late.submit([one.signal(1)])
        await until(lambda: one.states() == ["delivered"])
        await until(lambda: lanes_of(one) == ["other"])

    while_running(one, story)
    assert one.sent(FIRST) == ["Hires ten"]


def test_a_run_that_ends_by_itself_delivers_what_came_for_it_meanwhile(
    at: Callable[[], Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one, two = at(), at()
    late = Worker(two.store, dict(two.worker.releases), two.worker.open_driver, two.clock, hash_key=b"k" * 32)
    store_release(tmp_path, [OTHER], [replace(IDS, connection="other")])
    one.restart()
    write = Memory.write

    async def slow(self: Memory, items: list[WriteItem]) -> object:
        if self is one.memories.get(THIRD) and not one.sent(THIRD):
            await late.submit([one.signal(2)])
        return await write(self, items)

    monkeypatch.setattr(Memory, "write", slow)
    one.submit(one.signal(1))
    one.drain()
    assert one.states() == ["delivered"] * 2


def test_older_deliveries_go_out_where_the_plan_of_the_newest_is_gone(
    at: Callable[[], Running], tmp_path: Path
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.submit(one.signal(1))
    store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
    one.submit(one.signal(2))
    store_release(tmp_path, [OTHER], [replace(IDS, connection="other")])
    lost = tmp_path / "releases" / "acme" / "plans" / plan_file(plan_digest(replace(HOOK, url=SECOND)))
    kept = lost.read_bytes()
    lost.unlink()
    one.restart()
    one.drain()
    assert one.states() == ["delivered", "waiting"]
    assert one.sent(FIRST) == ["Hires ten"]
    lost.write_bytes(kept)
    one.restart()
    one.drain()
    assert one.states() == ["delivered"] * 2


def test_an_older_plan_is_let_go_when_nothing_open_was_made_by_it(
    at: Callable[[], Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "TIDY_S", 0.0)
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    opened: list[weakref.ref[Memory]] = []
    go = asyncio.Event()

    class Slow(Memory):
        async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
            await go.wait()
            return await super().write(items)

    open_driver = one.worker.open_driver

    def counted(plan: ConnectionPlan, gate: Gate) -> Memory:
        # Each a driver of its own over what its address holds.
        shared = open_driver(plan, gate)
        assert isinstance(shared, Memory)
        own = Slow(sent=shared.sent, gate=gate)
        opened.append(weakref.ref(own))
        return own

    one.worker.open_driver = counted

    def held() -> int:
        gc.collect()
        return sum(each() is not None for each in opened)

    async def story() -> None:
        for number in range(1, 5):
            await until(lambda number=number: one.worker.releases["acme"].sequence == number)  # type: ignore[misc]
            await one.worker.submit([one.signal(number)])
            url = f"https://release-{number}.example"
            store_release(tmp_path, [replace(HOOK, url=url)], [IDS if number % 2 else TITLES])
        await until(lambda: one.worker.releases["acme"].sequence == 5)
        assert held() >= 5, "one for each plan that something is under way by"
        go.set()
        await until(lambda: one.states() == ["delivered"] * 4)
        await until(lambda: held() == 1)

    while_running(one, story)

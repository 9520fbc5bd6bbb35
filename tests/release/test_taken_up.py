"""A worker takes a newer release up while it runs; what is on its way ends by the plans that it was made by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.tenant_folder import EVENTS, compile_folder, write_tenant
from engine_plans import match_plan
from queast_compiler.plan.connection import ConnectionPlan, InboundPlan
from queast_compiler.plan.directory import plan_digest, plan_file
from queast_dsl.diagnostics import Diagnostics
from queast_runtime.cli.wording import needs
from queast_runtime.ports import Driver, Gate, ItemResult, WriteItem
from queast_runtime.ports.store import Store
from queast_runtime.security.sealing import open_sealer
from queast_runtime.security.secrets import EnvironmentSecrets
from queast_runtime.settings import Settings
from queast_runtime.store.open import open_store
from queast_runtime.worker import loop
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.inbound import open_door
from queast_runtime.worker.opening import opened_worker
from release.running import COMPANIES, CRM, FIRST, HOOK, IDS, SECOND, THIRD, TITLES, Running, store_release


def test_what_was_admitted_before_goes_out_as_it_was_made_and_what_comes_after_as_it_is_now(
    at: Callable[[], Running], tmp_path: Path
) -> None:
    """D6.5 another address and another body; nothing is lost and nothing sent twice"""
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.submit(*(one.signal(number) for number in range(3)))
    store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
    one.submit(*(one.signal(number) for number in range(3, 7)))
    assert one.worker.releases["acme"].sequence == 2
    one.drain()
    assert one.sent(FIRST) == ["Hires ten"] * 3
    assert one.sent(SECOND) == ["s_3", "s_4", "s_5", "s_6"]
    assert one.states() == ["delivered"] * 7


def test_so_it_is_after_a_restart(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.submit(one.signal(1))
    store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
    one.restart()
    one.submit(one.signal(2))
    one.drain()
    assert (one.sent(FIRST), one.sent(SECOND)) == (["Hires ten"], ["s_2"])


def test_a_release_is_taken_up_while_a_request_is_under_way(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()

    async def story() -> None:
        stop, answered, asked = asyncio.Event(), asyncio.Event(), asyncio.Event()
        draining = asyncio.create_task(one.worker.run(stop))
        await one.worker.submit([one.signal(1)])
        while not (FIRST in one.memories and one.sent(FIRST)):
            await asyncio.sleep(0.01)
        memory = one.memories[FIRST]
        write = memory.write

        async def slow(items: Sequence[WriteItem]) -> Sequence[ItemResult]:
            asked.set()
            await answered.wait()
            return await write(items)

        memory.write = slow  # type: ignore[method-assign]
        await one.worker.submit([one.signal(2)])
        await asked.wait()
        store_release(tmp_path, [replace(HOOK, url=SECOND), replace(CRM, url=THIRD)], [IDS, COMPANIES])
        while one.worker.releases["acme"].sequence == 1:
            await asyncio.sleep(0.01)
        await one.worker.submit([one.signal(3), one.company(4, "Fjord AS")])
        while not (SECOND in one.memories and one.sent(SECOND)):
            await asyncio.sleep(0.01)
        answered.set()
        while set(one.states()) != {"delivered"}:
            await asyncio.sleep(0.01)
        stop.set()
        await draining

    asyncio.run(asyncio.wait_for(story(), 30))
    assert one.sent(FIRST) == ["Hires ten"] * 2
    assert one.sent(SECOND) == ["s_3"]
    # The connection that came with the release has a lane of its own.
    assert len(one.memories[THIRD].of("companies")) == 2, "the company, and that of the signal that came after"
    assert set(one.states()) == {"delivered"}


def test_a_record_of_another_account_is_matched_and_written_there(at: Callable[[], Running], tmp_path: Path) -> None:
    """The mirror of the account that an older delivery is meant for is filled for it."""
    store_release(tmp_path, [CRM], [COMPANIES])
    one = at()
    one.submit(one.company(1, "Fjord AS"))
    other = replace(CRM, url=SECOND, account="2", match=(match_plan(on_none="review"),))
    store_release(tmp_path, [other], [COMPANIES])
    one.submit(one.company(2, "Berg AS"))
    one.drain()
    assert [each["name"] for each in one.memories[FIRST].of("companies").values()] == ["Fjord AS"]
    assert one.memories[SECOND].of("companies") == {}
    assert [(row.queast_id, row.state.value) for row in one.deliveries()] == [("c_1", "delivered"), ("c_2", "waiting")]


def test_what_is_on_its_way_to_a_connection_that_is_gone_still_arrives(
    at: Callable[[], Running], tmp_path: Path
) -> None:
    store_release(tmp_path, [HOOK, CRM], [TITLES, COMPANIES])
    one = at()
    one.submit(one.signal(1))
    store_release(tmp_path, [CRM], [COMPANIES])
    one.submit(one.signal(2))
    one.restart()
    one.drain()
    assert one.sent(FIRST) == ["Hires ten"]


@pytest.mark.parametrize("harm", ["another key", "altered", "older"])
def test_a_release_that_is_refused_changes_nothing_and_is_told_of_once(
    at: Callable[[], Running], tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """D6.5"""
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    current = tmp_path / "releases" / "acme" / "current.json"
    if harm == "another key":
        (tmp_path / "keys" / "release.ed25519").unlink()
        store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
        for key in (tmp_path / "keys" / "trusted").glob("*.pub"):
            key.unlink()
    elif harm == "altered":
        plans = store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
        (tmp_path / "releases" / "acme" / "plans" / plan_file(plans.mappings["acme-crm"])).write_text("{}")
    else:
        old = current.read_bytes()
        store_release(tmp_path, [HOOK], [IDS])
        one.submit(one.signal(1))
        current.write_bytes(old)
    running = one.worker.releases["acme"].sequence
    with caplog.at_level(logging.WARNING, "queast"):
        for number in range(2, 5):
            one.submit(one.signal(number))
    assert [record.message for record in caplog.records] == ["release refused"]
    assert one.worker.releases["acme"].sequence == running
    one.drain()
    assert len(one.sent(FIRST)) == (4 if harm == "older" else 3)
    assert SECOND not in one.memories


def test_a_delivery_whose_plan_is_gone_waits_for_it_and_says_so(at: Callable[[], Running], tmp_path: Path) -> None:
    plans = store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.submit(one.signal(1))
    lost = tmp_path / "releases" / "acme" / "plans" / plan_file(plan_digest(HOOK))
    kept = lost.read_bytes()
    store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
    lost.unlink()
    one.submit(one.signal(2))
    one.drain()
    waiting = one.deliveries()[0]
    assert one.states() == ["waiting", "delivered"]
    assert (
        needs(waiting.needs) == f"waits for the plan that it was made by to be put back: {plans.mappings['acme-crm']}"
    )
    assert one.sent(SECOND) == ["s_2"]
    lost.write_bytes(kept)
    one.restart()
    one.drain()
    assert one.sent(FIRST) == ["Hires ten"]
    assert one.states() == ["delivered"] * 2


def test_a_worker_at_rest_looks_at_one_file_a_tenant(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    shelf = one.worker.shelf
    assert shelf is not None
    assert not shelf.has_changed("acme")
    assert not asyncio.run(one.worker.take_up())
    store_release(tmp_path, [HOOK], [TITLES])
    assert shelf.has_changed("acme")
    assert asyncio.run(one.worker.take_up())
    assert not shelf.has_changed("acme")


def test_a_worker_that_a_command_opened_follows_its_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `run --follow` and `serve` embed."""
    monkeypatch.setattr(loop, "FOLLOW_S", 0.01)
    write_tenant(tmp_path / "mappings", {"events": EVENTS})
    compiled = compile_folder(tmp_path / "mappings", Diagnostics())
    store_release(tmp_path, compiled.connections, compiled.mappings)
    settings = Settings(state=tmp_path)

    async def story(store: Store) -> int:
        stop = asyncio.Event()
        async with opened_worker(settings, tmp_path, store, ["acme"]) as worker:
            running = asyncio.create_task(worker.run(stop))
            await asyncio.sleep(0)
            store_release(tmp_path, compiled.connections, compiled.mappings)
            while worker.releases["acme"].sequence == 1:
                await asyncio.sleep(0.01)
            with store.read() as view:
                accepted = view.accepted_release("acme")
            stop.set()
            await running
        return 0 if accepted is None else accepted.sequence

    with closing(open_store(settings.store_url, open_sealer(tmp_path, SystemClock()))) as store:
        assert asyncio.run(asyncio.wait_for(story(store), 30)) == 2


def test_the_door_for_senders_opens_and_shuts_with_the_release(at: Callable[[], Running], tmp_path: Path) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    door = open_door(one.worker, EnvironmentSecrets({}))
    assert dict(door.connections) == {}
    store_release(tmp_path, [replace(HOOK, inbound=InboundPlan("standard_webhooks", "calls"))], [TITLES])
    assert asyncio.run(one.worker.take_up())
    assert list(door.connections) == [("acme", "hook")]
    store_release(tmp_path, [HOOK], [TITLES])
    assert asyncio.run(one.worker.take_up())
    assert dict(door.connections) == {}


def test_a_release_whose_plan_cannot_be_opened_is_told_of_and_the_old_one_runs_on(
    at: Callable[[], Running], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    open_driver = one.worker.open_driver

    def strict(plan: ConnectionPlan, gate: Gate) -> Driver:
        if plan.url == SECOND:
            raise KeyError("objects")
        return open_driver(plan, gate)

    one.worker.open_driver = strict

    async def story() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(one.worker.run(stop))
        await one.worker.submit([one.signal(1)])
        while not (FIRST in one.memories and one.sent(FIRST)):
            await asyncio.sleep(0.01)
        store_release(tmp_path, [replace(HOOK, url=SECOND)], [IDS])
        await one.worker.submit([one.signal(2)])
        while len(one.sent(FIRST)) < 2:
            await asyncio.sleep(0.01)
        stop.set()
        await running

    with caplog.at_level(logging.WARNING, "queast"):
        asyncio.run(asyncio.wait_for(story(), 30))
    assert "release not taken up" in [record.message for record in caplog.records]
    assert one.worker.releases["acme"].sequence == 1
    with one.store.read() as view:
        accepted = view.accepted_release("acme")
    assert accepted is not None
    assert accepted.sequence == 1

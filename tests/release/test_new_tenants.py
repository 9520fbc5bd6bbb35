"""A worker of all tenants takes up one whose first release comes while it runs; one of named tenants does not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from queast_runtime.ports.ledger import DeliveryFilter
from release.running import FIRST, HOOK, IDS, SECOND, TITLES, Running, store_release


def berg(state: Path) -> None:
    store_release(state, [replace(HOOK, url=SECOND)], [IDS], "berg")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def states(one: Running, tenant: str) -> list[str]:
    with one.store.read() as view:
        return [row.state.value for row in view.deliveries(tenant, DeliveryFilter())]


@pytest.mark.parametrize("every", [True, False])
def test_its_first_release_is_taken_up_and_drained_where_all_tenants_are_served(
    at: Callable[[], Running], tmp_path: Path, every: bool
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.worker.every = every

    async def story() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(one.worker.run(stop))
        await one.worker.submit([one.signal(1)], "acme")
        await until(lambda: states(one, "acme") == ["delivered"])
        berg(tmp_path)
        if every:
            await until(lambda: "berg" in one.worker.releases)
            await one.worker.submit([one.signal(2)], "berg")
            await until(lambda: states(one, "berg") == ["delivered"])
        else:
            await asyncio.sleep(0.1)
            with pytest.raises(LookupError, match="berg has no release here"):
                await one.worker.submit([one.signal(2)], "berg")
        stop.set()
        await running

    asyncio.run(asyncio.wait_for(story(), 30))
    assert one.sent(FIRST) == ["Hires ten"]
    assert one.sent(SECOND) == (["s_2"] if every else [])
    # Whoever drained it let it go: another process may.
    assert one.store.new_epoch("berg", "somebody else") == (2 if every else 1)


def test_one_that_another_process_drains_already_is_taken_up_when_that_one_ends(
    at: Callable[[], Running], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one, two = at(), at()
    one.worker.every = True
    berg(tmp_path)
    two.store.new_epoch("berg", "somebody else")

    async def story() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(one.worker.run(stop))
        await until(lambda: "release not taken up" in caplog.messages)
        assert list(one.worker.releases) == ["acme"]
        await one.worker.submit([one.signal(1)], "acme")
        await until(lambda: states(one, "acme") == ["delivered"])
        two.store.stop_draining("berg")
        await until(lambda: "berg" in one.worker.releases)
        stop.set()
        await running

    with caplog.at_level(logging.WARNING, "queast"):
        asyncio.run(asyncio.wait_for(story(), 30))


def test_a_first_release_that_is_refused_is_told_of_once_until_another_is_stored(
    at: Callable[[], Running], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store_release(tmp_path, [HOOK], [TITLES])
    one = at()
    one.worker.every = True
    (tmp_path / "releases" / ".draft").mkdir()
    (tmp_path / "releases" / "empty").mkdir()
    berg(tmp_path)
    current = tmp_path / "releases" / "berg" / "current.json"
    good = current.read_bytes()
    current.write_bytes(b"{}")
    with caplog.at_level(logging.WARNING, "queast"):
        for _ in range(3):
            assert not asyncio.run(one.worker.take_up())
    assert caplog.messages == ["release refused"]
    current.write_bytes(good)
    assert asyncio.run(one.worker.take_up())
    assert list(one.worker.releases) == ["acme", "berg"]

"""A mirror does not grow old, and what it said yesterday makes no link that the record does not bear out today."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from decisions.test_links_by_name import company, links, scene_with
from queast_runtime.delivery import filling
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from queast_runtime.worker import Worker, mirroring
from queast_runtime.worker.mirroring import fill_mirrors

Make = Callable[..., Any]


def filled(scene: Make, *theirs: dict[str, Any]) -> Any:
    """A scene whose mirror is complete."""
    one = scene_with(scene, *theirs)
    one.submit(one.company(id="c_9", name="Zzz", domain="zzz.no"))
    one.drain()
    return one


def lists(one: Any) -> int:
    return sum(look == "list None" for look in one.memory.looks)


def test_a_mirror_of_yesterday_is_filled_anew_by_itself(scene: Make) -> None:
    one = filled(scene)
    assert lists(one) == 1
    one.clock.at += timedelta(hours=23)
    one.drain()
    assert lists(one) == 1
    one.memory.of("companies")["o1"]["domain"] = "new.no"
    one.clock.at += timedelta(hours=2)
    one.drain()
    assert lists(one) == 2
    with one.store.read() as view:
        assert view.mirror_find("acme", "1", "companies", "domain", "new.no") == ("o1",)
    one.drain()
    assert lists(one) == 2


def test_a_link_by_a_domain_that_moved_is_taken_back_before_anything_is_written(
    scene: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "MIRROR_AGE", timedelta(days=1_000))
    one = filled(
        scene,
        {"name": "Solvik Gruppen", "country": "Norway", "domain": "solvik.no"},
        {"name": "Solvik Maskin", "country": "Norway"},
    )
    one.memory.of("companies")["h1"]["domain"] = ""
    one.memory.of("companies")["h2"]["domain"] = "solvik.no"
    one.clock.at += timedelta(days=365)
    one.submit(company(one, domain="solvik.no"))
    one.drain()
    assert {link.queast_id: link.partner_id for link in links(one)}["c_1"] == "h2"
    assert one.memory.of("companies")["h1"] == {"name": "Solvik Gruppen", "country": "Norway", "domain": ""}
    with one.store.read() as view:
        history = view.link_history("acme", "1", "companies", "c_1")
        assert view.mirror_find("acme", "1", "companies", "domain", "solvik.no") in ((), ("h2",))
    assert [(change.action, change.reason) for change in history[:2]] == [
        ("linked", ""),
        ("unlinked", "the record no longer says its domain"),
    ]


def test_a_link_by_a_name_that_was_changed_is_taken_back(scene: Make) -> None:
    one = filled(scene, {"name": "Solvik Maskin", "country": "Norway"})
    one.memory.of("companies")["h1"]["name"] = "Bergen Bakeri"
    one.submit(company(one))
    one.drain()
    assert {link.partner_id for link in links(one)}.isdisjoint({"h1"})
    assert one.memory.of("companies")["h1"] == {"name": "Bergen Bakeri", "country": "Norway"}


def test_later_changes_of_a_record_do_not_take_its_link(scene: Make) -> None:
    one = filled(scene, {"name": "Solvik Maskin", "country": "Norway", "domain": "solvik.no"})
    one.submit(company(one, domain="solvik.no"))
    one.drain()
    one.memory.of("companies")["h1"]["domain"] = "moved.no"
    one.clock.at += timedelta(minutes=1)
    one.submit(company(one, domain="solvik.no", name="Solvik Nytt AS", sequence=9))
    one.drain()
    assert [link.partner_id for link in links(one) if link.queast_id == "c_1"] == ["h1"]


def test_a_filling_that_is_asked_for_while_another_process_drains_is_done_by_that_one(scene: Make) -> None:
    one = filled(scene)
    one.memory.of("companies")["o1"]["domain"] = "new.no"

    async def both() -> Any:
        stop = asyncio.Event()
        running = asyncio.create_task(one.worker.run(stop))
        await asyncio.sleep(0.1)
        with another(one) as asked:
            done = await fill_mirrors(asked, "acme", (), asyncio.Event(), lambda *told: None, anew=True)
        stop.set()
        await running
        return done

    async def nap(seconds: float) -> None:
        await asyncio.sleep(0.01)
        one.clock.at += timedelta(seconds=seconds)

    one.worker.nap = nap
    (done,) = asyncio.run(asyncio.wait_for(both(), 20))
    assert done.reason is None
    with one.store.read() as view:
        assert view.mirror_find("acme", "1", "companies", "domain", "new.no") == ("o1",)


def test_whoever_asks_is_told_when_no_page_comes(scene: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "PATIENCE_S", 0.3)
    one = filled(scene)
    with one.store.read() as view:
        size = view.mirror_size("acme", "1", "companies")
    epoch = one.store.new_epoch("acme", "somebody else")
    assert epoch
    with another(one) as asked:
        (done,) = asyncio.run(fill_mirrors(asked, "acme", (), asyncio.Event(), lambda *told: None, anew=True))
    assert done.records == size
    assert done.reason == "no page came for 0 s: not every page was read; whoever drains the tenant goes on with it"


@contextmanager
def another(one: Any) -> Iterator[Worker]:
    """A worker as another process has it: over the same database."""
    store = open_store(f"sqlite:///{one.folder / 'queast.db'}", open_sealer(one.folder, one.clock))
    given = {each.name: getattr(one.worker, each.name) for each in fields(one.worker) if not each.name.startswith("_")}
    try:
        yield Worker(**{**given, "store": store})
    finally:
        store.close()

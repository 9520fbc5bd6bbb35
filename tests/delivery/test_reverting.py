"""What a link's record held before us is put back wherever nobody edited it since, once, and over a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import pytest

from delivery.doubled import OBJECT, Doubled, Kind, OneToken, is_write, tenant_plans
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.cli.review_pages import put_back
from queast_runtime.connectors import open_driver
from queast_runtime.delivery import reverting
from queast_runtime.delivery.reverting import Restoration, Reverted, restoration, revert_link
from queast_runtime.ports import HttpRequest, Tuning
from queast_runtime.ports.matches import BeforeImage
from queast_runtime.ports.rows import Link

Make = Callable[[Kind], Doubled]
KINDS: tuple[Kind, ...] = ("hubspot", "pipedrive")
CITY = {"hubspot": "city", "pipedrive": "address"}
SIZE = {"hubspot": "numberofemployees", "pipedrive": "employee_count"}
ALWAYS = {"hubspot": "phone", "pipedrive": "linkedin"}
SOURCE = {"hubspot": "phone", "pipedrive": "linkedin_url"}


@cache
def plans(kind: Kind) -> tuple[ConnectionPlan, MappingPlan]:
    return tenant_plans(kind, Path(mkdtemp()))


@pytest.fixture
def doubled(tmp_path: Path) -> Iterator[Make]:
    made: list[Doubled] = []

    def make(kind: Kind) -> Doubled:
        connection, mapping = plans(kind)
        made.append(Doubled(tmp_path, kind=kind, connections=(connection,), plans=(mapping,)))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def tell(scene: Doubled, number: int, sequence: int, **changes: Any) -> None:
    scene.clock.at += timedelta(minutes=1)
    site = f"https://x{number}.no"
    identity = {"id": f"c_{number}", "name": f"Xylo {number}", "domain": f"x{number}.no", "website_url": site}
    scene.submit(scene.company(**identity, sequence=sequence, **changes))
    scene.drain()


def link_of(scene: Doubled, number: int = 0) -> Link:
    with scene.store.read() as view:
        found = view.link("acme", scene.plan.account, OBJECT[scene.kind], f"c_{number}")
    assert found is not None
    return found


def revert(scene: Doubled, number: int = 0) -> Reverted:
    scene.clock.at += timedelta(minutes=1)
    work = revert_link(scene.store, scene.driver(), scene.place, link_of(scene, number), "cli:anna", scene.clock.now())
    return asyncio.run(work)


def test_putting_back_is_charged_to_the_budget_of_the_connection(doubled: Make) -> None:
    one = doubled("pipedrive")
    one.tuning = Tuning(settle_s=1)
    one.restart()
    record = one.add(name="Xylo before", website="https://x0.no")
    tell(one, 0, 1, city="Oslo")
    one.restart()
    before = spent(one)

    async def put_back() -> Reverted:
        async with one.worker.operating("acme", one.plan.connection) as (driver, place):
            return await revert_link(one.store, driver, place, link_of(one), "cli:anna", one.clock.now())

    assert "address" in asyncio.run(put_back()).restored
    # A read of one organization costs 1 token, its update 5.
    assert spent(one) - before == 6
    assert "address" not in one.holds(record)


def test_the_page_puts_back_by_the_same_budget_while_nothing_drains(doubled: Make) -> None:
    one = doubled("pipedrive")
    one.tuning = Tuning(settle_s=1)
    one.restart()
    record = one.add(name="Xylo theirs", website="https://x0.no")
    tell(one, 0, 1, city="Oslo")
    one.restart()
    before = spent(one)

    async def from_a_pages_thread() -> str:
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(put_back, one.worker, loop, "acme", link_of(one), "web:ana")

    assert "is restored" in (said := asyncio.run(from_a_pages_thread())) or "are restored" in said
    assert spent(one) > before
    assert "address" not in one.holds(record)


def spent(scene: Doubled) -> int:
    with scene.store.read() as view:
        counters = view.counters("acme", scene.plan.connection, scene.clock.now().date())
    return sum(cost for name, cost in counters.items() if name.startswith("spent:daily"))


def empty(kind: Kind) -> str | None:
    return "" if kind == "hubspot" else None


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_nobody_edited_is_as_it_was_before_us(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    record = one.add(name="Xylo before", website="https://x0.no", **{ALWAYS[kind]: "1"})
    before = one.holds(record)
    tell(one, 0, 1, city="Oslo", employee_count=5, founded_on="2001-02-03", country="NO", **{SOURCE[kind]: "2"})
    tell(one, 0, 2, city="Bergen", employee_count=6, founded_on="2001-02-04", country="NO", **{SOURCE[kind]: "3"})
    one.edit(record, **{SIZE[kind]: "7" if kind == "hubspot" else 7})
    size = one.key(SIZE[kind])
    done = revert(one)
    assert done.left == (size,)
    assert done.reasons == {size: "edited in the CRM since we wrote it"}
    held = one.holds(record)
    assert held == before | {SIZE[kind]: "7" if kind == "hubspot" else 7}
    assert "queast_company_id" not in held, "our id is taken off, too, so that it does not link the two again"
    writes = len(one.straight.writes())
    assert revert(one) == Reverted((), (size,), done.reasons)
    assert len(one.straight.writes()) == writes
    assert one.state.violations() == []


@pytest.mark.parametrize(("kind", "steps"), [("hubspot", 300), ("pipedrive", 100)])
def test_all_untouched_fields_come_back_after_random_writes_and_edits(doubled: Make, kind: Kind, steps: int) -> None:
    one, draw = doubled(kind), Random(7)
    records = [one.add(name=f"Xylo {n} before", website=f"https://x{n}.no") for n in range(5)]
    losses = 0

    def lose(request: HttpRequest) -> bool:
        nonlocal losses
        lost = is_write(request) and draw.random() < 0.15
        losses += lost
        return lost

    one.straight.lose = lose
    # By (record, property): what is to come back while the value is ours, and whose value it is.
    back: dict[tuple[int, str], Any] = {}
    ours: set[tuple[int, str]] = set()
    watched = (CITY[kind], SIZE[kind], ALWAYS[kind])
    for step in range(steps):
        number = draw.randrange(len(records))
        was = one.holds(records[number])
        if draw.random() < 0.6 or step < 20:
            values = {"city": f"Queast {step}", "employee_count": 2 * step, SOURCE[kind]: f"queast {step}"}
            chosen = {name: value for name, value in values.items() if draw.random() < 0.7}
            tell(one, number, step + 1, **chosen)
            now = one.holds(records[number])
            for name in watched:
                if now.get(name) != was.get(name) and (number, name) not in ours:
                    back[number, name] = was.get(name)
                    ours.add((number, name))
        else:
            name = draw.choice(watched)
            typed: Any = empty(kind) if draw.random() < 0.2 else f"typed {step}"
            if name == SIZE[kind] and typed:
                typed = str(2 * step + 1) if kind == "hubspot" else 2 * step + 1
            one.edit(records[number], **{name: typed})
            if (typed or None) != was.get(name):
                ours.discard((number, name))
    one.straight.lose = lambda request: False
    assert losses > 1
    assert ours
    for number, record in enumerate(records):
        was = one.holds(record)
        done = revert(one, number)
        held = one.holds(record)
        for name in watched:
            expected = back[number, name] if (number, name) in ours else was.get(name)
            assert held.get(name) == expected, (number, name, done)
        touched = {one.key(name) for name in watched if (number, name) not in ours}
        assert set(done.left) <= touched
    assert one.state.violations() == []


def test_a_crash_after_the_write_costs_nothing(doubled: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = doubled("hubspot")
    record = one.add(name="Xylo before", website="https://x0.no")
    before = one.holds(record)
    tell(one, 0, 1, city="Oslo")

    def dies(store: object) -> Any:
        raise RuntimeError("the process ends")

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "Desk", dies)
        with pytest.raises(RuntimeError):
            revert(one)
    assert one.holds(record) == before
    writes = len(one.straight.writes())
    assert set(revert(one).restored) >= {"city", "queast_company_id"}
    assert len(one.straight.writes()) == writes, "it was written already, and is only marked now"
    assert revert(one) == Reverted()


def test_without_room_in_the_budget_nothing_is_done_and_it_can_be_done_later(doubled: Make) -> None:
    class Shut:
        async def enter(self, operation: str) -> float | None:
            return 60.0

        def learn(self, headers: object) -> None:
            return None

    one = doubled("pipedrive")
    one.add(name="Xylo before", website="https://x0.no")
    tell(one, 0, 1, city="Oslo")
    held_back = open_driver(one.plan, one.straight, OneToken(), one.clock, one.tuning, Shut())
    done = asyncio.run(revert_link(one.store, held_back, one.place, link_of(one), "cli:anna", one.clock.now()))
    assert not done.restored
    assert set(done.reasons.values()) == {"held back: the budget has no room now"}
    assert "address" in revert(one).restored


def test_a_value_that_the_crm_takes_no_more_does_not_keep_the_others(doubled: Make) -> None:
    one = doubled("hubspot")
    record = one.add(name="Xylo before", website="https://x0.no", numberofemployees="3", phone="1")
    tell(one, 0, 1, city="Oslo", phone="2")
    double: Any = one.straight.double
    # As if the property had been a text when we read it.
    with one.store.transaction() as tx:
        link = link_of(one)
        at = one.clock.now()
        (sample, *_) = tx.before_images("acme", link.account, link.object, record, at - timedelta(days=1))
        key = reverting.hashes_of(one.place, one.driver().form, link.object, record)
        odd = replace(sample, property="numberofemployees", before="many", written_hash=key("numberofemployees", "3"))
        tx.put_before_images("acme", [odd])
    done = revert(one)
    assert done.left == ("numberofemployees",)
    assert done.reasons["numberofemployees"].startswith("answered ")
    assert {"city", "phone", "queast_company_id"} <= set(done.restored)
    assert double.records.rows("companies")[record]["properties"]["phone"] == "1"


def image(before: Any, written: Any) -> BeforeImage:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return BeforeImage("d", "crm", "1", "companies", "9", "c_1", "city", before, repr(written), at)


@pytest.mark.parametrize(
    ("held", "images", "expected"),
    [
        ("W", [("A", "W")], Restoration("A", due=True)),
        ("A", [("A", "W")], Restoration("A", due=False)),
        ("P", [("A", "W")], "touched"),
        (None, [("A", "W")], "touched"),
        ("W", [(None, "W")], Restoration(None, due=True)),
        ("W2", [("W1", "W2"), ("A", "W1")], Restoration("A", due=True)),
        ("A", [("W1", "W2"), ("A", "W1")], Restoration("A", due=False)),
        ("W2", [("P", "W2"), ("A", "W1")], Restoration("P", due=True)),
        # The newest write never happened.
        ("W1", [("W1", "W2"), ("A", "W1")], Restoration("A", due=True)),
        ("W2", [("A", "W2"), ("A", "W1")], Restoration("A", due=True)),
    ],
)
def test_what_to_put_back_is_what_was_there_before_our_unbroken_writes(
    held: Any, images: list[tuple[Any, Any]], expected: Any
) -> None:
    assert restoration(held, [image(*each) for each in images], repr) == expected

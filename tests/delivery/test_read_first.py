"""Through a worker and the doubles: an edit survives, what is empty is filled, and a crash changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from delivery.doubled import Doubled, Kind, is_write, tenant_plans
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.delivery import attempt, lane
from queast_runtime.ports import Tuning
from queast_runtime.ports.store import Snapshot

Make = Callable[..., Doubled]
KINDS: tuple[Kind, ...] = ("hubspot", "pipedrive")
# The same five properties at both destinations: unless_edited (three), if_empty, always.
CITY = {"hubspot": "city", "pipedrive": "address"}
SIZE = {"hubspot": "numberofemployees", "pipedrive": "employee_count"}
FOUNDED = {"hubspot": "queast_founded_on", "pipedrive": "founded_on"}
COUNTRY = {"hubspot": "country", "pipedrive": "country"}
ALWAYS = {"hubspot": "phone", "pipedrive": "linkedin"}
SITE = "https://acme.no"


@cache
def plans(kind: Kind) -> tuple[ConnectionPlan, MappingPlan]:
    return tenant_plans(kind, Path(mkdtemp()))


@pytest.fixture
def doubled(tmp_path: Path) -> Iterator[Make]:
    made: list[Doubled] = []

    def make(kind: Kind, **changes: Any) -> Doubled:
        connection, mapping = plans(kind)
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Doubled(folder, kind=kind, connections=(connection,), plans=(mapping,), **changes))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def tell(scene: Doubled, sequence: int, **changes: Any) -> None:
    """Send news of the one company, a minute after the last."""
    scene.clock.at += timedelta(minutes=1)
    scene.submit(news(scene, sequence, **changes))
    scene.drain()


def news(scene: Doubled, sequence: int, *, always: str | None = None, **changes: Any) -> dict[str, Any]:
    """`always` is the value of the property that is always written."""
    source = "phone" if scene.kind == "hubspot" else "linkedin_url"
    return scene.company(sequence=sequence, website_url=SITE, **({source: always} if always else {}), **changes)


def by_hand(scene: Doubled, **properties: Any) -> str:
    return scene.add(name="Acme", website=SITE, **properties)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_survives_our_next_update_and_what_nobody_touched_follows(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    tell(one, 1, city="Oslo", employee_count=10, founded_on="2001-02-03")
    record = _only(one)
    one.edit(record, **{CITY[kind]: "Bergen"})
    tell(one, 2, city="Trondheim", employee_count=20, founded_on="2001-02-04")
    held = one.holds(record)
    assert held[CITY[kind]] == "Bergen"
    assert str(held[SIZE[kind]]) == "20"
    assert held[FOUNDED[kind]] in ("2001-02-04", "981244800000")
    assert one.told() == [None, f"left alone: {one.key(CITY[kind])} (edited in the CRM)"]
    with one.store.read() as view:
        told = view.attempts("acme", one.deliveries()[-1].id)
    assert [each.message for each in told] == [f"left alone: {one.key(CITY[kind])} (edited in the CRM)"]
    assert one.state.violations() == []


def _only(scene: Doubled) -> str:
    with scene.store.read() as view:
        (link,) = view.links("acme")
    return link.partner_id


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_people_made_is_only_filled_until_a_value_is_ours(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    record = by_hand(one, **{CITY[kind]: "Bergen", ALWAYS[kind]: "1"})
    tell(one, 1, city="Oslo", employee_count=10, country="NO", always="2")
    held = one.holds(record)
    assert held["name"] == "Acme"
    assert held[CITY[kind]] == "Bergen"
    assert str(held[SIZE[kind]]) == "10"
    assert held[COUNTRY[kind]] == "NO"
    assert held[ALWAYS[kind]] == "2"
    assert held["queast_company_id"] == "c_1"
    words = one.told()[0] or ""
    assert "name (held a value before us)" in words
    assert f"{one.key(CITY[kind])} (held a value before us)" in words
    assert "Bergen" not in words
    tell(one, 2, city="Oslo", employee_count=11, country="SE", always="2")
    held = one.holds(record)
    assert str(held[SIZE[kind]]) == "11", "we wrote it last, so it follows"
    assert held[COUNTRY[kind]] == "NO", "if_empty never replaces"
    # Somebody empties what they had typed: now it is ours to fill.
    one.edit(record, **{CITY[kind]: "" if kind == "hubspot" else None})
    tell(one, 3, city="Oslo", employee_count=12)
    assert one.holds(record)[CITY[kind]] == "Oslo"
    assert one.state.violations() == []


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_may_be_written_no_request_is_made_for_it(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    record = by_hand(one, **{ALWAYS[kind]: "1", "queast_company_id": "c_1"})
    one.edit(record, **{CITY[kind]: "Bergen"})
    domain = {"hubspot": "domain", "pipedrive": "queast_domain"}[kind]
    one.edit(record, **{domain: "acme.no"})
    tell(one, 1, city="Oslo", always="1")
    assert [row.state.value for row in one.deliveries()] == ["delivered"]
    assert (one.told()[0] or "").startswith("nothing to write; left alone: ")
    assert one.deliveries()[0].attempts == 0
    assert one.straight.writes() == []


@pytest.mark.parametrize("kind", KINDS)
def test_through_an_inferred_link_only_empty_properties_are_filled_and_our_id_stays_out(
    doubled: Make, kind: Kind
) -> None:
    one = doubled(kind)
    record = by_hand(one, **{CITY[kind]: "Bergen", ALWAYS[kind]: "1"})
    tell(one, 1, city="Oslo", always="2")
    with one.store.transaction() as tx:
        (link,) = tx.links("acme")
        tx.remove_link("acme", link.account, link.object, "c_1", actor="test", reason="again", at=one.clock.now())
        again = replace(link, rule="name", standing="inferred", created_at=one.clock.now())
        tx.put_link("acme", again)
    one.edit(record, queast_company_id="" if kind == "hubspot" else None, **{ALWAYS[kind]: "theirs"})
    tell(one, 2, city="Oslo", employee_count=5, always="3", founded_on="2001-02-03")
    held = one.holds(record)
    assert (held[CITY[kind]], held[ALWAYS[kind]], str(held[SIZE[kind]])) == ("Bergen", "theirs", "5")
    assert "queast_company_id" not in held
    assert "the link is inferred)" in (one.told()[-1] or "")


def test_reads_are_made_in_batches_and_only_where_something_depends_on_them(doubled: Make) -> None:
    one = doubled("hubspot")
    companies = [{"id": f"c_{n}", "domain": f"x{n}.no", "name": f"X {n}"} for n in range(30)]
    one.submit(*(one.company(**each) for each in companies))
    one.drain()
    assert one.straight.reads() == [], "a record that is made is not read"
    one.submit(*(one.company(**each, city="Oslo", sequence=9) for each in companies))
    one.drain()
    assert len(one.straight.reads()) == 1
    assert one.states() == ["delivered"] * 60
    assert one.state.violations() == []


def test_reads_count_against_the_budget_as_operations_of_their_own(doubled: Make) -> None:
    one = doubled("pipedrive", tuning=real_rates())
    record = by_hand(one)
    tell(one, 1, city="Oslo")
    spent_before = spent(one)
    tell(one, 2, city="Bergen")
    # A read of one organization costs 1 token, its update 5.
    assert spent(one) - spent_before == 6
    assert one.holds(record)["address"] == "Bergen"
    assert len(one.straight.reads()) == 2


def real_rates() -> Tuning:
    return Tuning(settle_s=1)


def spent(scene: Doubled) -> int:
    with scene.store.read() as view:
        counters = view.counters("acme", scene.plan.connection, scene.clock.now().date())
    return sum(cost for name, cost in counters.items() if name.startswith("spent:daily"))


class Killed(Exception):
    """The end of the process."""


def kill_at(monkeypatch: pytest.MonkeyPatch, scene: Doubled, point: str) -> None:
    """End the process at the first visit: from then on nothing is stored and nothing is sent."""

    def reach(visited: str) -> None:
        if visited == point and not scene.straight.dead:
            scene.straight.dead = True
            scene.store.close()
            raise Killed

    monkeypatch.setattr(lane, "reach", reach)
    monkeypatch.setattr(attempt, "reach", reach)


def crash(scene: Doubled, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    with monkeypatch.context() as patch:
        kill_at(patch, scene, point)
        with pytest.raises(Exception):  # noqa: B017 (what ends a process is no matter)
            scene.drain()
    assert scene.straight.dead, f"{point} was not reached"
    scene.straight.dead = False
    scene.open()


POINTS = ("between-read-and-write", "before-send", "answer-no-commit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_around_an_update_ends_in_the_same_state(
    doubled: Make, kind: Kind, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = doubled(kind)
    record = by_hand(one, **{ALWAYS[kind]: "1"})
    one.edit(record, **({"domain": "acme.no"} if kind == "hubspot" else {"queast_domain": "acme.no"}))
    one.submit(news(one, 1, city="Oslo", employee_count=10, always="2"))
    crash(one, monkeypatch, point)
    one.drain()
    tell(one, 2, city="Bergen", employee_count=11, always="3")
    held = one.holds(record)
    assert (held[CITY[kind]], str(held[SIZE[kind]])) == ("Bergen", "11"), "what the lost write wrote is still ours"
    with one.store.read() as view:
        first = {image.property: image.before for image in reversed(oldest_first(view, one, record))}
    assert first[ALWAYS[kind]] == "1", "our own value was not taken for what was there before"
    assert first[one.key(CITY[kind])] in (None, "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", ["before-send", "answer-no-commit"])
def test_a_crash_around_a_create_ends_in_the_same_state(
    doubled: Make, kind: Kind, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = doubled(kind)
    one.submit(one.company(sequence=1, website_url=SITE, city="Oslo", employee_count=10))
    crash(one, monkeypatch, point)
    one.drain()
    tell(one, 2, city="Bergen", employee_count=11)
    held = one.holds()
    assert (held[CITY[kind]], str(held[SIZE[kind]])) == ("Bergen", "11")


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_answer_leaves_the_older_image_and_the_value_ours(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    record = by_hand(one, **{ALWAYS[kind]: "1"})
    one.edit(record, **({"domain": "acme.no"} if kind == "hubspot" else {"queast_domain": "acme.no"}))
    losses = iter([True])
    one.straight.lose = lambda request: is_write(request) and next(losses, False)
    tell(one, 1, city="Oslo", always="2")
    tell(one, 2, city="Bergen", always="2")
    assert one.holds(record)[CITY[kind]] == "Bergen"
    with one.store.read() as view:
        images = oldest_first(view, one, record)
    assert [image.before for image in images if image.property == ALWAYS[kind]] == ["1"]


def oldest_first(view: Snapshot, scene: Doubled, record: str) -> tuple[Any, ...]:
    object_ = {"hubspot": "companies", "pipedrive": "organizations"}[scene.kind]
    since = scene.clock.now().replace(year=2025)
    return tuple(reversed(view.before_images("acme", scene.plan.account, object_, record, since)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_engine_that_forgets_what_it_wrote_would_be_told_from_this_one(
    doubled: Make, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive engine: it never knows that a value is its own, so nothing that it wrote ever follows."""

    def nothing(*_: Any) -> Mapping[str, str]:
        return {}

    one = doubled(kind)
    tell(one, 1, city="Oslo")
    with monkeypatch.context() as patch:
        patch.setattr("queast_runtime.store.written.WrittenReads.last_written", nothing)
        tell(one, 2, city="Bergen")
        assert one.holds()[CITY[kind]] == "Oslo"
    tell(one, 3, city="Trondheim")
    assert one.holds()[CITY[kind]] == "Trondheim"


def test_a_record_that_is_gone_is_a_question_to_a_person(doubled: Make) -> None:
    one = doubled("hubspot")
    tell(one, 1, city="Oslo")
    double: Any = one.straight.double
    double.records.archive("companies", _only(one))
    tell(one, 2, city="Bergen")
    assert one.states() == ["delivered", "waiting"]
    with one.store.read() as view:
        assert view.links("acme") == ()

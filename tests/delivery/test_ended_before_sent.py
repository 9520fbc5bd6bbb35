"""What ended before its first send is not made, and stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine_plans import connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from queast_runtime.ports import ErrorClass, Phase, Refused

Make = Callable[..., Any]
BUSY = Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY)


def held_back(scene: Make) -> Any:
    """c_1 was tried once and holds the domain; c_2, of the same domain, waits for what becomes of it."""
    left = [BUSY]
    one = scene(memory=Memory(fault=lambda item: left.pop() if left else None))
    one.submit(one.company("created"), one.company("created", id="c_2", name="Acme Sister"))
    one.drain(patience_s=0.5)
    assert one.memory.of("companies") == {}
    assert {row.queast_id: row.needs for row in one.deliveries()} == {"c_1": (), "c_2": ("claim:companies:c_1",)}
    return one


def reviews(one: Any) -> list[tuple[str, tuple[Any, ...]]]:
    with one.store.read() as snapshot:
        return [(review.queast_id, review.candidates) for review in snapshot.reviews("acme")]


@pytest.mark.parametrize("kind", ["opted_out", "deleted", "erased"])
def test_a_company_that_ends_lets_go_of_its_domain(scene: Make, kind: str) -> None:
    one = held_back(scene)
    one.submit(one.company(kind, sequence=4))
    one.drain()
    assert [record["name"] for record in one.memory.of("companies").values()] == ["Acme Sister"]
    assert reviews(one) == []


def test_a_person_is_shown_the_record_and_never_the_claim(scene: Make) -> None:
    """D3.4: one record stands for one company of ours."""
    one = held_back(scene)
    one.drain()
    (record,) = one.memory.of("companies")
    assert [(ours, [each["partner_id"] for each in shown]) for ours, shown in reviews(one)] == [("c_2", [record])]


def test_a_company_deleted_before_its_first_send_is_not_created_nor_is_its_note(scene: Make) -> None:
    """D4.2."""
    one = scene()
    one.submit(one.company("created"), one.signal(), one.company("deleted", sequence=4))
    one.drain()
    assert one.memory.log == []


def test_a_deleted_signal_makes_no_note_and_an_older_deletion_stops_nothing(scene: Make) -> None:
    one = scene()
    one.submit(one.signal(), one.signal("deleted", sequence=2))
    one.submit(one.company("created", id="c_2", domain="b.no"), one.company("deleted", id="c_2", sequence=2))
    one.drain()
    assert one.memory.of("notes") == {}
    assert len(one.memory.of("companies")) == 2


def test_a_message_that_something_was_made_goes_out_before_the_one_that_it_is_gone(scene: Make) -> None:
    route = route_plan("company", "send", events=("created", "deleted"))
    one = scene(plans=(mapping_plan(route, connection="hook"),), connections=(connection_plan("hook"),))
    one.submit(one.company("created"), one.company("deleted", sequence=4))
    one.drain()
    types = [body["type"] for bodies in one.memory.sent.values() for body in bodies]
    assert types == ["queast.company.created", "queast.company.deleted"]

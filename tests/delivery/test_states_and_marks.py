"""What is stored of an entity, and who may take a mark back: D4.1, D5.3, D6.2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine_plans import WHOLE_SIGNAL, connection_plan, mapping_plan, route_plan

Make = Callable[..., Any]


def stored(one: Any, entity: str = "company", identity: str = "c_1") -> tuple[int, bool]:
    with one.store.read() as snapshot:
        row = snapshot.entity("acme", entity, identity)
        assert row is not None
        return row.sequence, row.state is not None


@pytest.mark.parametrize(("kind", "sequence"), [("erased", 1), ("erased", 3), ("erased", 9), ("deleted", 3)])
def test_what_is_erased_or_deleted_is_no_longer_stored(scene: Make, kind: str, sequence: int) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.submit(one.company(kind, sequence=sequence))
    assert stored(one) == (max(3, sequence), False)


def test_a_deletion_older_than_the_state_is_stale(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    assert one.submit(one.company("deleted", sequence=2)).reasons == {"stale_sequence": 1}
    assert stored(one) == (3, True)


def test_nothing_of_an_erased_company_is_stored_again(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"), one.company("erased", sequence=4), one.company(sequence=5))
    assert stored(one) == (5, False)


def test_a_company_that_takes_its_mark_back_leaves_again(scene: Make) -> None:
    """D5.3."""
    one = scene()
    one.submit(one.company("created", do_not_export=True))
    assert one.submit(one.company(sequence=4)).deliveries == 0, "what is unsaid takes nothing back"
    assert one.submit(one.company(sequence=5, do_not_export=False)).deliveries == 1
    one.drain()
    assert len(one.memory.of("companies")) == 1


def test_a_mark_is_not_taken_back_by_an_older_or_a_strangers_word(scene: Make) -> None:
    """D5.3."""
    one = scene()
    flagged = {"id": "c_1", "sequence": 7, "name": "Acme AS", "domain": "acme.no", "do_not_export": True}
    one.submit(one.signal(company=flagged))
    assert one.submit(one.company(sequence=6, do_not_export=False)).deliveries == 0
    one.submit(one.signal(id="s_2", company={**flagged, "sequence": 9, "do_not_export": False}))
    assert one.deliveries() == ()


@pytest.mark.parametrize("kind", ["opted_out", "erased"])
@pytest.mark.parametrize("marked", [True, False])
def test_an_opt_out_or_erasure_is_never_taken_back(scene: Make, kind: str, marked: bool) -> None:
    """D5.3: also where the mark came first."""
    one = scene()
    one.submit(one.company("created", do_not_export=marked), one.company(kind, sequence=4))
    assert one.submit(one.company(sequence=5, do_not_export=False)).deliveries == 0


@pytest.mark.parametrize("again", ["created", "updated"])
def test_of_two_contents_under_one_sequence_the_last_is_stored_and_sent(scene: Make, again: str) -> None:
    """D4.1: whatever the event's kind."""
    one = scene()
    one.submit(one.company("updated", name="First"))
    one.drain()
    one.submit(one.company(again, name="Second"))
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "Second"
    with one.store.read() as snapshot:
        row = snapshot.entity("acme", "company", "c_1")
    assert row is not None
    assert row.state is not None
    assert b"Second" in row.state
    assert one.submit(one.company(again, name="Second")).reasons == {"unchanged": 1}


def test_two_contents_under_one_sequence_are_two_messages_and_a_repeat_is_none(scene: Make) -> None:
    plan = mapping_plan(route_plan("signal", "send", body=WHOLE_SIGNAL), connection="hook")
    one = scene(plans=(plan,), connections=(connection_plan("hook"),))
    one.submit(one.signal(), one.signal(), one.signal(title="Other"), one.signal(title="Other"))
    one.drain()
    assert [[body["title"] for body in bodies] for bodies in one.memory.sent.values()] == [["Hires ten"], ["Other"]]


def test_a_company_that_came_inside_a_signal_first_may_still_tell_of_itself(scene: Make) -> None:
    one = scene()
    one.submit(one.signal())
    assert one.submit(one.company(city="Oslo")).counts.get("stale") is None
    with one.store.read() as snapshot:
        row = snapshot.entity("acme", "company", "c_1")
    assert row is not None
    assert row.state is not None
    assert b"Oslo" in row.state


def test_two_lines_that_differ_after_their_first_kilobyte_are_two(scene: Make) -> None:
    one = scene()
    long = b'{"id": "' + b"x" * 300_000
    assert one.submit(long + b"1", long + b"2").counts == {"refused": 2}
    assert one.submit(long + b"1").counts == {"duplicate": 1}

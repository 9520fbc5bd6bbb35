"""What was last told is known only while every later answer came back; then it is told again (D4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine_plans import WHOLE_SIGNAL, connection_plan, mapping_plan, route_plan
from memory_destination import LOST
from queast_runtime.ports import ErrorClass, Phase, Refused
from queast_runtime.ports.ledger import DeliveryFilter

Make = Callable[..., Any]
NO = Refused(ErrorClass.REJECT, "no", 422, Phase.BODY)


def once(*results: Any) -> Callable[[Any], Any]:
    left = list(results)
    return lambda item: left.pop(0) if left else None


@pytest.mark.parametrize("ends", ["dead", "cancelled", "superseded"])
def test_the_earlier_state_is_told_again_after_a_later_one_was_applied_without_an_answer(
    scene: Make, ends: str
) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.memory.fault = once(LOST, NO)
    one.submit(one.company(sequence=4, name="B"))
    one.drain(patience_s=None if ends == "dead" else 0.0)
    if ends == "cancelled":
        with one.store.transaction() as tx:
            assert tx.cancel("acme", DeliveryFilter(), one.clock.now(), "by hand") == 1
    one.submit(one.company(sequence=5))
    one.memory.fault = once()
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "Acme AS"


def test_a_webhook_is_told_again_after_another_message_got_no_answer(scene: Make) -> None:
    plan = mapping_plan(route_plan("signal", "send", body=WHOLE_SIGNAL), connection="hook")
    one = scene(plans=(plan,), connections=(connection_plan("hook"),))
    one.submit(one.signal())
    one.drain()
    one.memory.fault = once(LOST, NO)
    one.submit(one.signal("updated", sequence=2, title="B"))
    one.drain()
    one.submit(one.signal("updated", sequence=3))
    one.drain()
    told = [bodies[-1]["title"] for bodies in one.memory.sent.values()]
    assert told == ["Hires ten", "B", "Hires ten"]


def test_what_a_killed_process_left_open_is_told_again_by_the_next_state(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.submit(one.company(sequence=4, name="B"))
    with one.store.transaction() as tx:
        (taken,) = tx.take("acme", "crm", one.clock.now(), 10, 0)
        before = tx.projection("acme", "crm", "acme-crm", "companies", taken.delivery.projection_key)
        tx.recover("acme", one.clock.now(), 1)
        after = tx.projection("acme", "crm", "acme-crm", "companies", taken.delivery.projection_key)
    assert before is not None
    assert after is None


def test_a_refusal_leaves_what_was_last_told_as_it_was(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.memory.fault = once(NO)
    one.submit(one.company(sequence=4, name="B"))
    one.drain()
    assert one.submit(one.company(sequence=5)).reasons == {"unchanged": 1}


def test_a_new_account_is_told_what_the_old_one_was_told(scene: Make) -> None:
    """D3.5: links, notes and what was last told belong to one pinned account."""
    one = scene()
    one.submit(one.company("created"), one.signal())
    one.drain()
    one.memory.records.clear()
    one.memory.references.clear()
    one.connections = (connection_plan(account="2"),)
    one.restart()
    one.submit(one.company(sequence=4), one.signal(sequence=2))
    one.drain()
    assert len(one.memory.of("companies")) == len(one.memory.of("notes")) == 1


def test_a_note_brings_its_company_again_once_the_record_is_unlinked(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    with one.store.transaction() as tx:
        tx.remove_link("acme", "1", "companies", "c_1", actor="ana", reason="wrong", at=one.clock.now())
    one.submit(one.signal())
    one.drain()
    assert set(one.states()) == {"delivered"}
    assert len(one.memory.of("notes")) == 1

"""What waited for a person goes on by the answer: linked, matched anew, created once, asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Done, Outcome, Refused, Reviewer
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports import ErrorClass, Phase, WriteItem
from queast_runtime.ports import Refused as RefusedWrite
from queast_runtime.ports.matches import Review

Make = Callable[..., Any]
ANNA = Reviewer("anna", "reviewer")


def asked(one: Any) -> Review:
    with one.store.read() as view:
        (case,) = view.reviews("acme")
    return case


def answer(one: Any, choice: Choice, partner_id: str | None = None) -> Outcome:
    case = asked(one)
    return answering_in(one.store, "acme", Answer(case.id, case.version, choice, partner_id), ANNA, one.clock.now())


def answered(one: Any, choice: Choice, partner_id: str | None = None) -> Done:
    outcome = answer(one, choice, partner_id)
    assert isinstance(outcome, Done), outcome
    return outcome


def undo(one: Any, case: Review) -> Outcome:
    return undoing_in(one.store, "acme", case.id, case.version, ANNA, one.clock.now())


@pytest.fixture
def waiting(scene: Make) -> Any:
    """A company and its signal wait, because two records have the company's domain."""
    one = scene()
    one.memory.add("companies", "7", domain="acme.no")
    one.memory.add("companies", "8", website="https://www.acme.no/")
    one.submit(one.company(), one.signal())
    one.drain()
    assert one.memory.log == []
    return one


def test_accepting_sends_what_waited_to_the_chosen_record(waiting: Any) -> None:
    done = answered(waiting, "link", "8")
    assert done.effect == "linked to companies 8; 2 deliveries that waited are due to be sent"
    waiting.drain()
    assert waiting.states() == ["delivered", "delivered"]
    assert waiting.memory.of("companies")["8"]["name"] == "Acme AS"
    (note,) = waiting.memory.of("notes")
    assert waiting.memory.links[note] == (("companies", "8"),)


def test_rejecting_one_of_two_leaves_the_other_to_be_found(waiting: Any) -> None:
    """The case goes on by itself; the record that is left is a person's to accept."""
    answered(waiting, "reject", "7")
    waiting.drain()
    assert waiting.states() == ["waiting", "waiting"]
    answered(waiting, "link")
    waiting.drain()
    assert waiting.memory.of("companies")["8"]["name"] == "Acme AS"


def test_rejecting_all_matches_anew_without_them(waiting: Any) -> None:
    """The connection creates where nothing fits; the live search must not find the rejected ones again."""
    answered(waiting, "reject")
    waiting.drain()
    assert waiting.states() == ["delivered", "delivered"]
    assert [what[:2] for what in waiting.memory.log] == [("create", "companies"), ("create", "notes")]
    assert "name" not in waiting.memory.of("companies")["7"]


@pytest.mark.parametrize("on_none", ["review", "skip"])
def test_creating_asks_nobody_again_and_holds_once(on_none: str, scene: Make) -> None:
    from engine_plans import connection_plan, match_plan

    one = scene(connections=(connection_plan(match=(match_plan(on_none=on_none),)),))
    one.memory.add("companies", "7", domain="acme.no")
    one.memory.add("companies", "8", domain="acme.no")
    one.submit(one.company())
    one.drain()
    answered(one, "create")
    one.drain()
    assert one.states() == ["delivered"]
    assert [what[:2] for what in one.memory.log] == [("create", "companies")]
    (made,) = set(one.memory.of("companies")) - {"7", "8"}
    one.memory.fault = lambda item: RefusedWrite(ErrorClass.GONE, "gone", 404, Phase.BODY) if item.partner_id else None
    one.submit(one.company(sequence=9, name="Acme ASA"))
    one.drain()
    assert one.states() == ["delivered", "waiting"], made
    assert asked(one).reason.startswith("the linked record is gone")
    assert [what[:2] for what in one.memory.log].count(("create", "companies")) == 1


def test_creating_can_be_taken_back_before_anything_is_sent_and_not_afterwards(waiting: Any) -> None:
    done = answered(waiting, "create")
    back = undo(waiting, done.review)
    assert isinstance(back, Done)
    waiting.drain()
    assert waiting.memory.log == []
    assert waiting.states() == ["waiting", "waiting"]
    done = answered(waiting, "create")
    waiting.drain()
    refused = undo(waiting, done.review)
    assert isinstance(refused, Refused)
    assert "was made for c_1 and stays in the CRM" in refused.sentence


def test_taking_an_accept_back_tells_what_stays_and_asks_again_for_what_comes(waiting: Any) -> None:
    done = answered(waiting, "link", "8")
    waiting.drain()
    back = undo(waiting, done.review)
    assert isinstance(back, Done)
    assert back.stays == "2 deliveries to companies 8 stay in the CRM"
    assert back.link is not None
    before = list(waiting.memory.log)
    waiting.submit(waiting.company(sequence=9, name="Acme ASA"))
    waiting.drain()
    assert waiting.memory.log == before
    assert waiting.states()[-1] == "waiting"
    assert asked(waiting).id == done.review.id


def test_a_create_that_is_under_way_is_not_taken_back(waiting: Any) -> None:
    outcomes: list[Outcome] = []
    done = answered(waiting, "create")

    def while_it_is_sent(item: WriteItem) -> None:
        if item.object == "companies":
            outcomes.append(undo(waiting, done.review))

    waiting.memory.fault = while_it_is_sent
    waiting.drain()
    (refused,) = outcomes
    assert isinstance(refused, Refused)
    assert refused.sentence == "its record is being made right now"
    assert waiting.states() == ["delivered", "delivered"]

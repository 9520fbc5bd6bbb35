"""A case that asks nothing any more is withdrawn, and none makes a link to what is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from decisions.test_links_by_name import company, links, scene_with
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Outcome, Refused, Reviewer, Stale
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.matches import Review
from queast_runtime.worker.mirroring import fill_mirrors

Make = Callable[..., Any]
ANNA = Reviewer("anna", "reviewer")


def asking(scene: Make) -> tuple[Any, Review]:
    """A company of ours that a person must decide about: its name is that of h1, and nothing else is known of that."""
    one = scene_with(scene, {"name": "Solvik Maskin"})
    one.submit(company(one))
    one.drain()
    (case,) = open_cases(one)
    assert one.states() == ["waiting"]
    return one, case


def open_cases(one: Any) -> tuple[Review, ...]:
    with one.store.read() as view:
        return view.reviews("acme")


def again(one: Any, case: Review) -> Review:
    with one.store.read() as view:
        return view.review("acme", case.id)


def say(one: Any, case: Review, choice: Choice, record: str | None = None) -> Outcome:
    return answering_in(one.store, "acme", Answer(case.id, case.version, choice, record), ANNA, one.clock.now())


def test_a_case_is_withdrawn_once_a_rule_links_its_company(scene: Make) -> None:
    """D3.2."""
    """D3.4"""
    one, case = asking(scene)
    one.memory.of("companies")["h1"]["domain"] = "solvik.no"
    asyncio.run(fill_mirrors(one.worker, "acme", (), asyncio.Event(), lambda *_: None, anew=True))
    one.submit(company(one, domain="solvik.no", sequence=9))
    one.drain()
    (link,) = links(one)
    assert (link.partner_id, link.rule) == ("h1", "domain")
    assert open_cases(one) == ()
    given = again(one, case).answer
    assert given is not None
    assert (given.choice, given.partner_id, given.actor, given.role) == ("withdrawn", "h1", "engine", "")
    assert given.note == "linked by domain"
    assert "waiting" not in one.states()
    assert isinstance(say(one, case, "create"), Stale)
    undone = undoing_in(one.store, "acme", case.id, case.version + 1, ANNA, one.clock.now())
    assert undone == Refused("no person answered this case: linked by domain", "if its link is wrong, unlink it")


@pytest.mark.parametrize(
    ("kind", "changes", "why"),
    [
        ("deleted", {}, "its company is deleted"),
        ("erased", {}, "its company is erased"),
        ("opted_out", {}, "its company is opted_out"),
        ("updated", {"do_not_export": True}, "its company is do_not_export"),
    ],
    ids=["deleted", "erased", "opted out", "not to be exported"],
)
def test_a_case_is_withdrawn_once_its_company_may_not_be_linked(
    scene: Make, kind: str, changes: dict[str, Any], why: str
) -> None:
    """D5.3."""
    """D3.4"""
    one, case = asking(scene)
    one.submit(one.event(f"company.{kind}", {"company": {**company(one, sequence=9, **changes)["data"]["company"]}}))
    one.drain()
    given = again(one, case).answer
    assert given is not None
    assert (given.choice, given.partner_id, given.note) == ("withdrawn", None, why)
    assert isinstance(say(one, case, "link", "h1"), Stale)
    assert links(one) == []
    assert one.states() == ["cancelled"]


@pytest.mark.parametrize("choice", ["link", "create"])
def test_no_answer_links_a_company_that_may_not_leave(scene: Make, choice: Choice) -> None:
    """D5.3."""
    """D3.4"""
    one, case = asking(scene)
    with one.store.transaction() as tx:
        tx.suppress("acme", "company", case.queast_id, "opted_out", one.clock.now())
    refused = say(one, case, choice, "h1" if choice == "link" else None)
    assert refused == Refused(f"company {case.queast_id} may not be passed on: opted out", "reject the case")
    with one.store.transaction() as tx:
        tx.unsuppress("acme", "company", case.queast_id)
        tx.put_entity("acme", "company", case.queast_id, 99, None, one.clock.now())
    refused = say(one, case, choice, "h1" if choice == "link" else None)
    assert refused == Refused(f"company {case.queast_id} was deleted", "reject the case")
    assert links(one) == []

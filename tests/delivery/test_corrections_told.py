"""What a person corrects reaches the CRM by itself, and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from decisions.test_links_by_name import company, links, scene_with
from delivery.test_links_taken_down import ANNA, take_down
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.linking import open_sample
from queast_runtime.delivery.reviewing.outcomes import Choice, Done
from queast_runtime.ports.matches import NewReview

Make = Callable[..., Any]


def inferred(scene: Make, *others: dict[str, Any]) -> Any:
    """A company that is linked to h1 by name; that has another spelling, which an inferred link leaves alone."""
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"}, *others)
    one.submit(company(one, domain="solvik.no"))
    one.drain()
    assert [(link.partner_id, link.standing) for link in links(one)] == [("h1", "inferred")]
    assert one.memory.of("companies")["h1"]["name"] == "Solvik Maskin"
    return one


def sample(one: Any, *candidates: str) -> str:
    """Open a blind sample about the link."""
    (link,) = links(one)
    (row,) = one.deliveries()
    new = NewReview(
        account="1",
        object="companies",
        queast_id="c_1",
        connection="crm",
        entity="company",
        kind="sample",
        reason="",
        rule="name",
        score=1.0,
        subject={},
        candidates=tuple({"partner_id": each, "score": 1.0, "rule": "name", "evidence": []} for each in candidates),
        mapping=row.mapping,
        plan_digest=row.plan_digest,
        event_source=row.event_source,
        event_id=row.event_id,
        created_at=one.clock.now(),
    )
    with one.store.transaction() as tx:
        return open_sample(tx, "acme", link, new)


def say(one: Any, case: str, choice: Choice, partner_id: str | None = None) -> Done:
    with one.store.read() as view:
        version = view.review("acme", case).version
    done = answering_in(one.store, "acme", Answer(case, version, choice, partner_id), ANNA, one.clock.now())
    assert isinstance(done, Done), done
    one.clock.at += timedelta(minutes=1)
    return done


def test_after_a_link_is_confirmed_what_it_left_alone_is_written_once(scene: Make) -> None:
    one = inferred(scene)
    done = say(one, sample(one, "h1"), "link", "h1")
    assert done.effect == "the link to companies h1 is confirmed; what it was told last is told again"
    one.drain()
    assert one.memory.of("companies")["h1"]["name"] == "Solvik Maskin AS"
    assert one.states() == ["delivered", "delivered"]
    assert one.submit(company(one, domain="solvik.no", sequence=9)).reasons == {"unchanged": 1}


def test_the_right_record_gets_what_the_wrong_one_got(scene: Make) -> None:
    one = inferred(scene, {"name": "Solvik Industri", "country": "Norway"})
    done = say(one, sample(one, "h1", "h2"), "link", "h2")
    assert done.effect == "linked to companies h2; what it was told last is told again"
    one.drain()
    assert [(link.partner_id, link.standing) for link in links(one)] == [("h2", "established")]
    assert one.memory.of("companies")["h2"]["name"] == "Solvik Maskin AS"
    assert one.memory.of("companies")["h2"]["domain"] == "solvik.no"


def test_after_a_link_is_taken_down_the_company_is_matched_anew(scene: Make) -> None:
    one = inferred(scene)
    take_down(one)
    one.drain()
    (link,) = links(one)
    assert link.partner_id != "h1"
    assert link.created_record, "the record that was found wrong is rejected, and there is no other"
    assert one.states() == ["delivered", "delivered"]


@pytest.mark.parametrize("gone", ["deleted", "opted out"])
def test_what_is_gone_is_not_told_again(scene: Make, gone: str) -> None:
    one = inferred(scene)
    case = sample(one, "h1")
    if gone == "deleted":
        one.submit(one.company("deleted", name="Solvik Maskin AS", sequence=9))
    else:
        with one.store.transaction() as tx:
            tx.suppress("acme", "company", "c_1", "opt_out", one.clock.now())
    with one.store.read() as view:
        version = view.review("acme", case).version
    # Deleted, its case was withdrawn; opted out, the answer is refused. Neither tells anybody anything.
    answered = answering_in(one.store, "acme", Answer(case, version, "link", "h1"), ANNA, one.clock.now())
    assert not isinstance(answered, Done)
    one.drain()
    assert one.memory.of("companies")["h1"]["name"] == "Solvik Maskin"


def test_a_record_that_was_made_is_not_made_again_because_its_link_was_taken_down(scene: Make) -> None:
    one = scene_with(scene)
    one.submit(company(one))
    one.drain()
    (link,) = links(one)
    assert link.created_record
    count = len(one.memory.of("companies"))
    say(one, sample(one, link.partner_id), "reject", link.partner_id)
    one.drain()
    assert len(one.memory.of("companies")) == count
    assert links(one) == []

"""Which record stands for whom, and who remembers it: D3.1, D3.4 and D3.5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine_plans import connection_plan, match_plan
from memory_destination import Memory
from queast_runtime.ports import ErrorClass, LookupFailed, Phase, Refused

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("records", "order", "partner_id", "rule"),
    [
        ({"7": {"queast_id": "c_1"}, "8": {"domain": "acme.no"}}, None, "7", "external_id"),
        ({"7": {"domain": "acme.no"}, "8": {"name": "Acme AS"}}, None, "7", "domain"),
        ({"7": {"website": "https://www.ACME.no/about"}}, None, "7", "domain"),
        ({"7": {"queast_id": "c_1"}, "8": {"domain": "acme.no"}}, ("link", "domain", "external_id"), "8", "domain"),
    ],
    ids=["our id before the domain", "domain before the name", "registrable domain", "reordered by the connection"],
)
def test_the_first_rule_that_hits_decides(
    scene: Make, records: dict[str, dict[str, str]], order: tuple[str, ...] | None, partner_id: str, rule: str
) -> None:
    """D3.1 stored link, external id, exact registrable domain, in the order that the connection gives."""
    one = scene(connections=(connection_plan(match=(match_plan(**({} if order is None else {"order": order})),)),))
    for identity, properties in records.items():
        one.memory.add("companies", identity, **properties)
    one.submit(one.company())
    one.drain()
    with one.store.read() as snapshot:
        link = snapshot.link("acme", "1", "companies", "c_1")
    assert (link.partner_id, link.rule) == (partner_id, rule)
    # From now on the link itself decides, whatever the keys say.
    one.memory.of("companies")[partner_id].pop("domain", None)
    one.submit(one.company(sequence=9, domain="moved.example", name="Moved"))
    one.drain()
    assert one.memory.of("companies")[partner_id]["name"] == "Moved"
    assert set(one.memory.of("companies")) == set(records)


def test_a_weak_key_never_links_by_itself(scene: Make) -> None:
    """D3.1 a name that agrees, and is not scored, is a question for a person, and nothing is written until then."""
    one = scene(connections=(connection_plan(match=(match_plan(order=("link", "external_id", "domain", "name")),)),))
    one.memory.add("companies", "7", name="ACME as")
    one.submit(one.company())
    one.drain()
    assert (one.states(), one.memory.log) == (["waiting"], [])
    with one.store.read() as snapshot:
        (review,) = snapshot.reviews("acme")
        assert snapshot.links("acme") == ()
    assert [candidate["partner_id"] for candidate in review.candidates] == ["7"]


def test_absence_is_believed_only_of_a_complete_mirror(scene: Make) -> None:
    """D3.1 until the last page is read the answer is `NotLookedUp` and a creation waits, over restarts too."""
    down = LookupFailed(ErrorClass.AUTH, "down")
    one = scene(memory=Memory(page_size=1, lookup_fault=lambda what: down if len(one.memory.looks) > 2 else None))
    for number in range(4):
        one.memory.add("companies", str(number), domain=f"x{number}.example")
    one.memory.add("companies", "9", domain="acme.no")
    one.submit(one.company())
    one.drain()
    assert one.states() == ["waiting"]
    assert one.deliveries()[0].needs == ("mirror:companies",)
    one.restart()
    one.memory.lookup_fault = lambda what: None
    with one.store.transaction() as tx:
        tx.resume("acme", "crm")
    one.drain()
    assert [op for op, _, _ in one.memory.log] == ["update"]
    assert one.memory.of("companies")["9"]["name"] == "Acme AS"


def test_one_live_search_comes_right_before_a_create_and_wins(scene: Make) -> None:
    """D3.1 a record made by hand since the mirror was read is found by the search, linked and updated."""
    one = scene()
    one.submit(one.company("created", id="c_0", domain="zero.example"))
    one.drain()
    searched = len(one.memory.looks)
    one.memory.add("companies", "77", domain="acme.no")
    one.submit(one.company())
    one.drain()
    assert one.memory.looks[searched:] == ["search queast_id=c_1", "search domain=acme.no", "read 77"]
    with one.store.read() as snapshot:
        assert snapshot.link("acme", "1", "companies", "c_1").partner_id == "77"
    assert [op for op, _, reference in one.memory.log if reference == "c_1"] == ["update"]


def test_what_is_doubtful_is_a_question_and_stays_unwritten(scene: Make) -> None:
    """D3.4 a shared domain as only evidence, two records with one key, a record that stands for another of ours."""
    shared = scene()
    shared.memory.add("companies", "7", domain="gmail.com")
    shared.submit(shared.company(domain="gmail.com"))
    twice = scene()
    twice.memory.add("companies", "7", domain="acme.no")
    twice.memory.add("companies", "8", domain="acme.no")
    twice.submit(twice.company(), twice.signal())
    taken = scene()
    taken.memory.add("companies", "7", domain="acme.no")
    taken.submit(taken.company(id="c_0"))
    taken.drain()
    taken.submit(taken.company())
    reasons: list[str] = []
    for one in (shared, twice, taken):
        written = len(one.memory.log)
        one.drain()
        assert len(one.memory.log) == written
        with one.store.read() as snapshot:
            reasons += [review.reason for review in snapshot.reviews("acme")]
    assert reasons == [
        "the domain is shared by unrelated companies",
        "several records share the key",
        "the record stands for another entity",
    ]


def test_a_link_lives_in_our_table_with_where_it_came_from(scene: Make) -> None:
    """D3.5 by tenant, account and object, with rule, evidence, plan, actor and time; no id in an entity's own data."""
    one = scene()
    one.memory.add("companies", "7", domain="acme.no")
    one.submit(one.company())
    one.drain()
    with one.store.read() as snapshot:
        link = snapshot.link("acme", "1", "companies", "c_1")
        history = snapshot.link_history("acme", "1", "companies", "c_1")
        state = snapshot.entity("acme", "company", "c_1")
        assert snapshot.link("acme", "2", "companies", "c_1") is None
        assert snapshot.link("globex", "1", "companies", "c_1") is None
    assert (link.partner_id, link.rule, link.actor, link.created_at) == ("7", "domain", "engine", one.clock.at)
    assert link.evidence == {"rule": "domain", "event": "e_1"}
    assert link.plan_digest
    assert [(change.action, change.link.partner_id) for change in history] == [("linked", "7")]
    assert b'"7"' not in state.state


def test_a_record_that_is_gone_is_a_question_and_its_link_is_history(scene: Make) -> None:
    """D3.5 `on_gone: review`: unlinked with the reason, nothing made in its place."""
    one = scene()
    one.memory.add("companies", "7", domain="acme.no")
    one.submit(one.company())
    one.drain()
    one.memory.fault = lambda item: Refused(ErrorClass.GONE, "no such record", 404, Phase.BODY)
    one.submit(one.company(sequence=4, name="Acme ASA"))
    one.drain()
    with one.store.read() as snapshot:
        changes = snapshot.link_history("acme", "1", "companies", "c_1")
        assert snapshot.links("acme") == ()
        assert len(snapshot.reviews("acme")) == 1
    assert [change.action for change in changes] == ["linked", "unlinked"]
    assert set(one.memory.of("companies")) == {"7"}
    assert one.states() == ["delivered", "waiting"]

"""A link that is taken down while a write through it is out, or before its values are put back, leaves nothing behind.

Every test is about a record that people made and that a person linked by accepting a case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from decisions.test_links_by_name import cases, company, links, scene_with
from engine_plans import DOMAIN, NAME, field_plan, mapping_plan, route_plan
from queast_runtime.delivery import reading
from queast_runtime.delivery.reverting import UNDER_WAY, Reverted, revert_link
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.linking import Down, unlinking_in
from queast_runtime.delivery.reviewing.outcomes import Done, Reviewer
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.delivery.steps import Place
from queast_runtime.ports import ErrorClass, LookupFailed, WriteItem, Written
from queast_runtime.ports.rows import Link
from queast_runtime.worker.mirroring import fill_mirrors

Make = Callable[..., Any]
ANNA = Reviewer("web:anna", "reviewer")
THEIRS = {"name": "Solvik Maskin", "domain": "old.no"}


def accepted(scene: Make) -> tuple[Any, str]:
    """Return a scene in which a person just accepted the record h1, and the case's id. Nothing is sent yet."""
    one = scene_with(scene, dict(THEIRS))
    one.submit(company(one))
    one.drain()
    with one.store.read() as view:
        (case,) = view.reviews("acme")
    done = answering_in(one.store, "acme", Answer(case.id, case.version, "link", "h1"), ANNA, one.clock.now())
    assert isinstance(done, Done)
    return one, case.id


def linked(scene: Make) -> tuple[Any, Link]:
    """Return a scene in which the first write through the accepted link is delivered."""
    one, _ = accepted(scene)
    one.drain()
    (link,) = links(one)
    return one, link


def take_down(one: Any) -> None:
    done = unlinking_in(one.store, "acme", Down("1", "companies", "c_1", "h1"), ANNA, one.clock.now())
    assert isinstance(done, Done)


async def put_back(one: Any, link: Link) -> Reverted:
    place = Place("acme", one.connections[0], 0, "sha256:r1", one.worker.hash_key)
    driver = one.worker.preview("acme", "crm")
    return await revert_link(one.store, driver, place, link, "anna", one.clock.now())


def record(one: Any) -> dict[str, Any]:
    return {name: value for name, value in one.memory.of("companies")["h1"].items() if value not in ("", None)}


def once(one: Any, work: Callable[[], None]) -> None:
    """Do something while the first write from now on is out."""
    apply, done = one.memory._apply, []

    def applied(item: WriteItem) -> Written:
        if not done:
            done.append(True)
            work()
        result: Written = apply(item)
        return result

    one.memory._apply = applied


def refill(one: Any) -> None:
    asyncio.run(fill_mirrors(one.worker, "acme", (), asyncio.Event(), lambda *told: None, anew=True))


def test_an_accept_taken_back_while_its_write_is_out_stays_taken_back(scene: Make) -> None:
    one, case = accepted(scene)

    def undo() -> None:
        with one.store.read() as view:
            version = view.review("acme", case).version
        assert isinstance(undoing_in(one.store, "acme", case, version, ANNA, one.clock.now()), Done)

    once(one, undo)
    with one.store.read() as view:
        (before,) = view.links("acme")
    one.drain()
    assert links(one) == []
    assert cases(one) == [("only the name agrees", ["h1"])]
    (row,) = one.deliveries()
    assert (row.state.value, row.error_message) == ("delivered", "the link changed meanwhile")
    assert record(one) != THEIRS, "it was out already"
    assert asyncio.run(put_back(one, before)).restored == ("name",)
    assert record(one) == THEIRS


def test_a_link_taken_down_between_read_and_write_is_not_written_through(scene: Make) -> None:
    one, _ = linked(scene)
    read, done = one.memory.read, []

    async def reads(*asked: Any) -> Any:
        found = await read(*asked)
        if not done:
            done.append(True)
            take_down(one)
        return found

    one.memory.read = reads
    before = record(one)
    one.submit(company(one, domain="solvik.no", sequence=9))
    one.drain()
    assert record(one) == before
    assert [(link.partner_id, link.rule) for link in links(one)] != [("h1", "review")]


def test_values_are_not_put_back_under_a_write_that_is_out_and_are_put_back_after_it(scene: Make) -> None:
    one, link = linked(scene)
    one.submit(company(one, domain="solvik.no", sequence=9))
    write, told = one.memory.write, []

    async def writes(items: Any) -> Any:
        if not told:
            take_down(one)
            told.append(await put_back(one, link))
        return await write(items)

    one.memory.write = writes
    one.drain()
    (refused,) = told
    assert refused.restored == ()
    assert set(refused.reasons.values()) == {UNDER_WAY}
    assert record(one)["domain"] == "solvik.no"
    assert asyncio.run(put_back(one, link)).restored == ("domain", "name")
    assert record(one) == THEIRS
    assert asyncio.run(put_back(one, link)) == Reverted()


def test_what_was_written_is_no_evidence_once_the_link_is_down(scene: Make) -> None:
    for anew in (False, True):
        one, _ = linked(scene)
        one.submit(company(one, domain="solvik.no", sequence=9))
        one.drain()
        take_down(one)
        if anew:
            refill(one)
        one.submit(one.company(id="c_2", name="Totally Other AS", domain="solvik.no", country="NO"))
        one.drain()
        assert all(link.partner_id != "h1" for link in links(one))


def test_after_putting_back_the_record_is_found_by_what_it_said_before_us(scene: Make) -> None:
    one, link = linked(scene)
    one.submit(company(one, domain="solvik.no", sequence=9))
    one.drain()
    take_down(one)
    asyncio.run(put_back(one, link))
    with one.store.read() as view:
        found = {
            domain: view.mirror_find("acme", "1", "companies", "domain", domain) for domain in ("solvik.no", "old.no")
        }
        assert view.mirror_keys("acme", "1", "companies", "h1", "external_id") == ()
    assert found == {"solvik.no": (), "old.no": ("h1",)}


def test_a_copy_that_the_crm_made_of_what_we_wrote_is_no_evidence(scene: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # An engine that fills what matching compares is held by the second line of defence.
    monkeypatch.setattr(reading, "compared_by", lambda match: frozenset())
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"})
    apply = one.memory._apply

    def applied(item: WriteItem) -> Any:
        result = apply(item)
        for each in one.memory.of("companies").values():
            if each.get("domain"):
                each["website"] = f"https://www.{each['domain']}/start"
        return result

    one.memory._apply = applied
    one.submit(company(one, domain="evil.no"))
    one.drain()
    assert record(one)["website"] == "https://www.evil.no/start"
    with one.store.transaction() as tx:
        tx.remove_link("acme", "1", "companies", "c_1", actor="anna", reason="", at=one.clock.now())
    refill(one)
    one.submit(one.company(id="c_2", name="Accomplice", domain="evil.no", country="NO"))
    one.drain()
    assert links(one) == []
    assert cases(one) == [("the record says only what we wrote there", ["h1"])]


def test_what_a_record_said_before_us_stays_its_own_word_however_we_wrote_it_again(scene: Make) -> None:
    always = route_plan("company", "upsert", name="companies", fields=(field_plan("domain", DOMAIN),))
    one = scene_with(scene, {"name": "Fjord Fisk", "website": "https://fjord.no"}, plan=mapping_plan(always))
    one.submit(company(one, name="Fjord Fisk AS", domain="fjord.no"))
    one.drain()
    assert record(one)["domain"] == "fjord.no"
    with one.store.transaction() as tx:
        tx.remove_link("acme", "1", "companies", "c_1", actor="anna", reason="", at=one.clock.now())
    one.submit(company(one, id="c_2", name="Fjord Fisk AS", domain="fjord.no"))
    one.drain()
    assert [(link.queast_id, link.partner_id, link.rule) for link in links(one)] == [("c_2", "h1", "domain")]


@pytest.mark.parametrize("failing", [False, True])
def test_a_read_that_failed_makes_nobodys_value_ours(scene: Make, failing: bool) -> None:
    fields = (replace(field_plan("name", NAME), write="unless_edited"), field_plan("domain", DOMAIN))
    plan = mapping_plan(route_plan("company", "upsert", name="companies", fields=fields))
    one = scene_with(scene, {"name": "Solvik Maskin AS", "domain": "solvik.no"}, plan=plan)
    failures = [LookupFailed(ErrorClass.TRANSIENT, "500")] if failing else []
    one.memory.lookup_fault = lambda what: failures.pop() if what == "read" and failures else None
    one.submit(company(one, domain="solvik.no"))
    one.drain()
    one.clock.at += timedelta(minutes=1)
    one.submit(company(one, domain="solvik.no", name="Brand New Name", sequence=50))
    one.drain()
    assert record(one) == {"name": "Solvik Maskin AS", "domain": "solvik.no"}
    assert one.states() == ["delivered", "delivered"]

"""What the engine links by name, what it asks a person about, and what an inferred link may never do (D3.2, D3.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine_plans import (
    COMPANY,
    DOMAIN,
    NAME,
    SIGNAL,
    connection_plan,
    crm_routes,
    field_plan,
    mapping_plan,
    match_plan,
    route_plan,
)
from memory_destination import Memory
from queast_compiler.plan.connection import NamePlan
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.ports.rows import Link, Rejection

Make = Callable[..., Any]

DEFAULTS = NamePlan(0.8, 0.95, 0.05, ("country", "domain"), ("country", "city", "domain", "legal_form"))
# Enough other records that a word says something.
OTHERS = [f"{first} {last}" for first in ("Blue", "Stone", "Fjell", "Hav") for last in ("Kraft", "Data", "Bygg", "Mat")]


def by_name(**changes: Any) -> Any:
    order = ("link", "external_id", "domain", "linkedin", "name")
    return connection_plan(match=(match_plan(order=order, name=replace(DEFAULTS, **changes)),))


def scene_with(scene: Make, *theirs: dict[str, Any], plan: MappingPlan | None = None, **changes: Any) -> Any:
    memory = Memory(page_size=50)
    for number, name in enumerate(OTHERS):
        memory.add("companies", f"o{number}", name=name, country="Norway")
    for number, record in enumerate(theirs):
        memory.add("companies", f"h{number + 1}", **record)
    return scene(memory=memory, connections=(by_name(**changes),), plans=(plan or mapping_plan(),))


def company(one: Any, **changes: Any) -> Any:
    return one.company(**{"name": "Solvik Maskin AS", "domain": None, "country": "NO", **changes})


def links(one: Any) -> list[Link]:
    with one.store.read() as view:
        return list(view.links("acme"))


def cases(one: Any) -> list[tuple[str, list[str]]]:
    with one.store.read() as view:
        return [(each.reason, [c["partner_id"] for c in each.candidates]) for each in view.reviews("acme")]


def test_a_name_with_the_same_country_is_linked_and_keeps_why(scene: Make) -> None:
    """D3.2."""
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"})
    one.submit(company(one))
    one.drain()
    (link,) = links(one)
    assert (link.partner_id, link.rule, link.standing) == ("h1", "name", "inferred")
    assert link.score is not None
    assert link.score >= 0.95
    verdicts = {line["rule"]: line["verdict"] for line in link.evidence["lines"]}
    assert verdicts["name"] == "agrees"
    assert verdicts["country"] == "agrees"
    assert one.states() == ["delivered"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"name": "Solvik Maskin"}, {}),
        ({"name": "Solvik Maskin", "country": "Sweden"}, {}),
        ({"name": "Solvik Maskin", "country": "Norway", "domain": "solvik.no"}, {"domain": "other.no"}),
        ({"name": "Solvik Maskin", "country": "Norway", "city": "Bergen"}, {"city": "Oslo"}),
        ({"name": "Solvik Maskin GmbH", "country": "Norway"}, {}),
    ],
    ids=["nothing corroborates", "another country", "another domain", "another city", "another legal form"],
)
def test_a_name_alone_or_against_a_veto_goes_to_a_person(
    scene: Make, theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    """D3.4."""
    one = scene_with(scene, theirs)
    one.submit(company(one, **ours))
    one.drain()
    assert links(one) == []
    assert cases(one) == [("only the name agrees", ["h1"])]
    assert one.states() == ["waiting"]


def test_two_records_of_one_name_are_a_question(scene: Make) -> None:
    """D3.4."""
    one = scene_with(scene, *[{"name": "Solvik Maskin", "country": "Norway"}] * 2)
    one.submit(company(one))
    one.drain()
    assert links(one) == []
    assert cases(one) == [("only the name agrees", ["h1", "h2"])]


def test_an_inferred_link_fills_what_is_empty_and_overwrites_nothing(scene: Make) -> None:
    """D3.4, and what matching compares it does not even fill: a wrong link would prove itself."""
    told = (field_plan("name", NAME), field_plan("domain", DOMAIN), field_plan("about", NAME), field_plan("kind", NAME))
    plan = mapping_plan(route_plan("company", "upsert", name="companies", fields=told))
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway", "kind": "ours"}, plan=plan)
    one.submit(company(one, domain="solvik.no"))
    one.drain()
    record = {"name": "Solvik Maskin", "country": "Norway", "kind": "ours", "about": "Solvik Maskin AS"}
    assert one.memory.of("companies")["h1"] == record


def test_an_inferred_link_is_no_evidence_for_another(scene: Make) -> None:
    """D3.4."""
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"})
    one.submit(company(one, domain="solvik.no", linkedin_url="https://linkedin.com/company/solvik"))
    one.drain()
    # A second company of ours has the domain and profile that the first one wrote or would have written there.
    one.submit(company(one, id="c_2", name="Something Else", domain="solvik.no"))
    one.submit(
        company(
            one, id="c_3", name="Third Thing", linkedin_url="https://linkedin.com/company/solvik", domain="third.no"
        )
    )
    one.drain()
    made = {link.queast_id: (link.partner_id, link.rule) for link in links(one)}
    assert made["c_1"] == ("h1", "name")
    assert all(partner != "h1" for ours, (partner, _) in made.items() if ours != "c_1")


def test_a_record_that_was_rejected_is_not_linked_again(scene: Make) -> None:
    """D3.4."""
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"})
    with one.store.transaction() as tx:
        tx.reject_pair("acme", Rejection("24512345", "companies", "c_1", "h1", "anna", "", one.clock.now()))
        account = one.connections[0].account
        if account != "24512345":
            tx.reject_pair("acme", Rejection(account, "companies", "c_1", "h1", "anna", "", one.clock.now()))
    one.submit(company(one))
    one.drain()
    assert [(link.rule, link.created_record) for link in links(one)] == [("created", True)]


def test_a_profile_address_alone_makes_an_inferred_link_unless_something_speaks_against_it(scene: Make) -> None:
    """D3.4."""
    page = "https://www.linkedin.com/company/solvik"
    card = (("name", "name"), ("country", "country"), ("linkedin", "linkedin"))
    order = ("link", "external_id", "domain", "linkedin")
    plan = connection_plan(match=(match_plan(order=order, card=card),))
    for country, expected in (("Norway", [("h1", "linkedin", "inferred")]), ("Sweden", [])):
        memory = Memory()
        memory.add("companies", "h1", name="Another Name", country=country, linkedin=page)
        one = scene(memory=memory, connections=(plan,))
        one.submit(company(one, linkedin_url=page))
        one.drain()
        assert [(link.partner_id, link.rule, link.standing) for link in links(one)] == expected
        assert len(cases(one)) == (0 if expected else 1)


def test_a_grant_for_a_low_threshold_that_ended_asks_a_person(scene: Make) -> None:
    """D3.3."""
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"}, granted_until="2026-03-01")
    one.submit(company(one))
    one.drain()
    assert links(one) == []
    ((reason, _),) = cases(one)
    assert reason == "it would have been linked, but the grant for so low a threshold ended"


def test_personal_data_waits_a_day_behind_an_inferred_link_unless_a_person_confirms_it(scene: Make) -> None:
    """D3.4."""
    mentions = [{"person_id": "p_1", "field": "title", "start": 0, "end": 4}]
    signal = {**SIGNAL, "company": {**COMPANY, "name": "Solvik Maskin AS", "domain": None, "country": "NO"}}
    granted, nothing = (("person.full_name", None),), ()
    for grants, confirmed, waits in ((granted, False, True), (granted, True, False), (nothing, False, False)):
        plan = replace(mapping_plan(), personal_data=grants)
        one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"}, plan=plan)
        one.submit(company(one))
        one.drain()
        if confirmed:
            account = one.connections[0].account
            with one.store.transaction() as tx:
                tx.confirm_link("acme", account, "companies", "c_1", actor="anna", reason="", at=one.clock.now())
        one.submit(one.event("signal.created", {"signal": {**signal, "title": "Kari leads", "mentions": mentions}}))
        one.drain(patience_s=60)
        assert bool(one.memory.of("notes")) is not waits
        one.clock.at += timedelta(hours=23, minutes=58)
        one.drain(patience_s=60)
        assert bool(one.memory.of("notes")) is not waits
        one.clock.at += timedelta(minutes=10)
        one.drain(patience_s=60)
        assert len(one.memory.of("notes")) == 1


def test_creations_past_the_days_limit_wait_for_the_next_day_and_are_shown(scene: Make) -> None:
    """D3.4."""
    plan = replace(mapping_plan(*crm_routes()[:1]), creates_per_day=2)
    one = scene(plans=(plan,))
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"d{n}.no", name=f"Firm {n}") for n in range(5)))
    one.drain(patience_s=3600)
    assert len(one.memory.of("companies")) == 2
    with one.store.read() as view:
        held = view.facts("acme", "crm")["creates:acme-crm"]
    assert (held["limit"], held["mapping"]) == (2, "acme-crm")
    one.clock.at += timedelta(days=1)
    one.drain(patience_s=3600)
    assert len(one.memory.of("companies")) == 4

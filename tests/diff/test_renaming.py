"""Another name hides nothing: a route, a rule or a mapping is compared with the one it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diff.sides import sides
from queast_compiler.diff.compare import Side, compare
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import MappingPlan, RoutePlan

_SIDES, _ = sides("changes", {})
SIDE = _SIDES["acme"]
EVENTS, CRM, STARS = (SIDE.mappings[f"acme-{name}"] for name in ("events", "hubspot", "stars"))


def gates(old: Side, new: Side) -> list[str]:
    changes = compare(old, new).changes
    return [f"{each.kind.gate} {each.kind.category} {each.kind.id} {each.path}".strip() for each in changes]


def after(plan: MappingPlan, *routes: RoutePlan, **changes: Any) -> list[str]:
    new = replace(plan, routes=routes or plan.routes, **changes)
    return gates(SIDE, Side(SIDE.connections, {**SIDE.mappings, plan.mapping: new}))


def test_a_route_by_another_name_without_its_secret_header_is_a_matter_of_security() -> None:
    companies, persons = EVENTS.routes
    assert after(EVENTS, replace(companies, name="firms", secret_headers=()), persons) == [
        "warn DESTINATION route-renamed routes.firms",
        "block SECURITY secret-header-removed routes.firms.headers.X-Token",
    ]


def test_a_route_by_another_name_that_overwrites_says_so() -> None:
    companies, notes = CRM.routes
    fields = (replace(companies.fields[0], write="always"), *companies.fields[1:])
    assert after(CRM, replace(companies, name="firms", fields=fields), notes) == [
        "warn DESTINATION route-renamed routes.firms",
        "block FIELD write-widened routes.firms.fields.name.write",
    ]


def test_a_route_by_another_name_that_writes_another_object_is_told_by_its_fields() -> None:
    companies, notes = CRM.routes
    found = after(CRM, companies, replace(notes, name="memos", object="tasks", fields=notes.fields[:1], when=None))
    assert found == [
        "warn DESTINATION route-renamed routes.memos",
        "warn SCOPE when-widened routes.memos.when",
        "block DESTINATION object-switched routes.memos.to",
        "warn FIELD field-removed routes.memos.fields.hs_note_body",
    ]


def test_of_two_routes_with_other_names_each_is_compared_with_the_one_most_like_it() -> None:
    companies, persons = EVENTS.routes
    second = replace(companies, name="sizes", body=ir.MakeObj((("size", ir.Lit(1)),)), secret_headers=())
    old = replace(EVENTS, routes=(companies, second, persons))
    new = replace(EVENTS, routes=(replace(second, name="numbers"), replace(companies, name="firms"), persons))
    before, now = (Side(SIDE.connections, {**SIDE.mappings, "acme-events": each}) for each in (old, new))
    assert gates(before, now) == [
        "warn DESTINATION route-renamed routes.numbers",
        "warn DESTINATION route-renamed routes.firms",
    ]


def test_a_route_that_is_gone_takes_keys_headers_and_a_secret_with_it() -> None:
    _, persons = EVENTS.routes
    assert after(EVENTS, persons) == [
        "warn DESTINATION route-removed routes.companies",
        "block CONTRACT body-key-removed routes.companies.body.id",
        "block CONTRACT body-key-removed routes.companies.body.name",
        "block CONTRACT body-key-removed routes.companies.body.size",
        "block CONTRACT header-removed routes.companies.headers.X-Kind",
        "block SECURITY secret-header-removed routes.companies.headers.X-Token",
    ]


def test_a_route_that_is_new_and_takes_back_what_it_sent_says_so() -> None:
    more = replace(CRM.routes[0], name="more", afterwards=(("deleted", "retract"), ("cooled_off", "append")))
    deletes = "block LIFECYCLE afterwards-deletes routes.more.afterwards.deleted"
    assert after(CRM, *CRM.routes, more) == ["warn DESTINATION route-added routes.more", deletes]
    further = replace(CRM, mapping="further", routes=(more,))
    found = gates(SIDE, Side(SIDE.connections, {**SIDE.mappings, "further": further}))
    assert found == ["warn DESTINATION mapping-added", "block SCOPE mode-live mode", deletes]


def test_a_rule_of_what_is_received_by_another_name_is_compared_with_the_one_it_was() -> None:
    rule = replace(STARS.receive[0], name="marked", on_none="ignore")
    assert after(STARS, receive=(rule,)) == [
        "warn DESTINATION receive-renamed receive.marked",
        "block IDENTITY receive-none-ignored receive.marked.on_none",
    ]


def test_a_mapping_by_another_name_is_gone_new_and_compared_with_the_one_it_was() -> None:
    companies, persons = EVENTS.routes
    moved = replace(
        EVENTS, mapping="acme-feed", routes=(replace(companies, secret_headers=()), replace(persons, when=None))
    )
    rest = {name: plan for name, plan in SIDE.mappings.items() if plan is not EVENTS}
    found = compare(SIDE, Side(SIDE.connections, {**rest, "acme-feed": moved})).changes
    assert [(each.mapping, each.kind.category, each.kind.id, each.path) for each in found] == [
        ("acme-events", "LIFECYCLE", "mapping-removed", ""),
        ("acme-feed", "DESTINATION", "mapping-added", ""),
        ("acme-feed", "SECURITY", "secret-header-removed", "routes.companies.headers.X-Token"),
        ("acme-feed", "SCOPE", "when-widened", "routes.persons.when"),
        ("acme-feed", "PRIVACY", "person-reach-widened", "routes.persons"),
    ]
    assert [each.note for each in found[:2]] == [
        "what it wrote stays at the destination; goes on as acme-feed",
        "compared with acme-events, which is gone",
    ]


def test_a_mapping_that_is_gone_for_good_takes_a_secret_with_it() -> None:
    rest = {name: plan for name, plan in SIDE.mappings.items() if plan is not EVENTS}
    found = gates(SIDE, Side(SIDE.connections, rest))
    assert found[0] == "block LIFECYCLE mapping-removed"
    assert "block SECURITY secret-header-removed routes.companies.headers.X-Token" in found


def test_a_new_mapping_or_route_says_which_secrets_its_receiver_gets_to_know() -> None:
    told = "warn SECURITY secret-header-added routes.{}.headers.X-Token"
    companies, persons = EVENTS.routes
    assert companies.secret_headers
    assert told.format("companies") in gates(Side({}, {}), SIDE)
    found = after(EVENTS, companies, persons, replace(companies, name="further", events=("deleted",)))
    assert told.format("further") in found
    assert told.format("companies") not in found

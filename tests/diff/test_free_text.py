"""Free text that begins to leave is named, and needs a second person where names in it are not replaced."""

from __future__ import annotations

from dataclasses import replace

from diff.sides import sides
from queast_compiler.diff.compare import Side, compare
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import MappingPlan

_SIDES, _ = sides("changes", {})
SIDE = _SIDES["acme"]
EVENTS, CRM = SIDE.mappings["acme-events"], SIDE.mappings["acme-hubspot"]
ABOUT = ir.Path("company", ("description",), "str", (True,))
_BODY = EVENTS.routes[0].body
assert isinstance(_BODY, ir.MakeObj)


def telling(*keys: str, granted: bool = False) -> MappingPlan:
    """The mapping of events that sends the description of companies in these keys."""
    companies, persons = EVENTS.routes
    assert isinstance(_BODY, ir.MakeObj)
    body = ir.MakeObj((*_BODY.entries, *((key, ABOUT) for key in keys)))
    return replace(
        EVENTS,
        routes=(replace(companies, body=body), replace(persons, body=ir.MakeObj(()))),
        personal_data=(("person.full_name", None),) if granted else (),
    )


def started(old: MappingPlan | None, new: MappingPlan) -> list[tuple[str, str, str | None, str]]:
    rest = {name: plan for name, plan in SIDE.mappings.items() if name != new.mapping}
    before = rest if old is None else {**rest, old.mapping: old}
    changes = compare(Side(SIDE.connections, before), Side(SIDE.connections, {**rest, new.mapping: new})).changes
    return [(each.kind.id, each.path, each.new, each.note) for each in changes if each.kind.id.startswith("free-text")]


def test_free_text_is_named_where_it_begins_to_leave_and_only_once_for_a_route() -> None:
    place, said = "routes.companies.body.about", ("company.description", "may contain names")
    assert started(telling(), telling("about")) == [("free-text-starts", place, *said)]
    assert started(telling(), telling("about", "again")) == [("free-text-starts", place, *said)]
    assert started(telling("about"), telling("again")) == []
    assert started(None, telling("about")) == [("free-text-starts", place, *said)]


def test_where_names_are_not_replaced_it_is_gated() -> None:
    place, said = "routes.companies.body.about", ("company.description", "may contain names")
    assert started(telling(granted=True), telling("about", granted=True)) == [("free-text-unreplaced", place, *said)]
    assert started(telling("about"), telling("about", granted=True)) == [("free-text-unreplaced", place, *said)]
    assert started(telling("about", granted=True), telling("about")) == []


def test_an_event_that_is_sent_whole_names_all_its_texts() -> None:
    companies = replace(EVENTS.routes[0], body=None)
    ((kind, path, texts, _),) = started(telling(), replace(telling(), routes=(companies, EVENTS.routes[1])))
    assert (kind, path) == ("free-text-starts", "routes.companies")
    assert texts is not None
    assert "company.description" in texts.split(", ")


def test_a_condition_about_a_text_sends_none_of_it() -> None:
    companies = replace(CRM.routes[0], when=ir.Present(ABOUT))
    assert started(CRM, replace(CRM, routes=(companies, CRM.routes[1]))) == []


def test_a_route_by_another_name_starts_nothing() -> None:
    old = telling("about")
    assert started(old, replace(old, routes=(replace(old.routes[0], name="firms"), old.routes[1]))) == []

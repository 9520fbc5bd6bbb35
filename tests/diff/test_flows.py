"""Which paths of persons leave through a mapping, and where they are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diff.sides import sides
from queast_compiler.diff.compare import Side, compare
from queast_compiler.diff.place import Place
from queast_compiler.diff.reads import flows, paths_read
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import MappingPlan

_SIDES, _ = sides("changes", {})
SIDE = _SIDES["acme"]
EVENTS = SIDE.mappings["acme-events"]
HOME = Place("warehouse", "acme-events", "acme/acme-events.yaml")
EMAIL = ir.Path("person", ("email",), "str", (True,))
PERSON = ir.Path("person", (), "obj", ())
NAMED = EVENTS.routes[1].body
assert isinstance(NAMED, ir.MakeObj)
ASKED = EVENTS.routes[1].when
assert ASKED is not None


def persons(**changes: Any) -> MappingPlan:
    """The mapping with another route of persons, which may send the e-mail address too."""
    companies, route = EVENTS.routes
    released = (("person.email", None), ("person.full_name", None))
    return replace(EVENTS, routes=(companies, replace(route, **changes)), personal_data=released)


def privacy(old: MappingPlan, new: MappingPlan) -> list[tuple[str, str, str | None]]:
    changes = compare(_with(old), _with(new)).changes
    return [(each.kind.id, each.path, each.new) for each in changes if each.kind.category == "PRIVACY"]


def found(plan: MappingPlan) -> list[tuple[str, str]]:
    return [(flow.path, flow.place.path) for flow in flows(plan, HOME)]


def test_paths_of_loops_are_those_of_their_lists() -> None:
    tags = ir.Path("company", ("contacts",), "list", (True,))
    loop = ir.Each("one", tags, ir.MakeObj((("mail", ir.Path("one", ("email",), "str", (True,))),)))
    assert paths_read(loop) == {"company.contacts", "company.contacts.email"}
    assert paths_read(ir.Project(tags, ("email",), "str")) == {"company.contacts", "company.contacts.email"}
    assert paths_read(ir.Path(ir.CHANGED, ("person.email",), "bool", (False,))) == {"person.email"}


def test_a_path_flows_where_it_is_read_and_not_where_it_is_only_released() -> None:
    assert found(persons()) == [("person.full_name", "routes.persons.body.name")]


def test_a_condition_and_a_header_let_a_path_flow() -> None:
    assert ("person.email", "routes.persons.when") in found(persons(when=ir.Present(EMAIL)))
    assert ("person.email", "routes.persons.headers.X-Mail") in found(persons(headers=(("X-Mail", EMAIL),)))


def test_a_whole_person_takes_every_released_path_along_but_those_withheld() -> None:
    assert ("person.email", "routes.persons.body.all") in found(persons(body=ir.MakeObj((("all", PERSON),))))
    event = persons(body=None, withheld=("person.full_name",))
    assert found(event) == [("person.email", "routes.persons")]


def test_a_path_that_a_route_sends_already_is_not_said_to_start_at_a_second_place_of_it() -> None:
    old = persons(body=ir.MakeObj((("mail", EMAIL),)))
    new = persons(body=ir.MakeObj((("mail", EMAIL), ("again", EMAIL))))
    kinds = [change.kind.id for change in compare(_with(old), _with(new)).changes]
    assert kinds == ["body-key-added"]


def test_a_path_that_only_a_condition_read_starts_when_its_value_is_sent() -> None:
    old = persons(when=ir.Present(EMAIL))
    new = persons(when=ir.Present(EMAIL), body=ir.MakeObj((*NAMED.entries, ("mail", EMAIL))))
    assert privacy(old, new) == [("person-path-starts", "routes.persons.body.mail", "person.email")]
    assert privacy(new, old) == [("person-path-stops", "routes.persons.body.mail", None)]


def test_a_condition_tells_nothing_new_about_a_value_that_is_sent() -> None:
    mail = ir.MakeObj((("mail", EMAIL),))
    assert privacy(persons(body=mail), persons(body=mail, when=ir.And((ASKED, ir.Present(EMAIL))))) == []


def test_a_path_starts_in_a_second_route_and_reaches_more_persons_without_the_condition_of_the_first() -> None:
    old, first = persons(), persons().routes[1]
    starts = ("person-path-starts", "routes.further.body.name", "person.full_name")
    reached = ("person-reach-widened", "routes.further", "person.full_name")
    for changes, found in (
        ({}, [starts]),
        ({"when": None}, [starts, reached]),
        ({"when": ir.And((ASKED, ir.Present(EMAIL)))}, [("person-path-starts", "routes.further.when", "person.email")]),
        ({"events": ("created", "updated")}, [starts, reached]),
    ):
        further = replace(first, name="further", **changes)
        said = privacy(old, replace(old, routes=(*old.routes, further)))
        assert set(found) <= set(said), changes
        assert (reached in said) == (reached in found)


def test_a_route_by_another_name_whose_condition_fell_reaches_more_persons() -> None:
    old = persons()
    new = replace(old, routes=(old.routes[0], replace(old.routes[1], name="people", when=None)))
    assert privacy(old, new) == [("person-reach-widened", "routes.people", "person.full_name")]
    assert privacy(old, replace(old, routes=(old.routes[0], replace(old.routes[1], name="people")))) == []


def test_a_condition_of_the_scope_that_reads_a_person_lets_the_path_flow() -> None:
    where = replace(EVENTS.scope, where=ir.Present(EMAIL, 9))
    started = [
        (change.path, change.line, change.new)
        for change in compare(_with(persons()), _with(replace(persons(), scope=where))).changes
        if change.kind.id == "person-path-starts"
    ]
    assert started == [("scope.where", 9, "person.email")]


def test_widening_what_leaves_of_persons_and_lowering_a_threshold_need_a_second_person() -> None:
    """D5.4: a second approver where personal data is widened or a threshold lowered."""
    _, mail = sides("changes", {"new/acme/acme-events.yaml": "pii: {send: [person.full_name, person.email]}\n"})
    lowered = "connections: {hubspot-main: {match: {company: {name: {auto_link: 0.9}}}}}\n"
    _, low = sides("changes", {"new/acme/connections.yaml": lowered})
    for side in (mail["acme"], low["acme"]):
        (change,) = compare(SIDE, side).changes
        assert change.kind.second
        assert not any(each.kind.second for each in compare(side, SIDE).changes)


def _with(plan: MappingPlan) -> Side:
    return Side(SIDE.connections, {**SIDE.mappings, "acme-events": plan})

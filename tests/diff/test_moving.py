"""A connection that is new, or that a mapping moves to, is compared with the one that did the same before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from diff.sides import sides
from queast_compiler.diff.compare import Side, compare
from queast_compiler.plan.calibrated import calibrated
from queast_compiler.plan.connection import ConnectionPlan, NamePlan

_SIDES, _ = sides("changes", {})
SIDE = _SIDES["acme"]
CRM, HOOK = SIDE.connections["hubspot-main"], SIDE.connections["warehouse"]
COMPANIES, EVENTS = SIDE.mappings["acme-hubspot"], SIDE.mappings["acme-events"]
LOW = NamePlan(0.6, 0.85, 0.02, (), ())


def crm(name: str, *, account: str = CRM.account, scored: NamePlan | None = LOW, **changes: Any) -> ConnectionPlan:
    """The connection of the CRM by another name, companies matched by `scored`."""
    match = tuple(replace(each, name=scored) if each.entity == "company" else each for each in CRM.match)
    return replace(CRM, connection=name, account=account, match=match, **changes)


def hook(name: str, kind: str) -> ConnectionPlan:
    return replace(HOOK, connection=name, account=name, manifest={**HOOK.manifest, "auth": {"kind": kind}})


def side(*connections: ConnectionPlan, **through: str) -> Side:
    """The fixture with further connections; `through` are mappings that go to another one."""
    moved = {f"acme-{name}": replace(SIDE.mappings[f"acme-{name}"], connection=to) for name, to in through.items()}
    return Side({**SIDE.connections, **{each.connection: each for each in connections}}, {**SIDE.mappings, **moved})


def found(old: Side, new: Side, category: str = "IDENTITY") -> list[tuple[str | None, str, bool, str]]:
    changes = compare(old, new).changes
    return [
        (each.mapping, each.kind.id, each.kind.second, _compared(each.note))
        for each in changes
        if each.kind.category == category
    ]


def _compared(note: str) -> str:
    return next((each for each in note.split("; ") if each.startswith("compared with")), "")


LOOSER = ("review-floor-lowered", "auto-link-lowered", "margin-lowered", "corroboration-loosened", "veto-removed")


def test_a_new_connection_of_an_account_is_compared_with_the_one_there_was() -> None:
    said = found(SIDE, side(crm("second")))
    assert {kind for _, kind, _, _ in said} == set(LOOSER)
    assert {(mapping, note) for mapping, _, _, note in said} == {(None, "compared with hubspot-main")}
    assert found(SIDE, side(replace(CRM, connection="second"))) == []


def test_a_connection_by_another_name_is_compared_with_the_one_that_is_gone() -> None:
    old = side(replace(CRM, connection="a-lax-one", match=crm("x").match))
    renamed = side(crm("other"), hubspot="other")
    new = Side(
        {name: each for name, each in renamed.connections.items() if name != "hubspot-main"}
        | {"a-lax-one": old.connections["a-lax-one"]},
        renamed.mappings,
    )
    said = found(old, new)
    assert {kind for _, kind, _, _ in said} == set(LOOSER)
    assert {note for _, _, _, note in said} == {"compared with hubspot-main"}


def test_a_connection_that_nothing_is_like_is_compared_with_what_is_calibrated() -> None:
    said = found(SIDE, side(crm("elsewhere", account="7")))
    assert {kind for _, kind, _, _ in said} == set(LOOSER)
    assert all(second for _, _, second, _ in said)
    assert {note for _, _, _, note in said} == {"compared with what is calibrated"}
    for scored in (None, calibrated("company"), replace(calibrated("company"), auto_link=0.99)):
        assert found(SIDE, side(crm("elsewhere", account="7", scored=scored))) == []


def test_a_new_connection_of_another_account_is_compared_with_what_its_mapping_went_through() -> None:
    said = found(SIDE, side(crm("elsewhere", account="7", scored=replace(LOW, auto_link=0.95)), hubspot="elsewhere"))
    assert {note for _, _, _, note in said} == {"compared with hubspot-main"}
    assert "auto-link-lowered" not in {kind for _, kind, _, _ in said}


def test_a_mapping_that_moves_to_a_laxer_connection_says_so() -> None:
    there = crm("there", account="7")
    said = found(side(there), side(there, hubspot="there"))
    assert {kind for _, kind, _, _ in said} == set(LOOSER)
    assert {mapping for mapping, _, _, _ in said} == {"acme-hubspot"}
    (path, *_) = [each.path for each in compare(side(there), side(there, hubspot="there")).changes if each.kind.second]
    assert path == "connection.match.company.name.review"
    assert found(side(there, hubspot="there"), side(there)) != []


def test_a_mapping_that_moves_is_not_asked_about_entities_that_it_has_nothing_to_do_with() -> None:
    company = next(each for each in CRM.match if each.entity == "company")
    there = crm("there", account="7", scored=company.name)
    there = replace(there, match=(*there.match, replace(company, entity="person", object="contacts", on_none="skip")))
    assert found(side(there), side(there, hubspot="there")) == []


def test_a_mapping_that_moves_from_what_is_signed_to_what_is_not_is_a_matter_of_security() -> None:
    there = hook("there", "none")
    ((mapping, kind, _, note),) = found(side(there), side(there, events="there"), "SECURITY")
    assert (mapping, kind, note) == ("acme-events", "signature-weakened", "compared with warehouse")
    said = found(SIDE, side(replace(there, inbound=None), events="there"), "SECURITY")
    assert [(mapping, kind) for mapping, kind, _, _ in said] == [(None, "signature-weakened")]


@pytest.mark.parametrize("connector", [CRM.connector, HOOK.connector])
def test_another_connector_that_does_not_sign_is_a_matter_of_security(connector: str) -> None:
    auth = {"kind": "bearer", "credential": "token"}
    plan = replace(HOOK, connector=connector, manifest={**HOOK.manifest, "auth": auth})
    assert "signature-weakened" in {kind for _, kind, _, _ in found(SIDE, side(plan), "SECURITY")}


def test_whatever_makes_names_link_more_easily_needs_a_second_person() -> None:
    before = NamePlan(0.8, 0.95, 0.05, ("country",), ("country",))
    changes: tuple[dict[str, Any], ...] = (
        *({"review": 0.7}, {"auto_link": 0.9}, {"margin": 0.02}, {"corroborate": ()}, {"veto_if_different": ()}),
        {"corroborate": ("country", "domain")},
    )
    for change in changes:
        old, new = (side(crm("hubspot-main", scored=each)) for each in (before, replace(before, **change)))
        ((_, kind, second, _),) = found(old, new)
        assert second, kind
        ((_, kind, second, _),) = found(new, old)
        assert not second, kind
    unscored, scored = side(crm("hubspot-main", scored=None)), side(crm("hubspot-main", scored=before))
    assert [each[1:3] for each in found(unscored, scored)] == [("name-rule-added", True)]
    assert [each[1:3] for each in found(scored, unscored)] == [("name-rule-removed", False)]


def test_a_change_that_touches_very_many_mappings_names_five_and_counts_the_rest() -> None:
    mappings = {f"m{n}": replace(COMPANIES, mapping=f"m{n}") for n in range(60)}
    slower = replace(CRM, manifest={**CRM.manifest, "api": {"version": "2"}})
    changes = compare(
        Side({CRM.connection: CRM}, mappings), Side({CRM.connection: replace(slower, account="7")}, mappings)
    ).changes
    notes = {each.note for each in changes if each.mapping is None}
    assert notes == {"touches m0, m1, m10, m11, m12 and 55 more"}

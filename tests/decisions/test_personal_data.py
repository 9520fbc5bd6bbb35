"""What says something of a person leaves by grant only, asked again at send by its value: D6.3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compiler.tenant_folder import CONNECTIONS, EVENTS, compile_folder, write_tenant
from decisions.person_samples import BUSY, KARI, NOTES
from decisions.yaml_worker import compiled, sound
from engine_plans import WHOLE_PERSON, connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics
from queast_runtime.store.sql import Sql

Make = Callable[..., Any]


PERSONS = """\
version: 1
description: Persons to the warehouse
connection: warehouse
mode: live
pii: {send: [person.mobile_phone], purpose: sales_outreach, basis: legitimate_interest}
routes:
  persons:
    entity: person
    events: [created, updated]
    to: event
    body:
      phone: person.mobile_phone
"""


BOUNDS = """\
version: 1
personal_data:
  without_grant: [business_contact, direct_identifier]
  grants:
    - tenant: acme
      connection: warehouse
      paths: [person.mobile_phone]
      approver: ana@queast.example
      second_approver: ola@queast.example
      reason: a pilot
      expires: "2026-09-01"
"""


def person_route(body: ir.Expr | None, granted: tuple[str, ...] = ()) -> dict[str, Any]:
    """A plan as no compiler makes it: it sends what it has no grant for."""
    plan = mapping_plan(route_plan("person", "send", body=body), connection="hook")
    plan = replace(plan, personal_data=tuple((path, None) for path in granted))
    return {"plans": (plan,), "connections": (connection_plan("hook"),)}


def submit_person(one: Any, **changes: Any) -> None:
    one.submit(one.event("person.created", {"person": {**KARI, **changes}}))


LEAKS = {
    "as it is": ir.Path("person", ("full_name",), "str", (False,)),
    "whole": WHOLE_PERSON,
    "in another case": ir.Call("upper", (ir.Path("person", ("full_name",), "str", (False,)),)),
    "without its accents": ir.Call("ascii", (ir.Path("person", ("full_name",), "str", (False,)),)),
    "as HTML": ir.Concat(
        (ir.Lit("<b>"), ir.Call("escape_html", (ir.Path("person", ("full_name",), "str", (False,)),)), ir.Lit("</b>"))
    ),
    "inside a text": ir.Concat((ir.Lit("Mail to "), ir.Path("person", ("email",), "str", (False,)), ir.Lit("!"))),
    "as a number": ir.Call("phone", (ir.Path("person", ("phone",), "str", (False,)), ir.Lit("NO"))),
    "as a hash": ir.Call("sha256", (ir.Path("person", ("email",), "str", (False,)),)),
    "without its scheme": ir.Call("after", (ir.Path("person", ("linkedin_url",), "str", (False,)), ir.Lit("//www."))),
    "deep inside": ir.MakeObj(
        (("a", ir.MakeList((ir.MakeObj((("b", ir.Path("person", ("email",), "str", (False,))),)),))),)
    ),
}


@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS)
def test_a_value_that_no_grant_covers_is_held_back_at_send_whatever_plan_let_it_through(
    scene: Make, body: ir.Expr
) -> None:
    """D6.3 the second check knows values, not expressions; what it says holds none of them."""
    one = scene(**person_route(body))
    submit_person(one)
    one.drain()
    assert (one.memory.log, one.memory.sent) == ([], {})
    (row,) = one.deliveries()
    assert row.state.value == "dead"
    assert "person." in (row.error_message or "")
    for value in KARI.values():
        assert not isinstance(value, str) or len(value) < 4 or value not in (row.error_message or "")


@pytest.mark.parametrize(
    ("body", "granted"),
    [
        (LEAKS["inside a text"], ("person.email",)),
        (LEAKS["in another case"], ("person.full_name",)),
        (LEAKS["as it is"], ("person.first_name", "person.last_name")),
        (ir.Path("person", ("id",), "str", (False,)), ()),
        (ir.Call("email_domain", (ir.Path("person", ("email",), "str", (False,)),)), ()),
        (ir.Call("initials", (ir.Path("person", ("full_name",), "str", (False,)),)), ()),
    ],
    ids=["granted", "granted in another case", "granted in parts", "public", "the domain", "initials"],
)
def test_what_may_leave_is_not_held_back(scene: Make, body: ir.Expr, granted: tuple[str, ...]) -> None:
    """D6.3 a check that holds everything back would prove nothing."""
    one = scene(**person_route(body, granted))
    submit_person(one)
    one.drain()
    assert one.states() == ["delivered"]


def test_what_an_older_release_put_in_the_ledger_is_held_to_the_grants_of_today(scene: Make) -> None:
    """D6.3 the grant is taken back while the delivery waits for a retry."""
    plans = person_route(LEAKS["inside a text"], ("person.email",))
    one = scene(**plans, memory=Memory(fault=lambda item: BUSY))
    submit_person(one)
    one.drain(patience_s=0.0)
    one.memory.fault = lambda item: None
    one.plans = tuple(replace(plan, personal_data=()) for plan in one.plans)
    one.restart()
    one.drain()
    assert one.memory.sent == {}
    assert one.states() == ["dead"]


def test_what_was_made_of_an_event_that_is_gone_is_not_sent(scene: Make) -> None:
    """D6.3 where nothing can be compared, nothing leaves."""
    one = scene(**person_route(ir.Path("person", ("id",), "str", (False,))), memory=Memory(fault=lambda item: BUSY))
    submit_person(one)
    one.drain(patience_s=0.0)
    one.memory.fault = lambda item: None
    with one.store.transaction() as tx:
        tx.change(Sql("DELETE FROM events WHERE tenant = :tenant"), tenant="acme")
    one.drain()
    assert (one.memory.sent, one.states()) == ({}, ["dead"])


def grants(tmp_path: Path, policy: str = BOUNDS, text: str = PERSONS) -> tuple[tuple[MappingPlan, ...], list[str]]:
    plans, diagnostics = compiled(tmp_path, {"persons": text}, policy=policy)
    return plans["plans"], [finding.code for finding in diagnostics]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (("", ""), []),
        (("tenant: acme", "tenant: globex"), ["QM461", "QM465"]),
        (("connection: warehouse", "connection: hubspot-main"), ["QM461"]),
        (("person.mobile_phone", "person.email"), ["QM461"]),
        (('"2026-09-01"', '"2026-06-20"'), ["QM464"]),
        (('"2026-09-01"', '"2026-06-01"'), ["QM452"]),
        (("direct_identifier]", "direct_identifier, sensitive]"), []),
        (("second_approver: ola", "second_approver: ana"), ["QM460"]),
    ],
    ids=[
        "granted",
        "another tenant",
        "another connection",
        "another path",
        "ends soon",
        "ended",
        "free",
        "one approver",
    ],
)
def test_sensitive_fields_need_a_grant_that_two_people_gave(
    tmp_path: Path, change: tuple[str, str], codes: list[str]
) -> None:
    """D6.3, D5.4, D2.4 beyond the labels that the policy leaves to tenants; for one tenant, connection and path."""
    found, given = grants(tmp_path, BOUNDS.replace(*change) if change[0] else BOUNDS)
    assert sorted(given) == codes
    assert bool(found) == (codes in ([], ["QM464"]))


@pytest.mark.parametrize(
    ("path", "leaves"),
    [
        ("person.email", True),
        ("person.job_title", True),
        ("person.full_name", False),
        ("person.linkedin_url", False),
        ("person.mobile_phone", False),
        ("person.notes", False),
    ],
)
@pytest.mark.parametrize("policy", [None, "version: 1\n", "version: 1\npersonal_data: {purposes: [sales_outreach]}\n"])
def test_a_policy_that_is_silent_lets_out_what_reaches_somebody_at_work_only(
    tmp_path: Path, policy: str | None, path: str, leaves: bool
) -> None:
    """D6.3, D2.4 a file that says nothing of it, and no file at all, are not a word for it."""
    write_tenant(tmp_path, {"persons": PERSONS.replace("person.mobile_phone", path)})
    place = tmp_path / "policy.yaml"
    place.unlink() if policy is None else place.write_text(policy, encoding="utf-8")
    diagnostics = Diagnostics()
    found = compile_folder(tmp_path, diagnostics)
    asked = [finding for finding in diagnostics if finding.code == "QM461"]
    assert (len(found.mappings), len(asked)) == ((1, 0) if leaves else (0, 1))
    for finding in asked:
        entry = f"{{tenant: acme, connection: warehouse, paths: [{path}], …}}"
        assert f"under `personal_data.grants` of policy.yaml: `{entry}`" in (finding.help or "")


def test_what_names_somebody_can_be_let_out_for_all_as_the_error_says(tmp_path: Path) -> None:
    """D6.3 what is offered for every tenant is what the policy takes, and never what is sensitive."""
    named = PERSONS.replace("person.mobile_phone", "person.full_name")
    _, diagnostics = compiled(tmp_path, {"persons": named}, policy="version: 1\n")
    (help_,) = (finding.help or "" for finding in diagnostics)
    offered = help_.partition("for every tenant: `")[2].removesuffix("`")
    assert offered
    found, codes = grants(tmp_path, f"version: 1\n{offered}\n", named)
    assert (len(found), codes) == (1, [])
    _, diagnostics = compiled(tmp_path, {"persons": PERSONS}, policy="version: 1\n")
    assert ["every tenant" in (finding.help or "") for finding in diagnostics] == [False]


def test_a_grant_of_the_platform_ends_by_itself_at_admission_and_at_send(scene: Make, tmp_path: Path) -> None:
    """D6.3, D2.4 whatever release runs: what waits is cancelled, what comes is not taken."""
    plans = sound(tmp_path, {"persons": PERSONS}, policy=BOUNDS)
    assert [route.granted_until for route in plans["plans"][0].routes] == ["2026-09-01"]
    assert plans["plans"][0].personal_data == (("person.mobile_phone", "2026-09-01"),)
    one = scene(**plans, memory=Memory(fault=lambda item: BUSY))
    one.clock.at = one.clock.at.replace(month=8, day=31, hour=23)
    submit_person(one, mobile_phone="+4799911122")
    one.drain(patience_s=0.0)
    one.memory.fault = lambda item: None
    one.clock.at += timedelta(days=1)
    one.drain()
    assert (one.memory.sent, one.states()) == ({}, ["cancelled"])
    receipt = one.submit(
        one.event("person.updated", {"person": {**KARI, "sequence": 2, "mobile_phone": "+4799911122"}})
    )
    assert receipt.reasons == {"grant_ended": 1}


DESCRIBED = NOTES.format(pii="", when="").replace(
    "      name: company.name\n", "      name: company.name\n      description: company.description\n"
)


TAKES_COMPANIES = "version: 1\npersonal_data: {free_text_to: [company, note]}\n"


GRANTED = BOUNDS.replace("person.mobile_phone", "company.description").replace("warehouse", "hubspot-main")


@pytest.mark.parametrize(
    ("text", "policy", "codes"),
    [
        (DESCRIBED, "version: 1\n", ["QM455"]),
        (DESCRIBED, TAKES_COMPANIES, []),
        (DESCRIBED, GRANTED, []),
        (DESCRIBED.replace("company.description", "company.city"), "version: 1\n", []),
        (DESCRIBED.replace("to: companies", "to: companies\n    when: is_present(company.description)").replace(
            "      description: company.description\n", ""), "version: 1\n", ["QM455"]),
        (DESCRIBED.replace("company.description", "if(company.description, 'yes', 'no')"), "version: 1\n", ["QM455"]),
        (NOTES.format(pii="", when=""), TAKES_COMPANIES.replace(", note", ""), ["QM455"]),
        (EVENTS, TAKES_COMPANIES, ["QM455"]),
    ],
    ids=["by default", "by policy", "by grant", "no free text", "in when", "in a choice", "notes taken away", "events"],
)  # fmt: skip
def test_free_text_goes_where_the_policy_lets_it(tmp_path: Path, text: str, policy: str, codes: list[str]) -> None:
    """D6.3, D2.4 titles, summaries and descriptions may name persons: into notes, tasks and events by default."""
    _, diagnostics = compiled(tmp_path, {"crm": text}, policy=policy)
    assert sorted({finding.code for finding in diagnostics}) == codes


@pytest.mark.parametrize(
    ("allowed", "codes"),
    [("[person.mobile_phone]", []), ("[person.full_name]", ["QM456"]), ("[]", ["QM456"]), (None, [])],
    ids=["that path", "another path", "nothing", "no bound"],
)
def test_a_connection_bounds_what_any_mapping_sends_to_its_account(
    tmp_path: Path, allowed: str | None, codes: list[str]
) -> None:
    """D6.3 the mapping's grant, the platform's and the connection's: each is needed."""
    own = "" if allowed is None else f"    pii: {{send: {allowed}}}\n"
    plans, diagnostics = compiled(tmp_path, {"persons": PERSONS}, policy=BOUNDS, connections=CONNECTIONS + own)
    assert [finding.code for finding in diagnostics] == codes
    assert bool(plans["plans"]) == (codes == [])

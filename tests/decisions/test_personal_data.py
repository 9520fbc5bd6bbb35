"""What says something of a person leaves by grant only, asked again at send by its value: D6.3."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from compiler.tenant_folder import CONNECTIONS, EVENTS
from decisions.yaml_worker import compiled, sound
from engine_plans import COMPANY, WHOLE_PERSON, connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from noninterference.pairs import envelope
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.entities import entity
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.identifying import Said, identifying, leaks
from queast_runtime.ports import ErrorClass, Phase, Refused
from queast_runtime.store.sql import Sql

Make = Callable[..., Any]
KARI = {
    "id": "p_1",
    "sequence": 1,
    "full_name": "Kåre O'Nordmann",
    "company_id": "c_1",
    "first_name": "Kåre",
    "last_name": "O'Nordmann",
    "email": "kare@acme.no",
    "phone": "+47 22 12 34 56",
    "linkedin_url": "https://www.linkedin.com/in/kare",
}
BUSY = Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)
TITLE = "Kari Nordmann leaves Nordmann AS"
NAMED = {"field": "title", "start": 0, "end": 13, "person_id": "p_1"}
SUMMARY = "Kari Nordmann said so. Ola will follow; kari nordmann denies it."
NOTES = """\
version: 1
description: Notes on companies
connection: hubspot-main
mode: live
{pii}routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    {when}
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {{template: "{{{{ signal.title }}}}: {{{{ signal.summary ?? '' }}}}"}}
"""
GRANT = "pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}\n"
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


def signal(one: Any, **changes: Any) -> dict[str, Any]:
    summary = {"field": "summary", "start": 23, "end": 26, "person_id": "p_2"}
    return one.signal(**({"title": TITLE, "summary": SUMMARY, "mentions": [NAMED, summary]} | changes))


def notes(tmp_path: Path, pii: str = "", when: str = "") -> dict[str, Any]:
    return sound(tmp_path, {"crm": NOTES.format(pii=pii, when=when)})


def bodies(one: Any) -> list[str]:
    return [record["hs_note_body"] for record in one.memory.of("notes").values()]


def person_route(body: ir.Expr | None, granted: tuple[str, ...] = ()) -> dict[str, Any]:
    """A plan as no compiler makes it: it sends what it has no grant for."""
    plan = mapping_plan(route_plan("person", "send", body=body), connection="hook")
    plan = replace(plan, personal_data=tuple((path, None) for path in granted))
    return {"plans": (plan,), "connections": (connection_plan("hook"),)}


def submit_person(one: Any, **changes: Any) -> None:
    one.submit(one.event("person.created", {"person": {**KARI, **changes}}))


def test_persons_named_in_a_text_are_a_person_without_a_grant_for_their_names(scene: Make, tmp_path: Path) -> None:
    """D6.3 wherever the name stands in title or summary; the company of the same name stays."""
    one = scene(**notes(tmp_path))
    one.submit(signal(one, company=COMPANY | {"name": "Nordmann AS"}))
    one.drain()
    said = "a person leaves Nordmann AS: a person said so. a person will follow; a person denies it."
    assert bodies(one) == [said]


SPELLINGS = {
    "with other blanks": "Kari  Nordmann starts.",
    "with a hard blank": "Kari\u00a0Nordmann starts.",
    "over two lines": "Kari\nNordmann starts.",
    "in capitals": "KARI NORDMANN starts.",
    "in the genitive": "Kari Nordmanns job.",
    "glued": "xKari Nordmann starts.",
    "with hyphens": "Kari-Nordmann starts.",
    "with other accents": "Kári Nordmann starts.",
    "by the surname": "Ms Nordmann starts.",
    "by the surname in the genitive": "It is Nordmanns job.",
}


@pytest.mark.parametrize("summary", SPELLINGS.values(), ids=SPELLINGS)
def test_a_name_that_is_mentioned_once_is_found_however_it_is_spelled(
    scene: Make, tmp_path: Path, summary: str
) -> None:
    """D6.3 one mention in the title; the summary names the person in other ways."""
    one = scene(**notes(tmp_path))
    one.submit(signal(one, summary=summary, mentions=[NAMED], company=COMPANY))
    one.drain()
    (said,) = bodies(one)
    assert "nordmann" not in said.casefold()
    assert "a person" in said.partition(":")[2]


def test_a_name_of_a_script_without_blanks_is_found_inside_of_its_text(scene: Make, tmp_path: Path) -> None:
    """D6.3"""
    one = scene(**notes(tmp_path))
    mention = {"field": "title", "start": 0, "end": 3}
    one.submit(signal(one, title="李小龙 leaves", summary="李小龙说再见", mentions=[mention]))
    one.drain()
    assert bodies(one) == ["a person leaves: a person说再见"]


def test_what_is_public_of_the_company_stays_and_does_not_hold_the_signal_back(scene: Make, tmp_path: Path) -> None:
    """D6.3 the company has the person's name: the mention is replaced, the company's name and city are not."""
    one = scene(**notes(tmp_path))
    company = COMPANY | {"name": "Kari Nordmann AS", "city": "Nordmann"}
    one.submit(
        signal(
            one, title="Kari Nordmann leaves", summary="Kari Nordmann AS, Nordmann", mentions=[NAMED], company=company
        )
    )
    one.drain()
    assert bodies(one) == ["a person leaves: Kari Nordmann AS, Nordmann"]


def test_a_tag_and_an_address_that_spell_a_name_no_longer_do(scene: Make, tmp_path: Path) -> None:
    """D6.3 the whole signal to a webhook: an address is cut to its host, a job ad and a description are read, too."""
    text = EVENTS.split("routes:")[0] + "routes:\n  signals: {entity: signal, events: [created], to: event}\n"
    one = scene(**sound(tmp_path, {"all": text}))
    job = {"id": "j_1", "sequence": 1, "title": "Assistant of Nordmann", "company_id": "c_1"}
    one.submit(
        signal(
            one,
            company=COMPANY | {"description": "Founded by Kari Nordmann."},
            tags=["hiring", "Kari Nordmann"],
            source_url="https://news.example/2026/kari-nordmann-leaves?x=1",
            source_name="Kari Nordmann's blog",
            job_ad=job | {"url": "https://acme.example/jobs/1"},
        )
    )
    one.drain()
    sent = [body["data"]["signal"] for some in one.memory.sent.values() for body in some if "signal" in body["data"]]
    (told,) = sent
    assert "nordmann" not in json.dumps(told | {"company": {**told["company"], "name": ""}}).casefold()
    assert told["tags"] == ["hiring", "a person"]
    assert told["source_url"] == "https://news.example/"
    assert told["job_ad"]["url"] == "https://acme.example/jobs/1"


def test_a_grant_for_names_keeps_those_whom_queast_knows_and_who_did_not_opt_out(scene: Make, tmp_path: Path) -> None:
    """D6.3, D5.3 Ola opted out: the signal goes out, and he is a person."""
    one = scene(**notes(tmp_path, GRANT))
    ola = {"id": "p_2", "sequence": 1, "full_name": "Ola Hansen", "company_id": "c_1"}
    one.submit(one.event("person.opted_out", {"person": ola}), signal(one))
    one.drain()
    said = "Kari Nordmann leaves Nordmann AS: Kari Nordmann said so. a person will follow; kari nordmann denies it."
    assert bodies(one) == [said]


def test_a_name_in_a_text_that_waits_does_not_leave_after_its_persons_opt_out(scene: Make, tmp_path: Path) -> None:
    """D5.3 what was put in the ledger with the name is cancelled."""
    one = scene(**notes(tmp_path, GRANT), memory=Memory(fault=lambda item: BUSY))
    one.submit(signal(one))
    one.drain(patience_s=0.0)
    one.submit(one.event("person.opted_out", {"person": KARI}))
    one.memory.fault = lambda item: None
    one.drain()
    assert bodies(one) == []
    assert [row.state.value for row in one.deliveries() if row.entity == "signal"] == ["cancelled"]


def test_a_condition_sees_the_text_that_leaves_and_no_other(scene: Make, tmp_path: Path) -> None:
    """D6.3 whether a note is made says nothing of who is named."""
    one = scene(**notes(tmp_path, when="when: contains(signal.title, 'Kari')"))
    one.submit(signal(one))
    assert {row.entity for row in one.deliveries()} == {"company"}


@pytest.mark.parametrize(
    "mention",
    [
        {"field": "title", "start": 0, "end": 99},
        {"field": "title", "start": 5, "end": 2},
        {"field": "body", "start": 0, "end": 2},
        {"field": "title", "start": "0", "end": 2},
        "Kari",
    ],
)
def test_a_signal_whose_mentions_fit_no_text_is_refused_whole(scene: Make, tmp_path: Path, mention: Any) -> None:
    """D6.3 offsets of another text say that names stand somewhere else."""
    one = scene(**notes(tmp_path))
    receipt = one.submit(signal(one, mentions=[mention]))
    assert receipt.counts == {"refused": 1}
    assert one.deliveries() == ()


GIVEN = ("full_name", "email", "phone", "linkedin_url", "mobile_phone")
WAYS = {
    "alone": "{}",
    "in words": "Ask {} today",
    "glued to letters": "x{}x",
    "glued to digits": "1{}2",
    "in capitals": "<B>{}</B>",
    "beside another number": "{} 2026-01-31",
    "in a link": "https://x.example/?q={}&y=1",
    "hashed": "#{}",
}


def disguised(value: str, way: str) -> str:
    match way:
        case "in capitals":
            return WAYS[way].format(value.upper())
        case "in a link":
            return WAYS[way].format(quote(value, safe=""))
        case "hashed":
            return sha256(value.lower().encode()).hexdigest().upper()
        case _:
            return WAYS[way].format(value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", GIVEN)
def test_the_check_at_send_finds_every_identifying_field_in_every_disguise(field: str, way: str) -> None:
    """D6.3 asked by itself, with all other fields granted: what they give does not add up to the one that is not."""
    person = KARI | {"mobile_phone": "+47 99 88 77 66", "job_title": "CTO at acme.no, kare"}
    event = read_event(envelope("person", {"person": person, "company": COMPANY}))
    assert isinstance(event, Event)
    parts = {"person.first_name", "person.last_name"} if field == "full_name" else set()
    granted = {f"person.{name}" for name in entity("person").names} - {f"person.{field}"} - parts
    forbidden = identifying(event, frozenset(granted), frozenset(), Said())
    message = {"values": {"x": 1, "list": [{"deep": disguised(person[field], way)}]}}
    assert [found.place for found in leaks(message, forbidden) if found.path == f"person.{field}"] == [
        "values.list[0].deep"
    ]
    innocent = {"id": "p_1", "name": COMPANY["name"], "domain": COMPANY["domain"], "text": "Ask for us on 2026-01-31"}
    assert list(leaks(innocent, forbidden)) == []


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


def test_nothing_of_a_named_person_is_in_what_is_stored_with_a_delivery(scene: Make, tmp_path: Path) -> None:
    """D6.3 the ledger holds what leaves, which is already without names."""
    one = scene(**notes(tmp_path), memory=Memory(fault=lambda item: BUSY))
    one.submit(signal(one))
    with one.store.read() as snapshot:
        stored = [snapshot.delivery_body("acme", row.id) for row in one.deliveries()]
    assert stored
    for body in stored:
        assert b"Kari" not in (body or b"")
        assert b"p_1" not in (body or b"")
        assert json.loads(body or b"{}")


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

"""Who may decide, whom it is about, and who said no: D5.1, D5.2, D5.3 and D6.3."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import queast_schemas
from compiler.tenant_folder import EVENTS, compile_folder, write_tenant
from engine_plans import COMPANY, SIGNAL, WHOLE_PERSON, WHOLE_SIGNAL, connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from queast_dsl.diagnostics.model import Diagnostics
from queast_runtime.ports import ErrorClass, ItemResult, Phase, Refused, Unanswered, WriteItem

Make = Callable[..., Any]
PERSON = {"id": "p_1", "sequence": 1, "full_name": "Kari Nordmann", "company_id": "c_1"}
JOB_AD = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://acme.example/jobs/1"}
NO_EXPORT = {"do_not_export": True}


def hooks(**changes: Any) -> dict[str, Any]:
    """A tenant whose every entity goes to a webhook."""
    routes = (
        route_plan("company", "send", events=("created", "updated", "deleted")),
        route_plan("person", "send", body=WHOLE_PERSON),
        route_plan("signal", "send", body=WHOLE_SIGNAL),
        route_plan("job_ad", "send"),
    )
    plan = mapping_plan(*routes, connection="hook")
    return {"plans": (replace(plan, **changes),), "connections": (connection_plan("hook"),)}


def once(result: ItemResult) -> Callable[[WriteItem], ItemResult | None]:
    left = [result]
    return lambda item: left.pop() if left else None


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("company.updated", {"company": COMPANY | NO_EXPORT}),
        ("person.updated", {"person": PERSON | NO_EXPORT}),
        ("person.updated", {"person": PERSON, "company": COMPANY | NO_EXPORT}),
        ("signal.created", {"signal": SIGNAL | NO_EXPORT}),
        ("signal.created", {"signal": SIGNAL | {"company": COMPANY | NO_EXPORT}}),
        ("signal.created", {"signal": SIGNAL | {"job_ad": JOB_AD | NO_EXPORT}}),
        ("job_ad.created", {"job_ad": JOB_AD | NO_EXPORT}),
    ],
    ids=["company", "person", "person's company", "signal", "signal's company", "signal's job ad", "job ad"],
)
def test_an_entity_that_must_not_be_exported_never_leaves(scene: Make, kind: str, data: dict[str, Any]) -> None:
    """D5.3 `do_not_export` on any entity of the event refuses the whole event, on every kind of destination."""
    for one in (scene(), scene(**hooks())):
        assert one.submit(one.event(kind, data)).reasons == {"do_not_export": 1}
        one.drain()
        assert (one.memory.log, one.memory.sent, one.deliveries()) == ([], {}, ())
        with one.store.read() as snapshot:
            assert {row.reason for row in snapshot.suppressions("acme")} == {"do_not_export"}


@pytest.mark.parametrize("entity", ["company", "person"])
@pytest.mark.parametrize("kind", ["opted_out", "erased"])
def test_an_opt_out_is_remembered_against_all_that_comes_later(scene: Make, entity: str, kind: str) -> None:
    """D5.3 the table of suppressions outlives restarts, and a late opt-out counts although its sequence is old."""
    body = {"company": COMPANY, "person": PERSON}[entity]
    one = scene(**hooks())
    one.submit(one.event(f"{entity}.{kind}", {entity: body | {"sequence": 0}}))
    one.restart()
    receipt = one.submit(one.event(f"{entity}.updated", {entity: body | {"sequence": 9}}))
    assert receipt.reasons == {"opted_out": 1}
    one.drain()
    assert one.memory.sent == {}


@pytest.mark.parametrize(
    ("denied", "inside"),
    [
        ({"job_ad.updated": {"job_ad": JOB_AD | NO_EXPORT}}, {"job_ad": JOB_AD}),
        ({"company.updated": {"company": COMPANY | NO_EXPORT}}, {}),
    ],
    ids=["its job ad", "its company"],
)
def test_a_signal_does_not_carry_out_what_was_denied_by_itself(
    scene: Make, denied: dict[str, dict[str, Any]], inside: dict[str, Any]
) -> None:
    """D5.3 what is inside a signal is asked for as well, at admission and, if the denial comes later, at send."""
    ((kind, data),) = denied.items()
    before, after = scene(**hooks()), scene(**hooks())
    before.submit(before.event(kind, data))
    assert before.submit(before.signal(**inside)).reasons == {"opted_out": 1}
    after.submit(after.signal(**inside))
    after.submit(after.event(kind, data))
    for one in (before, after):
        one.drain()
        assert not [row for row in one.deliveries() if row.entity == "signal" and row.state.value != "cancelled"]


def test_deny_wins_over_a_later_event_that_no_longer_says_so(scene: Make) -> None:
    """D5.3 a flag that went missing again is no consent."""
    one = scene()
    one.submit(one.company(**NO_EXPORT))
    assert one.submit(one.company(sequence=9)).reasons == {"opted_out": 1}


def test_an_opt_out_stops_what_was_admitted_before_it_within_a_minute(scene: Make) -> None:
    """D5.3 what waits for a retry, for a pause or for its company is never sent once the opt-out is in."""
    busy = Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)
    one = scene(memory=Memory(fault=once(busy)))
    one.submit(one.company("created"), one.signal())
    one.drain(patience_s=0.0)
    tried = len(one.memory.log)
    assert tried == 1
    began = one.clock.at
    one.submit(one.company("opted_out", sequence=4))
    one.drain()
    assert (one.clock.at - began).total_seconds() <= 60
    assert len(one.memory.log) == tried
    assert set(one.states()) == {"cancelled"}


def test_an_opt_out_holds_while_a_send_is_being_clarified(scene: Make) -> None:
    """D5.3 a create whose answer was lost is looked up, and if it never happened it is not made after the opt-out."""
    one = scene()
    one.submit(one.company("created"))
    one.memory.fault = _opting_out(one)
    one.drain()
    assert [look.split()[0] for look in one.memory.looks].count("reconcile") == 1
    assert one.memory.of("companies") == {}
    assert one.states() == ["cancelled"]


def test_an_opt_out_reaches_what_was_claimed_and_waits_behind_a_slow_destination(scene: Make) -> None:
    """D5.3 a claim is asked again right before its request if it waited, so 60 s hold for any destination."""
    one = scene(**hooks())
    many = [one.company("created", id=f"c_{number}", domain=f"x{number}.example") for number in range(40)]
    one.submit(*many)

    def slow(item: WriteItem) -> ItemResult | None:
        if len(one.memory.log) == 1:
            one.clock.at += timedelta(seconds=15)
            with one.store.transaction() as tx:
                tx.suppress("acme", "company", "c_39", "opted_out", one.clock.now())
        return None

    one.memory.fault = slow
    one.drain()
    told = {bodies[0]["data"]["company"]["id"] for bodies in one.memory.sent.values()}
    assert told == {f"c_{number}" for number in range(39)}
    assert {row.state.value for row in one.deliveries() if row.queast_id == "c_39"} == {"cancelled"}


@pytest.mark.parametrize("to", ["webhook", "linked record"])
def test_what_a_killed_process_left_in_flight_is_not_sent_again_after_an_opt_out(scene: Make, to: str) -> None:
    """D5.3 repeating is safe for an update or a webhook, and still forbidden once its company opted out."""
    one = scene(**hooks()) if to == "webhook" else scene()
    connection = "hook" if to == "webhook" else "crm"
    one.submit(one.company("created"))
    one.drain()
    one.submit(one.company(sequence=4, name="Acme ASA"))
    with one.store.transaction() as tx:
        assert len(tx.take("acme", connection, one.clock.now(), 10, 0)) == 1
    one.restart()
    before = (list(one.memory.log), dict(one.memory.sent))
    one.submit(one.company("opted_out", sequence=5))
    one.drain()
    assert (one.memory.log, one.memory.sent) == before
    assert one.states() == ["delivered", "cancelled"]


def test_no_key_of_a_mapping_switches_opt_outs_off() -> None:
    """D5.3 neither the mapping's nor the connection's schema has a word for it."""
    for name in ("mapping", "mapping-merged", "connections", "policy"):
        keys = set(_keys(queast_schemas.load(name)))
        assert keys
        assert {key for key in keys if re.search("export$|opt|suppress|consent", key)} <= {
            "suppressed",
            "options",
            "informational_export",
        }


def test_the_tenant_is_never_taken_from_an_event(scene: Make) -> None:
    """D5.1 an event that names a tenant, wherever it does, belongs to whoever submitted it."""
    one = scene()
    event = one.company("created") | {"tenant": "other", "source": "tenant:other"}
    event["data"] = {**event["data"], "tenant": "other"}
    one.submit(event)
    with one.store.read() as snapshot:
        assert snapshot.entity("other", "company", "c_1") is None
        assert snapshot.entity("acme", "company", "c_1") is not None
    with pytest.raises(LookupError, match="tenant other has no release here"):
        one.worker.rules("other")


def test_a_mapping_narrows_the_companies_it_is_about(scene: Make) -> None:
    """D5.2 all companies by default; `companies: bookmarked` only those, from the moment they are."""
    wide = mapping_plan()
    narrow = replace(wide, scope=replace(wide.scope, companies="bookmarked"))
    one = scene(plans=(narrow,))
    assert one.submit(one.company("created")).reasons == {"not_bookmarked": 1}
    one.submit(one.company("bookmarked", sequence=4))
    one.drain()
    assert len(one.memory.of("companies")) == 1
    # Leaving the scope keeps what is there.
    one.submit(one.company("unbookmarked", sequence=5), one.company(sequence=6, name="Acme ASA"))
    one.drain()
    assert [record["name"] for record in one.memory.of("companies").values()] == ["Acme AS"]


PERSON_ROUTE = """\
version: 1
connection: warehouse
mode: live
{pii}routes:
  persons:
    entity: person
    events: [created]
    to: event
    body:
      {field}
"""
PII = "pii: {{send: [{}], purpose: sales_outreach, basis: legitimate_interest}}\n"


@pytest.mark.parametrize(
    ("granted", "field", "refused"),
    [
        (None, "name: person.full_name", True),
        ("person.full_name", "name: person.full_name", False),
        ("person.full_name", "mail: person.email", True),
        ("person.email", "mail: person.email", False),
        ("person.email", "phone: person.phone", True),
        ("person.full_name", "known: if(person.email == 'a@b.example', 'yes', 'no')", True),
        ("person.full_name", "mail: sha256(person.email ?? '')", True),
    ],
)
def test_a_persons_field_leaves_only_by_a_grant_of_its_own(
    tmp_path: Path, granted: str | None, field: str, refused: bool
) -> None:
    """D6.3 off by default, each path by itself, and neither a condition nor a hash is a way around it."""
    pii = "" if granted is None else PII.format(granted)
    write_tenant(tmp_path, {"persons": PERSON_ROUTE.format(pii=pii, field=field), "events": EVENTS})
    diagnostics = Diagnostics()
    compiled = compile_folder(tmp_path, diagnostics)
    assert {plan.mapping for plan in compiled.mappings} == ({"events"} if refused else {"events", "persons"})
    assert {each.code for each in diagnostics} == ({"QM240"} if refused else set())


def _keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _keys(part)


def _opting_out(one: Any) -> Callable[[WriteItem], ItemResult | None]:
    """The first create never gets there and its answer is lost; meanwhile the company opts out."""
    calls: list[str] = []

    def fault(item: WriteItem) -> ItemResult | None:
        calls.append(item.reference)
        if len(calls) > 1:
            return None
        with one.store.transaction() as tx:
            tx.suppress("acme", "company", "c_1", "opted_out", one.clock.now())
        return Unanswered("reset", Phase.SOME_SENT)

    return fault


WHOLE_SIGNALS = """\
version: 1
connection: warehouse
mode: live
routes:
  signals:
    entity: signal
    events: [created]
    to: event
"""


def test_the_bytes_of_a_signal_sent_as_it_is_say_nothing_of_the_persons_it_names(tmp_path: Path, scene: Make) -> None:
    """D6.3 what no grant covers stays behind: the persons a text names, and what no schema declares, however deep."""
    write_tenant(tmp_path, {"signals": WHOLE_SIGNALS})
    (plan,) = compile_folder(tmp_path, Diagnostics()).mappings
    assert plan.routes[0].withheld == ("signal.mentions", "signal.mentions.person_id")
    signals = replace(hooks()["plans"][0], routes=plan.routes)
    one = scene(**(hooks() | {"plans": (signals,)}))
    mention = {"field": "title", "start": 0, "end": 13, "person_id": "p_1"}
    address = {"city": "Oslo", "contact": {"name": "Kari Nordmann"}}
    company = COMPANY | {"address": address, "owner": "Kari Nordmann", "region": {"contact": "Kari Nordmann"}}
    one.submit(
        one.signal(title="Kari Nordmann hires", mentions=[mention], company=company, spokesperson="Kari Nordmann")
    )
    one.drain()
    ((sent,),) = one.memory.sent.values()
    assert sent["data"]["signal"]["title"] == "a person hires"
    assert sent["data"]["signal"]["company"]["address"] == {"city": "Oslo"}
    for secret in ("p_1", "mentions", "Kari"):
        assert secret not in json.dumps(sent)

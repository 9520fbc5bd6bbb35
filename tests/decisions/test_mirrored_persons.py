"""Persons as far as the mirror goes: hashed e-mail, profile, then a name within the same company (D3.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.scripted import OneSecret, Scripted, answer
from decisions.test_scope import FOURTH, FOURTH_CONNECTION, FOURTH_MAPPING
from decisions.yaml_worker import over_http, sound
from engine_plans import connection_plan, match_plan
from memory_destination import Memory
from queast_runtime.delivery.persons import Person, PersonDoubtful, PersonFound, PersonLinked, find_person
from queast_runtime.delivery.steps import Place
from queast_runtime.matching.fuzzy import NoCandidate, Thresholds
from queast_runtime.ports.rows import Link, Rejection, Standing
from queast_runtime.store.open import SqlTransaction
from queast_runtime.store.sql import Sql
from queast_runtime.worker.mirroring import fill_mirrors

Make = Callable[..., Any]

CARD = (("name", "name"), ("email", "email"), ("linkedin", "linkedin"), ("company", "company.id"))
CONTACTS = match_plan(
    entity="person",
    object="contacts",
    order=("link", "external_id", "linkedin", "name"),
    external_id=None,
    domain_from=None,
    domain_to=(),
    card=CARD,
    on_none="skip",
)
KARI = Person("p_1", "Kari Nordmann", "kari@acme.no", "https://linkedin.com/in/kari", "c_1")


def mirrored(scene: Make, standing: Standing | None = "established", **contacts: dict[str, Any]) -> Any:
    """A worker that has mirrored these contacts, with our company c_1 linked to the record h1."""
    memory = Memory(page_size=2)
    for partner_id, properties in contacts.items():
        memory.add("contacts", partner_id, **properties)
    one = scene(memory=memory, connections=(connection_plan(match=(match_plan(), CONTACTS)),))
    filled = asyncio.run(fill_mirrors(one.worker, "acme", (), asyncio.Event(), lambda *_: None, anew=True))
    assert [(each.object, each.reason) for each in filled] == [("companies", None), ("contacts", None)]
    if standing is not None:
        row = Link(
            account="1",
            object="companies",
            queast_id="c_1",
            partner_id="h1",
            connection="crm",
            rule="domain" if standing == "established" else "name",
            standing=standing,
            evidence={},
            score=None,
            plan_digest="sha256:0",
            actor="engine",
            created_at=one.clock.now(),
            created_record=False,
        )
        with one.store.transaction() as tx:
            tx.put_link("acme", row)
    return one


def found(one: Any, person: Person = KARI) -> PersonFound:
    place = Place("acme", one.connections[0], 0, "sha256:r1", one.worker.hash_key)
    with one.store.read() as view:
        return find_person(view, place, CONTACTS, "companies", person, Thresholds())


AT_ACME = {"id": "h1"}


def test_an_email_comes_first_whatever_else_is_written(scene: Make) -> None:
    """D3.1."""
    one = mirrored(
        scene,
        k1={"name": "K. N.", "email": " Kari@Acme.NO"},
        k2={
            "name": "Kari Nordmann",
            "email": "other@acme.no",
            "linkedin": "no.linkedin.com/in/Kari/",
            "company": AT_ACME,
        },
    )
    assert found(one) == PersonLinked("k1", "email")
    assert found(one, replace(KARI, email=None)) == PersonLinked("k2", "linkedin")
    assert found(one, replace(KARI, email="Kari <kari@acme.no>", linkedin_url="linkedin.com/in/")).rule == "name"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("standing", "company", "name", "rule"),
    [
        ("established", "h1", "Nordmann, Kari", "linked"),
        ("established", "h1", "K. Nordmann", "doubtful"),
        ("established", "h2", "Kari Nordmann", "none"),
        ("inferred", "h1", "Kari Nordmann", "none"),
        (None, "h1", "Kari Nordmann", "none"),
    ],
)
def test_a_name_counts_only_at_the_company_of_an_established_link(
    scene: Make, standing: Standing | None, company: str, name: str, rule: str
) -> None:
    """D3.1 an inferred link is no evidence, and a name elsewhere is nothing."""
    one = mirrored(scene, standing, k1={"name": name, "company": {"id": company}}, k2={"name": "Ola Berg"})
    came = found(one, replace(KARI, email=None, linkedin_url=None))
    match came:
        case PersonLinked():
            assert (rule, came.partner_id, came.rule) == ("linked", "k1", "name")
        case PersonDoubtful():
            assert (rule, came.candidates) == ("doubtful", ("k1",))
        case NoCandidate():
            assert rule == "none"


def test_two_records_of_an_email_are_a_question_and_a_rejected_one_is_none(scene: Make) -> None:
    """D3.1."""
    one = mirrored(scene, k1={"email": "kari@acme.no"}, k2={"email": "KARI@acme.no"}, k3={"email": "a@acme.no"})
    assert found(one) == PersonDoubtful(("k1", "k2"), "email")
    with one.store.transaction() as tx:
        tx.reject_pair("acme", Rejection("1", "contacts", "p_1", "k1", "anna", "", one.clock.now()))
    assert found(one) == PersonLinked("k2", "email")


def test_nothing_of_a_person_stands_in_the_mirror_in_the_clear(scene: Make) -> None:
    """D6.2."""
    one = mirrored(
        scene,
        k1={"name": "Kari Nordmann", "email": "kari@acme.no", "linkedin": "linkedin.com/in/kari", "company": AT_ACME},
    )
    with one.store.transaction() as tx:
        assert isinstance(tx, SqlTransaction)
        keys = tx.all(Sql("SELECT kind, value FROM mirror_keys WHERE object = 'contacts' ORDER BY kind"))
        records = tx.all(Sql("SELECT card, tokens FROM mirror_records WHERE object = 'contacts'"))
    assert [kind for kind, _ in keys] == ["company", "email", "linkedin"]
    assert all(len(value) == 32 for kind, value in keys if kind != "company")
    for word in ("kari", "nordmann", "acme.no"):
        assert word not in repr((keys, records)).casefold()


CONTACTS_OF_A_MANIFEST = """\
  contacts:
    role: person
    action: upsert
    open: false
    external_id: null
    match:
      card: {name: full_name, email: mail, linkedin: profile, company: firm.id}
    read: [full_name, mail, profile, firm]
    fields:
      full_name: {type: string, required: true}
      mail: {type: string}
      profile: {type: string}
      firm: {type: string}
    operations:
      create:
        method: POST
        path: /v{version}/contacts
        idempotent: false
        body: {contact: {$fields: all}}
        success: 2xx
        answer: {record: contact, id: id, created: true}
        reconcile: {settle_s: 5, looks: [{op: list, property: full_name, holds: equals}]}
    reads:
      list:
        method: GET
        path: /v{version}/contacts
        answer: {records: contacts, id: id, properties: [""]}
"""


def test_the_contacts_of_a_manifest_are_mirrored_and_found(scene: Make, tmp_path: Path) -> None:
    """D3.1 from a manifest with an object of persons to the record of one."""
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "fourth.yaml").write_text(FOURTH + CONTACTS_OF_A_MANIFEST, encoding="utf-8")
    plans = sound(tmp_path, {"memos": FOURTH_MAPPING}, connections=FOURTH_CONNECTION, manifests=manifests)
    one = scene(**plans)
    kari = {"id": "k1", "full_name": "Kari Nordmann", "mail": "KARI@acme.no", "firm": {"id": "h1"}}
    sender = Scripted(answer(200, {"contacts": [kari, {"id": "k2", "full_name": "Ola Berg", "mail": "ola@acme.no"}]}))
    over_http(one, sender, OneSecret("k3y"))
    asyncio.run(fill_mirrors(one.worker, "acme", (), asyncio.Event(), lambda *_: None, anew=True))
    (connection,) = one.connections
    (match,) = connection.match
    place = Place("acme", connection, 0, "sha256:r1", one.worker.hash_key)
    with one.store.read() as view:
        assert view.mirror_size("acme", "9", "contacts") == 2
        assert find_person(view, place, match, "companies", KARI, Thresholds()) == PersonLinked("k1", "email")
        nobody = replace(KARI, email="nobody@acme.no")
        assert find_person(view, place, match, "companies", nobody, Thresholds()) == NoCandidate()

"""Persons whom a signal names are a person in all that leaves, unless a grant covers their names: D6.3."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compiler.tenant_folder import EVENTS
from decisions.person_samples import BUSY, KARI, NOTES
from decisions.yaml_worker import sound
from engine_plans import COMPANY
from memory_destination import Memory

Make = Callable[..., Any]


TITLE = "Kari Nordmann leaves Nordmann AS"


NAMED = {"field": "title", "start": 0, "end": 13, "person_id": "p_1"}


SUMMARY = "Kari Nordmann said so. Ola will follow; kari nordmann denies it."


GRANT = "pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}\n"


def signal(one: Any, **changes: Any) -> dict[str, Any]:
    summary = {"field": "summary", "start": 23, "end": 26, "person_id": "p_2"}
    return one.signal(**({"title": TITLE, "summary": SUMMARY, "mentions": [NAMED, summary]} | changes))


def notes(tmp_path: Path, pii: str = "", when: str = "") -> dict[str, Any]:
    return sound(tmp_path, {"crm": NOTES.format(pii=pii, when=when)})


def bodies(one: Any) -> list[str]:
    return [record["hs_note_body"] for record in one.memory.of("notes").values()]


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


def test_persons_named_in_a_text_are_a_person_without_a_grant_for_their_names(scene: Make, tmp_path: Path) -> None:
    """D6.3 wherever the name stands in title or summary; the company of the same name stays."""
    one = scene(**notes(tmp_path))
    one.submit(signal(one, company=COMPANY | {"name": "Nordmann AS"}))
    one.drain()
    said = "a person leaves Nordmann AS: a person said so. a person will follow; a person denies it."
    assert bodies(one) == [said]


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

"""Notes on persons whose names are words: they leave, and nobody is named in them (D6.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decisions.yaml_worker import sound

Make = Callable[..., Any]

NOTES = """\
version: 1
description: Notes on companies
connection: hubspot-main
mode: live
{pii}routes:
  companies: {{entity: company, events: [created, updated], to: companies, fields: {{name: company.name}}}}
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {body}
tables:
  kinds: {{award: Price, other: Berg}}
"""
SUMMARY = "{{ signal.summary ?? '' }}"
JOB = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://x.example/1", "country": "HU"}
GRANT = "pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}\n"


def template(text: str) -> str:
    return f'{{template: "{{{{ signal.title }}}} {text}"}}'


def note(scene: Make, tmp_path: Path, mention: str, body: str, **changes: Any) -> str:
    """Return the note that leaves of a signal in whose title a person joins."""
    one = scene(**sound(tmp_path, {"crm": NOTES.format(pii=changes.pop("pii", ""), body=body)}))
    mentions = [{"field": "title", "start": 0, "end": len(mention)}]
    one.submit(one.signal(**({"title": f"{mention} joins", "mentions": mentions} | changes)))
    one.drain()
    assert [row.error_message for row in one.deliveries()] == [None, None]
    (record,) = one.memory.of("notes").values()
    return str(record["hs_note_body"])


@pytest.mark.parametrize(
    ("mention", "body", "told"),
    [
        ("Trine Land", template("Land: {{ company.name }}"), "a person joins Land: Acme AS"),
        ("Henrik Kilde", template("Kilde: x"), "a person joins Kilde: x"),
        ("Peter Best", template("Best regards"), "a person joins Best regards"),
        ("John Price", "{const: Share price}", "Share price"),
        ("John Price", "lookup(signal.type, kinds, else = 'x')", "Price"),
        ("Fei Hu", template("{{ signal.job_ad.country ?? '' }}"), "a person joins HU"),
        ("Ola Acme", template("{{ company.name }}"), "a person joins Acme AS"),
    ],
)
def test_a_note_leaves_whose_own_words_or_public_values_are_somebodys_surname(
    scene: Make, tmp_path: Path, mention: str, body: str, told: str
) -> None:
    """D6.3 the words of a template, a constant, a row of a table, a country's code, a company's name."""
    assert note(scene, tmp_path, mention, body, job_ad=JOB, type="award") == told


@pytest.mark.parametrize(
    ("mention", "summary"),
    [
        ("P&aring;l &Oslash;deg&aring;rd", "Pål Ødegård"),
        ("P&amp;aring;l &Oslash;deg&aring;rd", "Pål Ødegård"),
        ("<b>Kari</b> <b>Nordmann</b>", "Kari Nordmann"),
        ("Kari&nbsp;Nordmann", "Kari Nordmann"),
        ("Jan van den Berg", "jvandenberg"),
    ],
)
def test_a_note_tells_nobody_whose_mention_is_written_otherwise_than_its_text(
    scene: Make, tmp_path: Path, mention: str, summary: str
) -> None:
    """D6.3"""
    said = note(scene, tmp_path, mention, template(SUMMARY), summary=f"So {summary} said")
    assert said == "a person joins So a person said"


def test_a_note_leaves_that_names_who_may_be_named_beside_a_namesake(scene: Make, tmp_path: Path) -> None:
    """D6.3"""
    mentions = [
        {"field": "title", "start": 0, "end": 12, "person_id": "p_1"},
        {"field": "title", "start": 17, "end": 30},
    ]
    changes = {"title": "Ola Nordmann and Kari Nordmann join", "mentions": mentions, "summary": "Ola Nordmann leads"}
    said = note(scene, tmp_path, "", template(SUMMARY), pii=GRANT, **changes)
    assert said == "Ola Nordmann and a person join Ola Nordmann leads"

"""One mistake, one finding, where another word or sign was written than the one that was meant."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from example_frame import findings_of
from golden.archive import Archive
from golden.running import compile_folder, lay_out, put
from mutations.other_words import MISTAKES, Mistake
from queast_dsl.diagnostics.model import Finding

HERE = Path(__file__).parent
POLICY = """\
version: 1
personal_data: {without_grant: [business_contact, direct_identifier], purposes: [sales_outreach]}
"""


@dataclass(frozen=True)
class Seen:
    findings: tuple[Finding, ...]
    is_compiled: bool


def lint(text: str) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        lay_out(Archive("", "hubspot", {"policy.yaml": POLICY}), root)
        for path in (root / "acme").glob("*.yaml"):
            if path.name != "connections.yaml":
                path.unlink()
        put(root, "acme/main.yaml", text)
        outcome = compile_folder(root, rules=True, engine=("guard.equals_last_written", "guard.union"))
        return Seen(outcome.findings, "acme/main" in outcome.plans)


def sound(base: str) -> str:
    return (HERE / f"{base}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("base", sorted({mistake.base for mistake in MISTAKES}))
def test_the_mapping_without_a_mistake_is_sound(base: str) -> None:
    assert lint(sound(base)) == Seen((), is_compiled=True)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.base}: {mistake.new.strip()[:60]}")
def test_another_word_is_one_finding_that_says_what_was_meant(mistake: Mistake) -> None:
    text = sound(mistake.base)
    assert text.count(mistake.old) == 1
    damaged = text.replace(mistake.old, mistake.new)
    found = [
        (each.code, "" if each.span is None else damaged[each.span.start : each.span.end])
        for each in lint(damaged).findings
    ]
    assert found == [(mistake.code, mistake.at)]


@pytest.mark.parametrize(
    "mistake",
    [each for each in MISTAKES if each.help],
    ids=lambda mistake: f"{mistake.base}: {mistake.new.strip()[:60]}",
)
def test_the_help_names_what_was_meant(mistake: Mistake) -> None:
    damaged = sound(mistake.base).replace(mistake.old, mistake.new)
    assert mistake.help in (lint(damaged).findings[0].help or "")


@pytest.mark.parametrize(
    "mistake",
    [each for each in MISTAKES if each.written],
    ids=lambda mistake: f"{mistake.base}: {mistake.new.strip()[:60]}",
)
def test_the_fix_writes_what_was_meant(mistake: Mistake) -> None:
    damaged = sound(mistake.base).replace(mistake.old, mistake.new)
    fix = lint(damaged).findings[0].fix
    assert fix is not None
    assert [edit.text for edit in fix.edits] == [mistake.written]


@pytest.mark.parametrize(
    "body",
    [
        "price: {cost: company.revenue}",
        "price: {cost: company.revenue ?? 0}",
        "person: {gender: company.name}",
        "mail: {sender: company.name}",
        "mail: {value: company.name}",
        "price: {cost: {const: 12}}",
        "price: {cost: 12, currency: {const: NOK}}",
        "prices: {each: company.technologies, as: price, body: {cost: price}}",
        "mail: {as: company.name, body: company.city}",
        "mail: {as: person.id, body: company.city, for: company.id}",
    ],
)
def test_an_object_with_a_key_that_is_like_one_of_the_language_is_an_object(body: str) -> None:
    seen = lint(sound("people").replace("      level: 3\n", f"      {body}\n"))
    assert seen == Seen((), is_compiled=True)


@pytest.mark.parametrize(
    "body",
    ["geo: {coast: company.region}", "price: {cost: 12}", "price: {cost: now()}", "m: {reader: company.name}"],
)
def test_a_word_of_its_own_is_no_slip_of_a_form(body: str) -> None:
    example = f"connection: warehouse\nentity: company\nto: event\nbody:\n  id: company.id\n  {body}"
    assert "QM118" not in [each.code for each in findings_of(example)]


def test_a_table_that_is_called_like_an_entity_is_no_entity() -> None:
    example = (
        "city: lookup(company.name, person, else = 'x')\nphone: company.name | lookup(person, else = 'y')\n"
        "tables: {person: {a: b, c: d}}"
    )
    assert "QM308" not in [each.code for each in findings_of(example)]

"""What counts as saying something about a person, and what a declassifier may clear (D6.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from language_case import compiled, source_text
from queast_compiler.passes.expressions import compile_expression, environment
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.entities import entity, personal_inside
from queast_dsl.types import IntType, ObjectType, Property


@pytest.mark.parametrize(
    "text",
    [
        "email_domain(concat('a@', replace(person.full_name, ' ', '-'), '.no'))",
        "email_domain(concat(person.email, ''))",
        "email_domain(person.email ?? 'a@b.no')",
        "email_domain(if(person.mobile_phone == '+47999', 'a@yes.no', 'a@no.no'))",
        "if(person.email, email_domain(person.email), 'x')",
        "email_domain([person][0].email)",
        "email_domain(person.full_name)",
        "email_domain(person.linkedin_url ?? '')",
        "initials(person.mobile_phone)",
        "initials(person.job_title)",
        "initials(person.linkedin_url)",
        "initials(replace(person.full_name, '.', ' '))",
        "concat(initials(substring(person.full_name, 0, 1)), initials(substring(person.full_name, 1, 1)))",
        "bucket(int(person.mobile_phone), 1)",
        "bucket(int(person.mobile_phone), 1000000)",
        "bucket(length(person.full_name), 10)",
        "person.full_name | initials | concat(person.last_name)",
    ],
)
def test_a_declassifier_clears_nothing_that_was_computed_or_is_another_field(text):
    """D6.3"""
    assert set(compiled(text, entity="person").codes) == {"QM240"}


@pytest.mark.parametrize(
    "text",
    [
        "email_domain(person.email)",
        "person.email | email_domain",
        "initials(person.full_name)",
        "concat(initials(person.first_name) ?? '', initials(person.last_name) ?? '')",
        "lower(email_domain(person.email))",
    ],
)
def test_a_declassifier_clears_the_field_that_it_is_meant_for(text):
    """D6.3"""
    assert compiled(text, entity="person").good().labels == frozenset()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("bucket(person.age, 10)", []),
        ("bucket(person.age, 9)", ["QM240"]),
        ("bucket(person.age, person.sequence)", ["QM240"]),
        ("bucket(person.age * 10, 10)", ["QM240"]),
        ("bucket(person.sequence, person.age)", ["QM240"]),
    ],
)
def test_a_number_of_a_person_is_cleared_by_a_bucket_of_a_written_size(text, codes):
    """D6.3"""
    shape = entity("person")
    age = Property("age", IntType(), False, frozenset({"sensitive"}), "")
    env = replace(
        environment("person", {}, frozenset()), roots={"person": ObjectType("person", (*shape.properties, age))}
    )
    diagnostics = Diagnostics()
    compile_expression(source_text(text), env, diagnostics)
    assert [each.code for each in diagnostics] == codes


def test_what_is_written_about_a_person_needs_a_grant_like_every_other_field():
    """D6.3"""
    assert compiled("person.notes", entity="person").codes == ["QM240"]
    assert compiled("person.notes", entity="person", granted=("person.notes",)).findings == ()
    assert compiled("company.description", entity="company").findings == ()
    free = {"id", "sequence", "company_id", "country", "created_at", "updated_at", "do_not_export"}
    assert {path for path, _ in personal_inside(entity("person"), "person")} == {
        f"person.{name}" for name in entity("person").names if name not in free
    }


def test_a_whole_person_also_takes_the_notes_along():
    """D6.3"""
    granted = tuple(f"person.{name}" for name in entity("person").names if name != "notes")
    assert compiled("person", entity="person", granted=granted).only.message.startswith(
        "`person.notes` is personal data"
    )
    assert compiled("person", entity="person", granted=(*granted, "person.notes")).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "person",
        "[person]",
        "if(company.country == 'NO', person, person)",
        "case(company.country, 'NO' = person, else = person)",
    ],
)
def test_a_whole_person_is_named_by_its_own_path_whatever_chose_it(text):
    """D6.3"""
    message = compiled(text, entity="person").only.message
    assert "`person.full_name`" in message
    assert "company" not in message


def test_a_field_of_an_item_is_the_field_of_where_the_item_is_from():
    """D6.3"""
    refused = compiled("[person][0].full_name", entity="person").only
    assert refused.message.startswith("`person.full_name` is personal data")
    assert refused.help is not None
    assert "send: [person.full_name]" in refused.help
    granted = compiled("[person][0].full_name", entity="person", granted=("person.full_name",)).good()
    assert granted.reads == {"person.full_name"}


@pytest.mark.parametrize(
    "text", ["if(person.email, [person], [])[0].id", "[if(person.phone == '+4722334455', person, person)][0].country"]
)
def test_what_chose_an_object_stays_with_its_fields(text):
    """D6.3"""
    assert compiled(text, entity="person").codes == ["QM240"]


@pytest.mark.parametrize("text", ["signal.mentions", "signal", "signal.mentions[].person_id"])
def test_a_personal_field_outside_of_a_person_is_refused_without_a_grant_that_would_be_refused_too(text):
    """D6.3"""
    help_ = compiled(text).only.help or ""
    assert "cannot be granted in this version" in help_
    assert "pii:" not in help_


@pytest.mark.parametrize(
    "text",
    [
        "signal.mentions[].field",
        "signal.mentions[0].start",
        "count(signal.mentions[].field)",
        "(signal.mentions ?? [])[0].end",
        "if(signal.mentions[0].start == 0, 'first', 'later')",
    ],
)
def test_a_field_of_an_item_tells_what_its_list_tells_and_needs_the_same_grant(text):
    """D6.3"""
    refused = compiled(text)
    assert refused.codes == ["QM240"]
    assert refused.only.message.startswith("`signal.mentions` is personal data")
    granted = compiled(text, granted=("signal.mentions",)).good()
    assert "direct_identifier" in granted.labels


def test_a_grant_of_a_field_is_none_of_the_list_around_it():
    """D6.3"""
    assert compiled("signal.mentions[].person_id", granted=("signal.mentions.person_id",)).codes == ["QM240"]

"""What an accepted expression gives does not depend on what the mapping has no grant for (D6.3)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import COMPANY, INDUSTRIES, NOW, compiled
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.passes.expressions import Typed
from queast_dsl.entities import entity, personal_inside
from queast_dsl.functions.model import FunctionError

FREE = {"id": "p1", "sequence": 4, "company_id": "c1", "country": "NO", "created_at": "2026-01-01T00:00:00Z"}
# Two persons who agree in what a declassifier leaves (initials, e-mail domain) and in nothing else that is personal.
ONE = {
    **FREE,
    "full_name": "Kari Nordmann",
    "first_name": "Kari",
    "last_name": "Nordmann",
    "email": "kari@acme.no",
    "phone": "+4722123456",
    "mobile_phone": "+4799911122",
    "linkedin_url": "https://linkedin.com/in/kari",
    "job_title": "Head of Sales",
    "seniority": "director",
    "department": "sales",
    "city": "Oslo",
    "language": "no",
    "employed_since": "2020-02-01",
    "notes": "Met at a fair",
}
OTHER = {
    **FREE,
    "full_name": "Knut Nilsen",
    "first_name": "Knut",
    "last_name": "Nilsen",
    "email": "k.nilsen@acme.no",
    "phone": None,
    "mobile_phone": "+4790000001",
    "linkedin_url": None,
    "job_title": "Clerk",
    "seniority": None,
    "department": "finance",
    "city": None,
    "language": "sv",
    "employed_since": "2011-11-30",
    "notes": None,
}
PATHS = tuple(path for path, _ in personal_inside(entity("person"), "person"))
TEXTS = [path for path in PATHS if path not in ("person.employed_since", "person.seniority", "person.department")]

LEAKS = [
    "email_domain(concat('a@', replace(person.full_name, ' ', '-'), '.no'))",
    "bucket(int(person.mobile_phone), 1)",
    "initials(person.mobile_phone)",
    "email_domain(if(person.mobile_phone == '+4799911122', 'a@yes.no', 'a@no.no'))",
    "concat(initials(substring(person.full_name, 1, 1)), initials(substring(person.full_name, 2, 1)))",
    "person.notes ?? ''",
    "if(company.country == 'NO', person, person)",
    "[person][0].full_name",
    "if(person.phone, [person], [])[0].id",
    "text(length(person.notes ?? ''))",
    "case(person.city, 'Oslo' = 'a', else = 'b')",
    "join([person][].full_name, ',')",
]
PLAIN = ["'a'", "'Oslo'", "company.name", "person.id", "(company.domain ?? 'acme.no')", "(person.country ?? '')", "''"]


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def shape(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*parts).map(lambda given_: pattern.format(*given_))

    number = st.one_of(
        st.sampled_from(["1", "10", "(company.employee_count ?? 0)"]),
        shape("length({})", inner),
        shape("(int({}) ?? 0)", inner),
        shape("bucket(length({}), 10)", inner),
    )
    question = st.one_of(
        shape("{} == {}", inner, inner),
        shape("contains({}, {})", inner, inner),
        shape("is_blank({})", inner),
        shape("{} in [{}, 'b']", inner, inner),
        shape("{} > {}", number, number),
        shape("not is_blank({})", inner),
        shape("({0} == 'x' or {1} == {0})", inner, inner),
        st.sampled_from(PATHS).map("is_present({})".format),
        st.sampled_from(PATHS),
    )
    return st.one_of(
        shape("concat({}, {})", inner, inner),
        shape("if({}, {}, {})", question, inner, inner),
        shape("case({}, 'Oslo' = {}, else = {})", inner, inner, inner),
        shape("(email_domain({}) ?? '')", inner),
        shape("(email_domain({}) ?? {})", st.sampled_from(["person.email", "[person][0].email"]), inner),
        shape("initials({})", inner),
        shape("(initials({}) ?? '')", st.sampled_from(["person.first_name", "person.last_name", "person.job_title"])),
        shape("substring({}, 1, 2)", inner),
        shape("replace({}, {}, '-')", inner, inner),
        shape("text({})", number),
        shape("lower({})", inner),
        shape("[{}, {}][0]", inner, inner),
        shape("join([{}, {}], ',')", inner, inner),
        shape("(lookup({}, industries) ?? {})", inner, inner),
        shape("(if({}, [person], [])[0].id ?? '')", question),
        shape("[if({}, person, person)][0].country", question),
        shape("sha256({})", inner),
    )


LEAVES = st.one_of(
    st.sampled_from(PLAIN),
    st.sampled_from(PLAIN),
    st.sampled_from(["person.full_name", "initials(person.full_name)", *(f"({path} ?? '')" for path in TEXTS)]),
)
EXPRESSIONS = st.one_of(st.sampled_from(LEAKS), st.recursive(LEAVES, _grow, max_leaves=5))


def _outcome(typed: Typed, person: dict[str, Any]) -> tuple[str, Any]:
    run = Interpreter({"industries": INDUSTRIES}).expression(typed.ir)
    try:
        return ("gave", run({"person": person, "company": COMPANY}, NOW))
    except FunctionError as failed:
        return ("failed", failed.reason)


@pytest.mark.parametrize("text", LEAKS)
def test_a_known_way_around_is_refused(text: str) -> None:
    """D6.3"""
    assert set(compiled(text, entity="person").codes) == {"QM240"}


def test_what_is_accepted_without_a_grant_is_the_same_for_two_persons() -> None:
    """D6.3"""
    accepted: set[str] = set()

    @given(EXPRESSIONS)
    @settings(max_examples=2_500, deadline=None, database=None)
    def the_same(text: str) -> None:
        outcome = compiled(text, entity="person")
        if outcome.typed is not None:
            accepted.add(text)
            assert _outcome(outcome.typed, ONE) == _outcome(outcome.typed, OTHER), text

    the_same()
    assert len(accepted) >= 500


def test_what_is_accepted_with_grants_depends_on_what_they_name_alone() -> None:
    """D6.3"""
    accepted: set[tuple[str, frozenset[str]]] = set()

    @given(EXPRESSIONS, st.frozensets(st.sampled_from(PATHS), max_size=8))
    @settings(max_examples=2_000, deadline=None, database=None)
    def the_same(text: str, granted: frozenset[str]) -> None:
        outcome = compiled(text, entity="person", granted=tuple(sorted(granted)))
        if outcome.typed is not None:
            accepted.add((text, granted))
            agreeing = {path.removeprefix("person."): ONE[path.removeprefix("person.")] for path in granted}
            assert _outcome(outcome.typed, ONE) == _outcome(outcome.typed, {**OTHER, **agreeing}), text

    the_same()
    assert len(accepted) >= 500

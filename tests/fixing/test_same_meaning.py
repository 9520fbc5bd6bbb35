"""The fix of a warning never changes what is sent: neither what a rule proposes, nor what is offered in the end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import queast_schemas
from fixing.fixing_case import MAIN, Tenant, example
from language.random_mappings import conditions, expressions
from language.schema_events import entities
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.diff.sample_events import sample_events
from queast_compiler.lint.fixing import edited, proposals
from queast_compiler.lint.rules.applied_twice import _COVERED
from queast_compiler.lint.same_meaning import does_the_same
from queast_compiler.plan.ir import Expr
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Severity
from queast_dsl.entities import ENTITIES
from queast_dsl.functions import REGISTRY, FunctionError
from queast_runtime.engine.event import settle

NOW = datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)
BODY = """\
version: 1
description: An example
connection: warehouse
mode: live
routes:
  events:
    entity: {entity}
    events: [created]
    to: event
{lines}
"""


def body_of(entity: str, *lines: str) -> Tenant:
    return Tenant(BODY.format(entity=entity, lines="\n".join(f"    {line}" for line in lines)))


def value(expression: str, entity: str = "company") -> Tenant:
    return body_of(entity, "body:", f"  id: {entity}.id", f'  value: "{expression}"')


def asked(condition: str) -> Tenant:
    return body_of("company", f'when: "{condition}"', "body: {id: company.id}")


@pytest.mark.parametrize(
    ("expression", "after"),
    [
        ("not not company.bookmarked", "company.bookmarked"),
        ("not not (company.city == 'a')", "company.city == 'a'"),
        ("if(not not company.city, 'a', 'b')", "if(company.city, 'a', 'b')"),
        ("if(count(company.technologies) > 0, 'a', 'b')", "if(not is_empty(company.technologies), 'a', 'b')"),
        ("company.city | lower | lower", "company.city | lower"),
        (
            "if(company.employee_count_change_12m > 0, substring(company.name, 9223372036854775807), "
            "substring(company.name, 9223372036854775807))",
            "substring(company.name, 9223372036854775807)",
        ),
    ],
)
def test_what_means_the_same_is_fixed(expression: str, after: str) -> None:
    assert f'value: "{after}"' in value(expression).fixed_text()


@pytest.mark.parametrize(
    "expression",
    [
        "not not company.city",
        "if(not (count(company.technologies) > 0), 'a', 'b')",
        "count(company.technologies) == 0",
        "count(company.technologies) > 0",
        "length(company.city) > 0",
        "company.city | upper | lower",
        "company.city | title | upper",
        "company.domain | domain",
        "lower(company.city) == 'Oslo'",
    ],
)
def test_what_would_send_something_else_is_left_alone(expression: str) -> None:
    tenant = value(expression)
    assert tenant.fixed_text() == tenant.text


def test_the_address_of_a_person_does_not_take_the_place_of_whether_there_is_one() -> None:
    granted = body_of("person", "body:", "  value: not not person.email")
    text = granted.text + (
        "pii: {send: [person.email], purpose: sales_outreach, basis: legitimate_interest}\n"  # the fix would go through
    )
    tenant = Tenant(text)
    assert tenant.fixed_text() == tenant.text


@pytest.mark.parametrize("condition", ["count(company.technologies) == 0", "length(company.city) > 0"])
def test_a_condition_that_null_or_blanks_would_turn_is_reported_and_left_alone(condition: str) -> None:
    tenant = asked(condition)
    assert [each.code for each in tenant.findings()] == ["QM812"]
    assert tenant.fixed_text() == tenant.text


def test_a_double_negation_that_is_a_condition_is_fixed() -> None:
    assert 'when: "company.city"' in asked("not not company.city").fixed_text()


def test_a_required_property_is_never_given_a_made_up_value() -> None:
    tenant = example("name: company.legal_name")
    assert [each.code for each in tenant.findings()] == ["QM322"]
    assert tenant.fixed_text() == tenant.text


@pytest.mark.parametrize("entity", ENTITIES)
def test_sample_events_are_admitted_by_the_schemas_and_always_the_same(entity: str) -> None:
    documents = {each: queast_schemas.load(each) for each in ENTITIES}
    known = Registry().with_resources(
        (f"{name}.schema.json", Resource.from_contents(document)) for name, document in documents.items()
    )
    found = sample_events(entity, ["Oslo", "NO", "acme.no", "software", 5, 2.5, True, None])
    assert found == sample_events(entity, ["Oslo", "NO", "acme.no", "software", 5, 2.5, True, None])
    for event in found:
        for name, data in event.items():
            assert list(Draft202012Validator(documents[name], registry=known).iter_errors(data)) == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_number_of_a_sample_event_is_past_what_expressions_read(entity: str) -> None:
    found = sample_events(entity, [2**63 - 1, -(2**63), 1e300, -1.7e308])
    whole = [each for event in found for each in scalars(event) if isinstance(each, int)]
    assert {2**63 - 1, -(2**63)} & set(whole) if entity == "company" else whole
    assert all(-(2**63) <= each < 2**63 for each in whole)


def scalars(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if inner is None else [found for each in inner for found in scalars(each)]


@pytest.mark.parametrize(("outer", "inner"), [(a, b) for a, inner in _COVERED.items() for b in sorted(inner)])
def test_what_is_covered_by_another_function_is_so_for_every_text(outer: str, inner: str) -> None:
    first, second = REGISTRY[inner].python, REGISTRY[outer].python
    is_of_lists = REGISTRY[outer].params[0].accepts.startswith("list")
    texts: SearchStrategy[Any] = st.text() | st.text("ßİıΑΣσςŉﬃe\u0301\u0345 \t\n\u00a0\u2003aA", max_size=12)
    subjects = st.lists(st.sampled_from(["a", "A", "b", "ß"])) if is_of_lists else texts

    @settings(max_examples=600, deadline=None, database=None)
    @given(subjects)
    def check(text: Any) -> None:
        try:
            made = first(text)
        except FunctionError:
            return
        alone = second(text)
        assert made is None or second(made) == alone
        assert made is not None or alone is None

    check()


TEXT_SHAPES = (
    *("{x} | trim | trim", "{x} | lower | lower", "{x} | upper | lower", "{x} | trim | squeeze", "({x}) ?? null"),
    *("case({x}, 'a' = {y}, else = null)", "if({c}, {x}, {x})", "first(split({x}, ','))", "({x} | split('a'))[0]"),
    "if({x} == 'a', {y}, if({x} == 'NO', 'b', if({x} == 'c', 'd', {y})))",
    "replace_pattern({x}, 'a', {y})",
)
ASKED_SHAPES = (
    *("not not ({x})", "not not ({c})", "not (({x}) == ({y}))", "not (({x}) in ['a', 'NO'])", "matches({x}, 'NO')"),
    *("count({l}) > 0", "count({l}) == 0", "length({x}) > 0", "length({x}) != 0", "({c}) and count({l}) != 0"),
    *("not (count({l}) > 0)", "count(signal.tags) <= 0", "lower({x}) == 'Oslo'", "({c}) or not not ({x})"),
)


@st.composite
def shaped(draw: st.DrawFn, shapes: tuple[str, ...]) -> str:
    parts = {
        "x": draw(expressions("company", "str", 1)),
        "y": draw(expressions("company", "str", 0)),
        "c": draw(conditions("company", 0)),
        "l": draw(expressions("company", "list_str", 0)),
    }
    return draw(st.sampled_from(shapes)).format(**parts).replace("signal.tags", "company.technologies")


@st.composite
def mappings(draw: st.DrawFn) -> str:
    asks = draw(shaped(ASKED_SHAPES))
    lines = ["body:", *(f"  v{n}: {written(draw(shaped(TEXT_SHAPES)))}" for n in range(2))]
    lines += [f"  q{n}: {written(draw(shaped(ASKED_SHAPES)))}" for n in range(2)]
    return body_of("company", f"when: {written(asks)}", *lines).text + "tables:\n  rows: {NO: Norway, a: b}\n"


def written(expression: str) -> str:
    return "'" + expression.replace("'", "''") + "'"


def without_errors(text: str) -> Tenant:
    """Leave out the lines that are refused: what is asked here begins with what compiles."""
    while True:
        tenant = Tenant(text)
        errors = [each for each in tenant.findings() if each.severity is Severity.ERROR]
        if not errors:
            return tenant
        refused = {each.span.line - 1 for each in errors if each.span is not None}
        kept = [line for n, line in enumerate(text.splitlines(keepends=True)) if n not in refused]
        text = "".join(kept) if "    body:\n" in kept else text
        if kept and kept[-1].startswith("    body:"):
            text += "      id: company.id\n"


def outcomes(plan: MappingPlan, event: dict[str, Any]) -> dict[str, str]:
    """What becomes of one event: whether the route takes it, and each value of the body."""
    (route,) = plan.routes
    reference = Interpreter({name: dict(rows) for name, rows in plan.tables})

    def outcome(expr: Expr | None) -> Any:
        try:
            return None if expr is None else reference.expression(expr)(event, NOW)
        except Exception:  # noqa: BLE001 - that there is no value is what is compared
            return "fails"

    takes = route.when is None or outcome(route.when) is True
    return {"takes": repr(takes), "body": repr(outcome(route.body))}


@pytest.mark.parametrize(
    "examples", [pytest.param(20, id="short"), pytest.param(1_000, id="long", marks=pytest.mark.soak)]
)
def test_what_rules_propose_gives_the_same_for_every_event(examples: int) -> None:
    """Each proposal alone, before anything compares plans; and `does_the_same` agrees."""
    compared = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW, database=None)
    @given(mappings(), st.lists(entities("company"), min_size=6, max_size=6))
    def check(text: str, drawn: list[dict[str, Any]]) -> None:
        nonlocal compared
        tenant = without_errors(text)
        before = tenant.check(tenant.texts)
        (old,) = before.compiled.mappings
        for proposal in proposals(before.findings, tenant.texts):
            after = tenant.check({MAIN: edited(tenant.text, proposal.edits)})
            if not after.compiled.mappings:
                continue
            (new,) = after.compiled.mappings
            assert does_the_same(old, new), proposal
            for data in drawn:
                # As the engine admits it.
                assert settle(data)
                assert outcomes(old, {"company": data}) == outcomes(new, {"company": data}), proposal
                compared += 1

    check()
    assert compared >= examples

"""An accepted mapping maps every event that the schemas admit: a field may fail for a reason of its own, none raises.

Mappings are written as YAML and compiled as a tenant's are, what they refuse left out; events come from the schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import queast_schemas
from compiler.tenant_folder import CONNECTIONS, account_file, property_entry
from language.random_mappings import conditions, expressions, templates
from language.schema_events import entities
from plans.test_two_back_ends import exactly
from queast_compiler.codegen import EvaluationFailed, load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.canonical import dumps, loads
from queast_compiler.plan.codec import decode_mapping, encode
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics, Severity
from queast_dsl.functions import REGISTRY
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.engine.event import settle

NOW = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)
# The account's own properties, by the kind of expression that is written into them.
PROPERTIES = {
    **{f"s{n}": ("string", "str") for n in range(5)},
    **{f"n{n}": ("number", "num") for n in range(3)},
    **{f"i{n}": ("integer", "int") for n in range(3)},
    "d0": ("date", "date"),
    "d1": ("date", "date"),
    "m0": ("datetime", "datetime"),
    "m1": ("datetime", "datetime"),
    "b0": ("boolean", "bool"),
    "b1": ("boolean", "bool"),
    "t0": ("string", "str"),
}
KINDS = ("str", "int", "num", "bool", "date", "datetime", "list_str")
# Why a value may fail on an event that its schema admits: bounds of numbers, of lengths, and what a function says.
CALCULATION = {
    "division by zero",
    "the result is past the bounds of an integer",
    "the result is no finite number",
}
LENGTH = re.compile(r"[0-9]+ characters, the property takes [0-9]+|.* longer than 65536 characters")
PARTIAL = frozenset(each.name for each in REGISTRY.values() if not each.total)
# What only an event that its schema refuses can cause.
MISFIT = re.compile(r"is missing|expected |is not a (?:date|time)|is null|cannot be null")


@dataclass(frozen=True)
class Slot:
    """One line of a mapping, that can be left out or replaced where the compiler refuses it."""

    line: str
    instead: str | None = None


@cache
def account() -> bytes:
    own = account_file()
    entries = {name: property_entry(name, kind) for name, (kind, _) in PROPERTIES.items()}
    entries["t0"] = {**entries["t0"], "max_length": 12}
    objects: Any = own["objects"]
    objects["companies"]["properties"] |= entries
    return json.dumps(own).encode()


def scalar(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@st.composite
def companies(draw: st.DrawFn) -> tuple[Slot, ...]:
    fields = [
        Slot(f"      {name}: {scalar(draw(expressions('company', kind)))}") for name, (_, kind) in PROPERTIES.items()
    ]
    fields += [
        Slot(f"      {name}: {{template: {scalar(draw(templates('company')))}}}") for name in ("city", "description")
    ]
    return (
        Slot("connection: hubspot-main"),
        Slot("scope:"),
        Slot(f"  where: {scalar(draw(conditions('company', 2)))}", "  companies: all"),
        *map(Slot, ("routes:", "  companies:", "    entity: company", "    events: [created, updated]")),
        *map(Slot, ("    to: companies", "    write: always")),
        Slot(f"    when: {scalar(draw(conditions('company', 2)))}", ""),
        *map(Slot, ("    fields:", "      name: company.name")),
        *fields,
    )


@st.composite
def notes(draw: st.DrawFn) -> tuple[Slot, ...]:
    return (
        *map(Slot, ("connection: hubspot-main", "routes:", "  notes:", "    entity: signal", "    events: [created]")),
        *map(Slot, ("    to: notes", "    attach_to: [company]")),
        Slot(f"    when: {scalar(draw(conditions('signal', 2)))}", ""),
        *map(Slot, ("    fields:", "      hs_timestamp: signal.occurred_at")),
        Slot(
            f"      hs_note_body: {{template: {scalar(draw(templates('signal', 2)))}}}", "      hs_note_body: signal.id"
        ),
    )


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Slot, ...]:
    leaves = [Slot(f"      {kind}: {scalar(draw(expressions('signal', kind)))}") for kind in KINDS]
    each = draw(expressions("signal", "list_str", 1))
    return (
        *map(Slot, ("connection: warehouse", "routes:", "  signals:", "    entity: signal", "    events: [created]")),
        *map(Slot, ("    to: event", "    headers:", "      X-Id: {const: a}")),
        Slot(f"      X-Text: {scalar(draw(expressions('signal', 'str', 1)))}"),
        *map(Slot, ("    body:", "      id: signal.sequence")),
        *leaves,
        Slot(f"      items: {{each: {scalar(each)}, as: item, body: {{name: item}}}}"),
        Slot(f"      text: {{template: {scalar(draw(templates('signal')))}}}"),
    )


TABLE = (Slot("tables:"), Slot("  rows: {NO: Norway, a: b, software: ''}"))


def accepted(slots: tuple[Slot, ...]) -> tuple[MappingPlan, tuple[str, ...]]:
    """Compile the mapping without the lines that the compiler refuses; return the plan and the lines that are left."""
    left = [Slot("version: 1"), Slot("mode: live"), *slots, *TABLE]
    while True:
        diagnostics = Diagnostics()
        text = "\n".join(each.line for each in left) + "\n"
        sources = {
            "policy.yaml": b"version: 1\n",
            "acme/connections.yaml": CONNECTIONS.encode(),
            "acme/accounts/hubspot-main.json": account(),
            "acme/main.yaml": text.encode(),
        }
        documents = load_tenant(Path(), "acme", diagnostics, sources=sources)
        compiled = compile_tenant(
            documents,
            diagnostics,
            today=date(2026, 6, 1),
            connectors=lambda name, found=diagnostics: load_connector(name, found),
        )
        errors = [each for each in diagnostics.findings if each.severity is Severity.ERROR]
        if not errors:
            (plan,) = compiled.mappings
            return decode_mapping(loads(dumps(encode(plan)))), tuple(each.line for each in left)
        refused = {each.span.line - 1 for each in errors if each.span is not None}
        assert refused, errors
        left = [
            slot if number not in refused else replace(slot, line=slot.instead or "", instead=None)
            for number, slot in enumerate(left)
            if number not in refused or slot.instead is not None
        ]


def fails_for_a_reason_of_its_own(reason: str, line: str) -> bool:
    """Whether what the field's line says can be the cause; a null or another kind of value never is."""
    if MISFIT.search(reason):
        return False
    calls = set(re.findall(r"([a-z_0-9]+)\(", line))
    if reason in CALCULATION:
        return bool(re.search(r" [-+*/%] |\(-", line) or calls & PARTIAL)
    return LENGTH.fullmatch(reason) is not None or bool(calls & PARTIAL)


def reason_of(whole: Callable[[dict[str, Any], datetime], Any], data: dict[str, Any]) -> str:
    """Why a condition, a body or headers fail as a whole, empty where they do not."""
    try:
        whole(data, NOW)
    except EvaluationFailed as failed:
        return failed.reason
    return ""


def run(slots: tuple[Slot, ...], events: list[dict[str, Any]]) -> int:
    """Map every event with both back ends; return how many values were made."""
    plan, lines = accepted(slots)
    loaded = load_mapping(plan)
    (route,) = loaded.routes
    reference = Interpreter({name: dict(rows) for name, rows in plan.tables}).route(plan.routes[0])
    made = 0
    for event in events:
        # As the engine admits it.
        assert settle(event)
        record = route.evaluate(event, NOW)
        if plan.routes[0].fields:
            assert exactly(record) == exactly(reference(event, NOW))
        for failure in record.failures:
            assert fails_for_a_reason_of_its_own(failure.reason, lines[failure.line - 1]), (failure, event)
        made += len(record.values)
        roots = event if "company" in event else {"company": event["signal"]["company"]}
        for whole, data in ((route.when, event), (route.body, event), (route.headers, event), (loaded.where, roots)):
            assert MISFIT.search(reason_of(whole, data)) is None, event
    return made


@given(st.sampled_from(["company", "signal", "job_ad", "person"]).flatmap(lambda n: st.tuples(st.just(n), entities(n))))
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
def test_the_events_are_admitted_by_the_schemas(drawn: tuple[str, dict[str, Any]]) -> None:
    name, event = drawn
    documents = [(each, queast_schemas.load(each)) for each in ("company", "signal", "job_ad", "person")]
    known = Registry().with_resources((f"{n}.schema.json", Resource.from_contents(d)) for n, d in documents)
    assert list(Draft202012Validator(dict(documents)[name], registry=known).iter_errors(event)) == []


EXAMPLES = [pytest.param(60, id="short"), pytest.param(2_000, id="long", marks=pytest.mark.soak)]


@pytest.mark.parametrize("examples", EXAMPLES)
def test_no_field_raises_on_any_event_that_its_schema_admits(examples: int) -> None:
    made = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW, database=None)
    @given(companies(), st.lists(entities("company"), min_size=4, max_size=4))
    def check(slots: tuple[Slot, ...], drawn: list[dict[str, Any]]) -> None:
        nonlocal made
        made += run(slots, [{"company": each} for each in drawn])

    check()
    assert made >= examples * 4 * 5, "most fields are accepted and have a value"


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("kind", ["note", "body"])
def test_no_note_and_no_body_raises_on_any_event_that_its_schema_admits(kind: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW, database=None)
    @given(notes() if kind == "note" else bodies(), st.lists(entities("signal"), min_size=4, max_size=4))
    def check(slots: tuple[Slot, ...], drawn: list[dict[str, Any]]) -> None:
        run(slots, [{"signal": each} for each in drawn])

    check()


def test_the_lines_that_are_refused_are_left_out_and_the_others_kept() -> None:
    """So that the tests above are about mappings with many fields, and not about empty ones."""
    fields = ("      city: company.city", "      zip: company.cty", "      state: company.name ?? company.city")
    slots = (
        *map(Slot, ("connection: hubspot-main", "routes:", "  companies:", "    entity: company")),
        *map(Slot, ("    events: [created]", "    to: companies", "    write: always", "    fields:")),
        *map(Slot, ("      name: company.name", *fields)),
    )
    plan, lines = accepted(slots)
    assert [each.property for each in plan.routes[0].fields] == ["name", "city"]
    assert fields[0] in lines
    assert fields[1] not in lines

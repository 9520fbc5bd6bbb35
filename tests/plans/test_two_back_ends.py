"""Generated code and the interpreter agree, on events that fit and on events that do not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plans.generated import TABLES, conditions, events, lists, routes_fields
from plans.samples import mapping_plan, route_plan
from queast_compiler.codegen import EvaluationFailed, load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.plan import ir
from queast_compiler.plan.canonical import dumps, loads
from queast_compiler.plan.codec import decode_mapping, encode
from queast_compiler.plan.mapping import FieldPlan

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ROWS = {name: dict(rows) for name, rows in TABLES}
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def exactly(value: Any) -> Any:
    """Make 1, 1.0 and True differ, and NaN equal itself."""
    match value:
        case dict():
            return {key: exactly(item) for key, item in value.items()}
        case list() | tuple():
            return [exactly(item) for item in value]
        case _:
            return type(value).__name__, repr(value)


def agree_on_records(fields: tuple[FieldPlan, ...], *some: dict[str, Any]) -> None:
    plan = mapping_plan(route_plan(*fields), tables=TABLES)
    generated = load_mapping(plan).routes[0].evaluate
    reference = Interpreter(ROWS).route(plan.routes[0])
    for event in some:
        assert exactly(generated(event, NOW)) == exactly(reference(event, NOW))


def outcome(run: Any) -> Any:
    try:
        return exactly(run())
    except EvaluationFailed as error:
        return ("failed", error.reason)


def agree_on_conditions(when: ir.Expr, body: ir.Expr, event: dict[str, Any]) -> None:
    plan = mapping_plan(route_plan(when=when, body=body), where=when, tables=TABLES)
    mapping = load_mapping(plan)
    reference = Interpreter(ROWS).trace(route_plan(), event, NOW)
    assert reference == ()
    interpreted = Interpreter(ROWS).expression(when)
    found = outcome(lambda: mapping.where(event, NOW))
    assert found == outcome(lambda: mapping.routes[0].when(event, NOW))
    if found[0] == "failed":
        with pytest.raises(Exception):  # noqa: B017 - of whatever kind: the reason was compared above
            interpreted(event, NOW)
    else:
        assert found == exactly(interpreted(event, NOW) is True)


def test_a_record_is_the_same_from_both_back_ends() -> None:
    """At least 20,000 times an expression over an event, the same event never counted twice for an expression."""
    compared = 0

    @settings(max_examples=900, deadline=None, suppress_health_check=SLOW, database=None)
    @given(routes_fields(), st.lists(events(), min_size=10, max_size=12, unique_by=repr))
    def compare(fields: tuple[FieldPlan, ...], some: list[dict[str, Any]]) -> None:
        nonlocal compared
        agree_on_records(fields, *some)
        compared += len(fields) * len(some)

    compare()
    assert compared >= 20_000


@settings(max_examples=700, deadline=None, suppress_health_check=SLOW)
@given(conditions(3), lists(1), events())
def test_a_condition_and_a_body_are_the_same_from_both_back_ends(
    when: ir.Expr, body: ir.Expr, event: dict[str, Any]
) -> None:
    agree_on_conditions(when, body, event)


@pytest.mark.soak
@settings(max_examples=50_000, deadline=None, suppress_health_check=SLOW)
@given(routes_fields(), events())
def test_records_agree_over_a_long_run(fields: tuple[FieldPlan, ...], event: dict[str, Any]) -> None:
    agree_on_records(fields, event)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(routes_fields(), conditions(2), lists(1))
def test_a_plan_survives_being_written_and_read(fields: tuple[FieldPlan, ...], when: ir.Expr, body: ir.Expr) -> None:
    plan = mapping_plan(route_plan(*fields, when=when), route_plan(body=body), where=when, tables=TABLES)
    data = dumps(encode(plan))
    assert decode_mapping(loads(data)) == plan
    assert dumps(encode(decode_mapping(loads(data)))) == data


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    )
)
def test_canonical_json_reads_back_to_the_same_value(value: Any) -> None:
    data = dumps({"value": value})
    assert exactly(loads(data)["value"]) == exactly(value)

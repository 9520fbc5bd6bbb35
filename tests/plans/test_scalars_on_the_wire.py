"""Texts of dates and times, and numbers, sent in every form: both back ends give the same, whatever the text holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.samples import field_plan, mapping_plan, route_plan
from queast_compiler.codegen import load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import Wire
from queast_dsl.functions.markup import number_text

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
CHARACTERS = "0123456789-:TZWtz+., \0é٣"
# Forms that Python reads and the language does not are among them.
TIMES = (
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00.123456Z",
    "2026-01-31T12:00:00+02:00",
    "2026-01-31 12:00:00Z",
    "20260131T120000.123Z",
    "2026-W05-6T12:00:00Z",
    "2026W05-120000.1234Z",
    "2026-01-31T120000.1Z",
    "2026-01-31T12:00:00Z\0",
    "2026-01-31T12:00:00Z\0\0\0",
    "2026-02-30T12:00:00Z",
    "2026-01-31T24:00:00Z",
)
DATES = ("2026-01-31", "20260131", "2026-W05-6", "2026W056", "2026-02-30", "2026-01-31\0")


@st.composite
def nearly(draw: st.DrawFn, texts: tuple[str, ...]) -> str:
    """One of the texts with up to three characters put in, taken out or replaced."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *CHARACTERS])) + text[at + draw(st.integers(0, 1)) :]
    return text


def agree(kind: ir.Kind, wires: tuple[Wire, ...]) -> Callable[[Any], None]:
    """Return the check that both back ends make the same of a value in each form, also of one in an inner object."""
    plain = ir.Path("company", ("value",), kind, (True,))
    inner = ir.Path("company", ("within", "value"), kind, (True, False))
    plan = mapping_plan(*(route_plan(field_plan("p", path, wire=wire)) for wire in wires for path in (plain, inner)))
    generated = [route.evaluate for route in load_mapping(plan).routes]
    references = [Interpreter({}).route(route) for route in plan.routes]

    def check(value: Any) -> None:
        event = {"company": {"value": value, "within": {"value": value}}}
        for evaluate, reference in zip(generated, references, strict=True):
            assert repr(evaluate(event, NOW)) == repr(reference(event, NOW))

    return check


TIME_WIRES: tuple[Wire, ...] = (
    "native",
    "string",
    "datetime_iso_ms",
    "datetime_epoch_ms",
    "datetime_space_utc",
    "date_iso",
    "date_midnight_ms",
)
DATE_WIRES: tuple[Wire, ...] = ("native", "string", "date_iso", "date_midnight_ms")
agree_on_time, agree_on_date = agree("datetime", TIME_WIRES), agree("date", DATE_WIRES)
agree_on_number, agree_on_integer = agree("num", ("native", "string")), agree("int", ("native", "string"))


@settings(max_examples=1_000, deadline=None)
@given(nearly(TIMES))
def test_both_back_ends_make_the_same_of_the_text_of_a_time(text: str) -> None:
    agree_on_time(text)


@settings(max_examples=500, deadline=None)
@given(nearly(DATES))
def test_both_back_ends_make_the_same_of_the_text_of_a_date(text: str) -> None:
    agree_on_date(text)


@pytest.mark.parametrize("text", TIMES)
def test_both_back_ends_make_the_same_of_every_form_of_a_time(text: str) -> None:
    agree_on_time(text)


@pytest.mark.parametrize("text", DATES)
def test_both_back_ends_make_the_same_of_every_form_of_a_date(text: str) -> None:
    agree_on_date(text)


def test_a_time_with_a_nul_behind_it_is_no_time() -> None:
    """Python reads it as one."""
    path = ir.Path("company", ("value",), "datetime", (True,))
    evaluate = load_mapping(mapping_plan(route_plan(field_plan("p", path, wire="datetime_iso_ms")))).routes[0].evaluate
    record = evaluate({"company": {"value": "2026-01-31T12:00:00Z\0"}}, NOW)
    assert record.values == {}
    assert [failure.property for failure in record.failures] == ["p"]


@settings(max_examples=1_000, deadline=None)
@given(st.floats() | st.integers() | st.sampled_from([True, None, "1"]))
def test_both_back_ends_make_the_same_of_a_number(value: Any) -> None:
    agree_on_number(value)
    agree_on_integer(value)


@pytest.mark.parametrize(
    "value", [1 << 30, (1 << 30) - 1, -(1 << 30), 1 << 63, (1 << 63) - 1, -(1 << 63), -(1 << 63) - 1]
)
def test_both_back_ends_agree_on_where_integers_end(value: int) -> None:
    agree_on_number(value)
    agree_on_integer(value)


@settings(max_examples=2_000, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_digits_of_a_number_are_those_that_python_writes(value: float) -> None:
    """Generated code takes them from orjson, the language from `repr`."""
    written = orjson.dumps(value).decode()
    assert (number_text(value) if "e" in written else written.removesuffix(".0")) == number_text(value)
